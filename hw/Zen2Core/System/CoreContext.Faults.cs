using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core;

/// <summary>How microcode reports faults.</summary>
public sealed unsafe partial class CoreContext
{
    /// <summary>Set when a store by microcode invalidated decoded code.</summary>
    internal bool CodeChanged { get; set; }

    /// <summary>Exceptions delivered so far, by vector.</summary>
    public ReadOnlySpan<ulong> ExceptionCounts => _exceptionCounts;

    /// <summary>Exceptions, interrupts and SMIs delivered so far: changes of the flow of control that no instruction makes.</summary>
    internal ulong EventsDelivered => InterruptsTaken + SystemManagementInterruptsTaken + _exceptions;

    internal void CountException(uint vector)
    {
        _exceptionCounts[vector & 31]++;
        _exceptions++;
    }

    private ulong _exceptions;

    private readonly ulong[] _exceptionCounts = new ulong[32];

    /// <summary>Records a fault without error code (or with error code 0).</summary>
    public MicrocodeResult Raise(uint vector) => Raise(vector, 0);

    /// <summary>Records a fault.</summary>
    public MicrocodeResult Raise(uint vector, uint errorCode)
    {
        State->Host.FaultVector = vector;
        State->Host.FaultError = errorCode;
        return MicrocodeResult.Fault;
    }
}
