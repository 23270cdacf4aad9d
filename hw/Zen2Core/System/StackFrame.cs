using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>A stack being pushed to or popped from by microcode; RSP changes only by <see cref="Commit"/>.</summary>
internal unsafe ref struct StackFrame
{
    private readonly CoreContext _core;
    private readonly CpuState* _s;
    private readonly SegmentRegister _segment;
    private readonly ulong _mask;
    private readonly uint _error;

    /// <summary>The current stack.</summary>
    public StackFrame(CoreContext core)
    {
        _core = core;
        _s = core.State;
        Pointer = _s->Gpr[4];
        int bytes = ModeKeys.StackBytes(_s->ModeKey);
        _mask = bytes switch { 8 => ulong.MaxValue, 4 => uint.MaxValue, _ => 0xFFFF };
        _segment = CpuState.Segment(_s, SegmentIndex.Ss);
    }

    /// <summary>The stack of an inner privilege level in legacy mode; its faults carry its selector.</summary>
    public StackFrame(CoreContext core, ulong pointer, scoped in SegmentRegister segment)
    {
        _core = core;
        _s = core.State;
        Pointer = pointer;
        _segment = segment;
        _mask = (segment.Attributes & SegmentRegister.Big) != 0 ? uint.MaxValue : 0xFFFFu;
        _error = (uint)(segment.Selector & 0xFFFC);
    }

    /// <summary>A stack of 64-bit mode.</summary>
    public StackFrame(CoreContext core, ulong pointer)
    {
        _core = core;
        _s = core.State;
        Pointer = pointer;
        _mask = ulong.MaxValue;
    }

    /// <summary>The stack pointer so far.</summary>
    public ulong Pointer { get; private set; }

    /// <summary>True for accesses by the processor itself while it changes privilege.</summary>
    public bool AsSupervisor { get; init; }

    /// <summary>Pushes. False: the fault is recorded.</summary>
    public bool Push(int bytes, ulong value)
    {
        ulong pointer = Next((Pointer - (uint)bytes) & _mask);
        if (!Linear(pointer, bytes, out ulong linear))
            return false;
        WriteOutcome outcome = AsSupervisor
            ? _core.Virtual.WriteSystem(linear, bytes, value)
            : _core.Virtual.Write(linear, bytes, value, 0);
        if (outcome == WriteOutcome.Fault)
            return Failed();
        Pointer = pointer;
        return true;
    }

    /// <summary>Pops, zero-extended. False: the fault is recorded.</summary>
    public bool Pop(int bytes, out ulong value)
    {
        value = 0;
        if (!Linear(Pointer, bytes, out ulong linear))
            return false;
        if (!_core.Virtual.Read(linear, bytes, 0, out value))
            return Failed();
        Pointer = Next((Pointer + (uint)bytes) & _mask);
        return true;
    }

    /// <summary>Skips or reserves bytes.</summary>
    public void Skip(long bytes) => Pointer = Next((Pointer + (ulong)bytes) & _mask);

    /// <summary>Makes the pointer architectural.</summary>
    public readonly void Commit() => _s->Gpr[4] = Pointer;

    private readonly ulong Next(ulong masked) => (Pointer & ~_mask) | masked;

    /// <summary>Adds the base and checks the limit; an expand-down stack lies above its limit (AMD APM vol. 2, 4.12).</summary>
    private readonly bool Linear(ulong pointer, int bytes, out ulong linear)
    {
        linear = pointer;
        if (_mask == ulong.MaxValue)
            return true;
        ulong offset = pointer & _mask, last = offset + (uint)bytes - 1;
        linear = (uint)(_segment.Base + offset);
        bool expandDown = (_segment.Type & 0xC) == 4;
        ulong top = (_segment.Attributes & SegmentRegister.Big) != 0 ? uint.MaxValue : 0xFFFF;
        if (expandDown ? offset > _segment.Limit && last <= top : last <= _segment.Limit)
            return true;
        _core.Raise(ExceptionVector.Stack, _error);
        return false;
    }

    /// <summary>Non-canonical stack addresses raise #SS (AMD APM vol. 2, 8.2.13).</summary>
    private readonly bool Failed()
    {
        if (_s->Host.FaultVector == ExceptionVector.GeneralProtection)
            _s->Host.FaultVector = ExceptionVector.Stack;
        return false;
    }
}
