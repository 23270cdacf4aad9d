namespace CoSim.Hw.Board;

/// <summary>Why a machine stopped running.</summary>
public enum StopReason
{
    /// <summary>The time that the caller named was reached.</summary>
    TimeReached,

    /// <summary>The guest switched the power off (ACPI S5).</summary>
    PowerOff,

    /// <summary>The guest asked for a reset, or a core shut down by a triple fault, and the machine was told not to restart.</summary>
    Reset,

    /// <summary>Somebody called <see cref="Machine.RequestStop"/>.</summary>
    Requested,

    /// <summary>Every core waits for an interrupt, no event is due, and no input will come: nothing can ever happen again.</summary>
    Deadlock,

    /// <summary>The number of instructions that the caller named was reached.</summary>
    InstructionsReached,

    /// <summary>The address that the caller named was reached.</summary>
    AddressReached,
}
