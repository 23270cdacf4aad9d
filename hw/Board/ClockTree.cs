using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>How far each oscillator of the board is off, in parts per billion; positive is fast.</summary>
public sealed record OscillatorErrors(int Refclk, int Fch, int Rtc)
{
    /// <summary>Perfect oscillators.</summary>
    public static readonly OscillatorErrors None = new(0, 0, 0);
}

/// <summary>
/// Every clock of the machine, derived from its three oscillators: the 100 MHz REFCLK (cores, TSC, local APIC timers), the
/// FCH's 48 MHz crystal (HPET, PM timer, PIT) and the 32.768 kHz RTC crystal.
/// </summary>
public sealed class ClockTree
{
    private const ulong RefclkMegahertz = 100;
    private const ulong FchMegahertz = 48;

    /// <summary>14.318180 MHz as a fraction of 48 MHz: 715909/2400000.</summary>
    private const ulong HpetMultiply = 715_909;
    private const ulong HpetDivide = 2_400_000;

    /// <summary>Derives every clock of a machine.</summary>
    /// <param name="model">Its processor.</param>
    /// <param name="errors">How far its oscillators are off.</param>
    /// <param name="quirks">Spread spectrum, and the PM timer's rate.</param>
    public ClockTree(EpycModel model, OscillatorErrors errors, MachineQuirks quirks)
    {
        Refclk = new ClockDomain("REFCLK", Frequency.FromMegahertz(RefclkMegahertz), errors.Refclk, new SpreadSpectrum(quirks.RefclkSpread));
        Core = Refclk.Derive("core", model.BaseMegahertz, RefclkMegahertz);
        FchCrystal = new ClockDomain("FCH", Frequency.FromMegahertz(FchMegahertz), errors.Fch);
        Hpet = FchCrystal.Derive("HPET", HpetMultiply, HpetDivide);
        PowerManagementTimer = Hpet.Derive("PM timer", quirks.PowerTimer.RateMultiply, 4UL * quirks.PowerTimer.RateDivide);
        Pit = Hpet.Derive("PIT", 1, 12);
        Rtc = new ClockDomain("RTC", Frequency.FromHertz(32_768), errors.Rtc);
    }

    public ClockDomain Refclk { get; }

    /// <summary>The reference clock of all cores: that of P0, and of the TSC. A core in a slower P-state divides it (<see cref="CoSim.Hw.Zen2Core.CoreContext.Speed"/>).</summary>
    public ClockDomain Core { get; }

    public ClockDomain FchCrystal { get; }

    public ClockDomain Hpet { get; }

    public ClockDomain PowerManagementTimer { get; }

    public ClockDomain Pit { get; }

    public ClockDomain Rtc { get; }
}
