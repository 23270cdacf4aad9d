using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// The multiplexer in front of IRQ 0 and IRQ 8: the PIT and the RTC, or, while the HPET's legacy replacement is on, its
/// comparators 0 and 1 (IA-PC HPET 1.0a, 2.3.5). Inputs: see the constants.
/// </summary>
public sealed class LegacyTimerRouting : IInterruptInput, IStateful
{
    public const int PitInput = 0;
    public const int RtcInput = 1;
    public const int Hpet0Input = 2;
    public const int Hpet1Input = 3;
    public const int ReplacementInput = 4;

    private byte _inputs;

    public string StateName => "legacy-timer-routing";

    /// <summary>IRQ 0: to PIC input 0 and IO-APIC pin 2.</summary>
    public InterruptLine Irq0 { get; } = new("irq0");

    /// <summary>IRQ 8: to PIC input 8 and IO-APIC pin 8.</summary>
    public InterruptLine Irq8 { get; } = new("irq8");

    public void SetInput(int pin, bool asserted)
    {
        _inputs = (byte)(asserted ? _inputs | (1 << pin) : _inputs & ~(1 << pin));
        bool replaced = Has(ReplacementInput);
        Irq0.Set(Has(replaced ? Hpet0Input : PitInput));
        Irq8.Set(Has(replaced ? Hpet1Input : RtcInput));
    }

    public void Save(StateWriter writer) => writer.Byte(_inputs);

    public void Restore(StateReader reader)
    {
        _inputs = reader.Byte();
        bool replaced = Has(ReplacementInput);
        Irq0.RestoreLevel(Has(replaced ? Hpet0Input : PitInput));
        Irq8.RestoreLevel(Has(replaced ? Hpet1Input : RtcInput));
    }

    private bool Has(int pin) => (_inputs & (1 << pin)) != 0;
}
