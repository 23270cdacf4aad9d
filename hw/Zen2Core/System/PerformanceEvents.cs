namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>What a core can count; the functional engine knows the first four and branches, but predicts none; the detailed engine knows all.</summary>
public enum CoreEvent : byte
{
    /// <summary>Nothing, or an event that is not modelled.</summary>
    None,

    /// <summary>Cycles not halted.</summary>
    Cycles,

    /// <summary>Instructions retired.</summary>
    Instructions,

    /// <summary>Interrupts and NMIs taken.</summary>
    InterruptsTaken,

    /// <summary>System management interrupts taken.</summary>
    SystemManagementInterrupts,

    /// <summary>Micro-ops retired.</summary>
    MicroOps,

    /// <summary>Instructions retired that may change the flow of control (<see cref="Isa.ControlTransfers"/>), and exceptions and interrupts.</summary>
    Branches,

    /// <summary>Those of them that did.</summary>
    TakenBranches,

    /// <summary>Branches retired that went another way than predicted.</summary>
    Mispredictions,

    /// <summary>Loads retired.</summary>
    Loads,

    /// <summary>Stores retired.</summary>
    Stores,

    /// <summary>Requests to the first-level data cache.</summary>
    DataAccesses,

    /// <summary>Lines that the first-level data cache missed.</summary>
    DataMisses,

    /// <summary>Lines that the instruction cache missed.</summary>
    InstructionMisses,

    /// <summary>Translations that the first-level data TLB missed.</summary>
    DataTlbMisses,
}

/// <summary>Event selects and unit masks (family 17h model 31h PPR 55803, 2.1.15.4).</summary>
public static class PerformanceEvents
{
    private const byte LoadDispatch = 1, StoreDispatch = 2;

    /// <summary>The event of a PERF_CTL value.</summary>
    /// <param name="select">EventSelect, 12 bits.</param>
    /// <param name="unit">UnitMask.</param>
    public static CoreEvent Find(int select, byte unit) => select switch
    {
        0x029 when unit == LoadDispatch => CoreEvent.Loads,
        0x029 when unit == StoreDispatch => CoreEvent.Stores,
        0x02B => CoreEvent.SystemManagementInterrupts,
        0x02C => CoreEvent.InterruptsTaken,
        0x040 => CoreEvent.DataAccesses,
        0x041 or 0x043 or 0x060 => CoreEvent.DataMisses,
        0x045 => CoreEvent.DataTlbMisses,
        0x076 => CoreEvent.Cycles,
        0x081 => CoreEvent.InstructionMisses,
        0x0C0 => CoreEvent.Instructions,
        0x0C1 => CoreEvent.MicroOps,
        0x0C2 => CoreEvent.Branches,
        0x0C3 => CoreEvent.Mispredictions,
        0x0C4 => CoreEvent.TakenBranches,
        _ => CoreEvent.None,
    };
}
