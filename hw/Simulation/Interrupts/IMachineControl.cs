namespace CoSim.Hw.Simulation;

/// <summary>How much of the machine a reset takes with it.</summary>
public enum ResetKind : byte
{
    /// <summary>INIT to the processors only: caches, MSRs and devices stay.</summary>
    Init,

    /// <summary>Warm reset: processors and devices; RAM, RTC and flash stay.</summary>
    Warm,

    /// <summary>Power goes and comes back: RAM is lost too.</summary>
    Cold,
}

/// <summary>Requests from devices to the board: they take effect when the access that caused them is complete.</summary>
public interface IMachineControl
{
    void RequestReset(ResetKind kind);

    /// <summary>ACPI S5, or a power button held down.</summary>
    void RequestPowerOff();

    /// <summary>ACPI sleep with the given SLP_TYP (S3 = 3 on this board).</summary>
    void RequestSleep(int sleepType);

    /// <summary>An event that wakes the machine from that sleep.</summary>
    void RequestWake();
}
