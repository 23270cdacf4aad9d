namespace CoSim.Hw.Apic;

/// <summary>Where an interrupt comes from, as a local APIC sees it.</summary>
public enum InterruptOrigin : byte
{
    /// <summary>A message: from another processor, the IO-APIC, or a device that sends messages.</summary>
    Message,

    /// <summary>The local APIC's own timer.</summary>
    LocalTimer,

    /// <summary>Another local vector: LINT0, LINT1, thermal, performance counter, error.</summary>
    LocalInput,
}

/// <summary>Stands between what asks for a fixed interrupt and the local APIC's request register, to lose interrupts or make them late.</summary>
public interface IInterruptFilter
{
    /// <summary>An enabled local APIC is about to take an interrupt.</summary>
    /// <param name="apic">The local APIC.</param>
    /// <param name="vector">0 to 255.</param>
    /// <param name="level">Whether it is level-triggered.</param>
    /// <param name="origin">Where it comes from.</param>
    /// <returns>True when the filter keeps it: it is lost, or comes later by <see cref="LocalApic.TakeLate"/>.</returns>
    bool Holds(LocalApic apic, byte vector, bool level, InterruptOrigin origin);
}
