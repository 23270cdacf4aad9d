using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>What goes wrong.</summary>
public abstract record FaultAction;

/// <summary>What an SMM handler does with the TSC, to hide the time that it took.</summary>
public enum TscHandling : byte
{
    /// <summary>Nothing: the TSC counts on.</summary>
    Leave,

    /// <summary>Writes back, on every core, the value that the TSC had at the SMI.</summary>
    RestoreAll,

    /// <summary>Writes it back on one core only.</summary>
    RestoreOne,
}

/// <summary>
/// A system management interrupt: every core stops and waits for the others, until the handler is done. Which instructions the handler
/// executes is not modelled, only how long it takes.
/// </summary>
/// <param name="Length">From the first core's stop to the last one's return.</param>
public sealed record SystemManagementInterrupt(SimDuration Length) : FaultAction
{
    /// <summary>What the handler does with the TSC.</summary>
    public TscHandling Tsc { get; init; }

    /// <summary>The core of <see cref="TscHandling.RestoreOne"/>.</summary>
    public int TscCore { get; init; }
}

/// <summary>Cores get no time, as virtual CPUs whose host runs something else, or under a debugger; every clock goes on.</summary>
/// <param name="Core">The core's index; null for the whole machine.</param>
/// <param name="Length">How long.</param>
public sealed record StopCores(int? Core, SimDuration Length) : FaultAction;

/// <summary>Firmware writes a TSC (WRMSR 10h in SMM).</summary>
/// <param name="Core">The core's index; null for all.</param>
/// <param name="Value">The new value in ticks.</param>
public sealed record WriteTsc(int? Core, ulong Value) : FaultAction;

/// <summary>Firmware moves a TSC forward or back.</summary>
/// <param name="Core">The core's index; null for all.</param>
/// <param name="Ticks">How far; negative is back.</param>
public sealed record MoveTsc(int? Core, long Ticks) : FaultAction;

/// <summary>Reads of a device take another time from now on.</summary>
/// <param name="Device">Its name on the bus: <c>hpet</c>, <c>pmtmr</c>, <c>pit</c>, <c>rtc</c>, <c>ioapic</c>.</param>
/// <param name="Read">What a read costs.</param>
public sealed record SetReadLatency(string Device, SimDuration Read) : FaultAction;

/// <summary>Which interrupts a fault concerns; what is null may be anything.</summary>
/// <param name="Apic">The local APIC's index.</param>
/// <param name="Vector">The vector.</param>
/// <param name="Origin">Where they come from.</param>
public sealed record InterruptMatch(int? Apic, byte? Vector, InterruptOrigin? Origin);

/// <summary>The next interrupts that match never reach the local APIC.</summary>
/// <param name="Match">Which.</param>
/// <param name="Count">How many.</param>
public sealed record LoseInterrupts(InterruptMatch Match, uint Count) : FaultAction;

/// <summary>The next interrupts that match reach the local APIC late.</summary>
/// <param name="Match">Which.</param>
/// <param name="Count">How many.</param>
/// <param name="Delay">How late.</param>
public sealed record DelayInterrupts(InterruptMatch Match, uint Count, SimDuration Delay) : FaultAction;

/// <summary>The oscillators of the board.</summary>
public enum Oscillator : byte
{
    /// <summary>100 MHz: cores, TSC, local APIC timers.</summary>
    Refclk,

    /// <summary>48 MHz: HPET, PM timer, PIT.</summary>
    Fch,

    /// <summary>32.768 kHz: the RTC.</summary>
    Rtc,
}

/// <summary>An oscillator runs at another rate from now on.</summary>
/// <param name="Oscillator">Which.</param>
/// <param name="PartsPerBillion">How far it is off its nominal rate, in ppb, -10^8 to 10^8.</param>
public sealed record DriftOscillator(Oscillator Oscillator, int PartsPerBillion) : FaultAction;

/// <summary>A core that is idle, or will be next, does not come back: no interrupt wakes it any more.</summary>
/// <param name="Core">The core's index.</param>
public sealed record FailIdleExit(int Core) : FaultAction;

/// <summary>The HPET's counter stops, until a reset.</summary>
public sealed record StickHpet : FaultAction;
