using System.Runtime.CompilerServices;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>
/// A detailed core's own clock against the reference clock, which is that of P-state 0 and of the TSC. The pipeline counts its own cycles;
/// everything outside it (the other cores, caches shared with them, DRAM, devices, clocks) counts reference cycles. In P-state 0 both advance
/// together; in a slower one a core cycle begins at the first reference cycle that does not lie before its exact place.
/// </summary>
public sealed class CoreClock
{
    private ulong _reference, _own;
    private uint _multiply = 1, _divide = 1;

    /// <summary>The core runs at the reference clock.</summary>
    public bool IsFull => _multiply == _divide;

    /// <summary>The core goes on from a cycle at a speed.</summary>
    /// <param name="reference">The reference cycle.</param>
    /// <param name="own">The core's own cycle that begins there.</param>
    /// <param name="multiply">Core cycles in <paramref name="divide"/> reference cycles; not 0, and not more than those.</param>
    /// <param name="divide">Reference cycles.</param>
    public void Set(ulong reference, ulong own, uint multiply, uint divide) => (_reference, _own, _multiply, _divide) = (reference, own, multiply, divide);

    /// <summary>The reference cycle in which an own cycle begins.</summary>
    /// <param name="own">The own cycle; one before the last <see cref="Set"/> counts as one of the reference clock.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong ReferenceOf(ulong own) => IsFull ? own - _own + _reference : ScaledReference(own);

    /// <summary>The first own cycle that does not begin before a reference cycle; the first one of all for what lies before the last <see cref="Set"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong At(ulong reference) =>
        reference <= _reference ? _own : reference == ulong.MaxValue ? reference : IsFull ? reference - _reference + _own : ScaledOwn(reference);

    /// <summary>The reference cycle in which the core's cycle begins that is so many cycles behind the one at a reference cycle.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Later(ulong reference, ulong cycles) => IsFull ? reference + cycles : ReferenceOf(At(reference) + cycles);

    /// <summary>Whether this clock is faster than another.</summary>
    public bool IsFasterThan(CoreClock other) => (ulong)_multiply * other._divide > (ulong)other._multiply * _divide;

    /// <summary>How many own cycles a span of reference cycles takes, rounded up.</summary>
    public ulong Span(ulong reference) => IsFull ? reference : (ulong)((((UInt128)reference * _multiply) + _divide - 1) / _divide);

    internal void Save(StateWriter writer)
    {
        writer.UInt64(_reference);
        writer.UInt64(_own);
        writer.UInt32(_multiply);
        writer.UInt32(_divide);
    }

    internal void Restore(StateReader reader)
    {
        (_reference, _own, _multiply, _divide) = (reader.UInt64(), reader.UInt64(), reader.UInt32(), reader.UInt32());
        if (_multiply == 0 || _multiply > _divide)
            throw reader.Wrong($"a core cannot run at {_multiply}/{_divide} of its clock");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ScaledReference(ulong own)
    {
        // What is in flight when the speed changes may have stages from before.
        if (own < _own)
            return _reference - (_own - own);
        return _reference + (ulong)((((UInt128)(own - _own) * _divide) + _multiply - 1) / _multiply);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong ScaledOwn(ulong reference) => _own + (ulong)((UInt128)(reference - _reference - 1) * _multiply / _divide) + 1;
}
