namespace CoSim.Traces.Format;

/// <summary>How much a trace holds; each level holds what the one before it holds.</summary>
public enum TraceLevel : byte
{
    /// <summary>What a deterministic replay needs: the machine, its images and its inputs.</summary>
    Inputs,

    /// <summary>Timers, interrupts, clock reads, system calls, namespaces, context switches, accesses to devices and MSRs.</summary>
    Events,

    /// <summary>Every instruction, with its cycles and their causes on the detailed engine.</summary>
    Retire,

    /// <summary>Every micro-op, with the cycle of each stage; detailed engine only.</summary>
    Pipeline,
}
