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
/// A system management interrupt: every core stops and waits for the others, until the handler is done. Either nothing of the handler but its
/// time is modelled, or the cores enter firmware's own (<see cref="ByFirmware"/>) and execute it.
/// </summary>
/// <param name="Length">From the first core's stop to the last one's return.</param>
public sealed record SystemManagementInterrupt(SimDuration Length) : FaultAction
{
    /// <summary>What the handler does with the TSC.</summary>
    public TscHandling Tsc { get; init; }

    /// <summary>
    /// Whether the cores enter the handler that firmware has installed, which works for <see cref="Length"/>, whole microseconds up to 65535: that
    /// number is in the FCH's ports B3h (upper byte) and B2h when the SMI comes. Without a handler nothing happens.
    /// </summary>
    public bool ByFirmware { get; init; }

    /// <summary>The core of <see cref="TscHandling.RestoreOne"/>.</summary>
    public int TscCore { get; init; }
}

/// <summary>Cores get no time, as virtual CPUs whose host runs something else, or under a debugger; every clock goes on.</summary>
/// <param name="Core">The core's index; null for the whole machine.</param>
/// <param name="Length">How long.</param>
public sealed record StopCores(int? Core, SimDuration Length) : FaultAction;

/// <summary>
/// Each core loses a little time, another amount each time: what caches, refresh and other guests do to the order of events on cores that
/// race. The amounts depend on the seed, the time and the core only.
/// </summary>
/// <param name="Most">The most that a core loses.</param>
/// <param name="Seed">Chooses one interleaving of many.</param>
public sealed record JitterCores(SimDuration Most, ulong Seed) : FaultAction;

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

/// <summary>
/// The next idle states of a core are deep ones, which it takes long to come back from. Idle states of CC6's kind need some 400 us on Rome
/// (Schoene et al. 2021, arXiv 2108.00808), and hardware alone decides when to enter them.
/// </summary>
/// <param name="Core">The core's index.</param>
/// <param name="Exit">From the interrupt that wakes it to its first instruction.</param>
/// <param name="Count">How many idle states.</param>
public sealed record EnterDeepIdle(int Core, SimDuration Exit, uint Count) : FaultAction;

/// <summary>
/// The machine, a virtual one, moves to another host: nothing executes while its memory is copied, and its counters come from other
/// oscillators afterwards.
/// </summary>
/// <param name="Downtime">How long no core executes.</param>
public sealed record MigrateMachine(SimDuration Downtime) : FaultAction
{
    /// <summary>Whether the TSCs go on from the values that were copied, so that the downtime is missing in them; else they show it.</summary>
    public bool TscResumes { get; init; }

    /// <summary>How far REFCLK, and with it the TSC and the local APICs' timers, is off on the new host, in ppb, -10^8 to 10^8.</summary>
    public int RefclkError { get; init; }

    /// <summary>The same of the FCH's crystal: HPET, PM timer, PIT.</summary>
    public int FchError { get; init; }
}

/// <summary>The HPET's counter stops, until a reset.</summary>
public sealed record StickHpet : FaultAction;
