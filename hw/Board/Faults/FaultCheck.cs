using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>Whether quirks and faults can be: one sentence when not. Nothing that passes makes a machine throw.</summary>
public static class FaultCheck
{
    private const int LargestError = 100_000_000, IoApicPins = 24;
    private const uint LargestRatio = 1000;
    private const ulong HpetAlignment = 0x400;
    private static readonly SimDuration s_longest = SimDuration.FromSeconds(10L * 366 * 86_400);
    private static readonly SimDuration s_longestWork = SimDuration.FromMicroseconds(ushort.MaxValue);
    private static readonly SimDuration s_longestRead = SimDuration.FromSeconds(1);

    /// <summary>What is wrong with quirks; null for nothing.</summary>
    public static string? Problem(MachineQuirks quirks)
    {
        HpetQuirks hpet = quirks.Hpet;
        PowerTimerQuirks timer = quirks.PowerTimer;
        if (quirks.RefclkSpread is < 0 or > SpreadSpectrum.Deepest)
            return $"a spread of {quirks.RefclkSpread} ppb is not between 0 and {SpreadSpectrum.Deepest}";
        if (quirks.TimerPin is < -1 or >= IoApicPins)
            return $"the IO-APIC has no pin {quirks.TimerPin}";
        if (quirks.ReferenceUptime > 1UL << 56)
            return $"an uptime of {quirks.ReferenceUptime} REFCLK ticks is more than 22 years";
        if (hpet.BaseAddress % HpetAlignment != 0 || hpet.BaseAddress >= 1UL << 48)
            return $"an HPET cannot be at {hpet.BaseAddress:X}h";
        if (hpet.ReadLatency is { } read && !IsRead(read))
            return $"an HPET read cannot take {read}";
        if (timer.ReadLatency is { } latency && !IsRead(latency))
            return $"a PM timer read cannot take {latency}";
        return timer.RateMultiply is < 1 or > LargestRatio || timer.RateDivide is < 1 or > LargestRatio
            ? $"a PM timer cannot run at {timer.RateMultiply}/{timer.RateDivide} of its rate"
            : null;
    }

    /// <summary>What is wrong with a list of faults in a machine of so many cores; null for nothing.</summary>
    public static string? Problem(IReadOnlyList<Fault> faults, int cores)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        foreach (Fault fault in faults)
        {
            if (fault.Name.Length == 0 || !names.Add(fault.Name))
                return $"a fault needs a name of its own, not '{fault.Name}'";
            if ((Problem(fault.When, cores) ?? Problem(fault.What, cores)) is { } problem)
                return $"fault '{fault.Name}': {problem}";
        }

        return null;
    }

    private static string? Problem(FaultTrigger trigger, int cores) => trigger switch
    {
        AtTime { Period: SimDuration period } when period < SimDuration.Zero || period > s_longest => $"a period of {period} cannot be",
        AtTime { Times: 0 or > 1, Period: SimDuration period } when period == SimDuration.Zero => "what happens more than once needs a period",
        AtTime at when at.Time > SimTime.Zero + s_longest => "its time is more than ten years ahead",
        AtInstruction at when at.Core < 0 || at.Core >= cores => NoCore(at.Core),
        AtInstruction { Times: not 1 } => "an instruction is reached once",
        AtEvent at when at.Occurrence == 0 || at.Every == 0 => "events are counted from 1",
        AtEvent at when at.Delay < SimDuration.Zero || at.Delay > s_longest => $"a delay of {at.Delay} cannot be",
        AtEvent { Kind: FaultEventKind.ConsoleText, Subject.Length: 0 } => "it waits for an empty text",
        _ => null,
    };

    private static string? Problem(FaultAction action, int cores) => action switch
    {
        SystemManagementInterrupt smi when !IsLength(smi.Length) => $"an SMI of {smi.Length} cannot be",
        SystemManagementInterrupt { ByFirmware: true, Tsc: not TscHandling.Leave } => "firmware's handler leaves the TSC alone",
        SystemManagementInterrupt { ByFirmware: true } smi when smi.Length.Femtoseconds % SimDuration.FemtosecondsPerMicrosecond != 0 || smi.Length > s_longestWork =>
            $"firmware's handler works for whole microseconds up to {s_longestWork}, not for {smi.Length}",
        SystemManagementInterrupt { Tsc: TscHandling.RestoreOne } smi when smi.TscCore < 0 || smi.TscCore >= cores => NoCore(smi.TscCore),
        StopCores stop when !IsLength(stop.Length) => $"a stop of {stop.Length} cannot be",
        StopCores { Core: int core } when core < 0 || core >= cores => NoCore(core),
        JitterCores jitter when !IsLength(jitter.Most) || !IsRead(jitter.Most) => $"jitter of {jitter.Most} cannot be",
        WriteTsc { Core: int core } when core < 0 || core >= cores => NoCore(core),
        MoveTsc { Core: int core } when core < 0 || core >= cores => NoCore(core),
        SetReadLatency latency when !IsRead(latency.Read) => $"a read of {latency.Read} cannot be",
        SetReadLatency latency when !Machine.SlowDevices.Contains(latency.Device) => $"there is no device '{latency.Device}'",
        LoseInterrupts lose when lose.Count == 0 || lose.Match.Apic >= cores => "it concerns no interrupt",
        DelayInterrupts delay when delay.Count == 0 || delay.Match.Apic >= cores => "it concerns no interrupt",
        DelayInterrupts delay when !IsLength(delay.Delay) => $"a delay of {delay.Delay} cannot be",
        DriftOscillator drift when Math.Abs((long)drift.PartsPerBillion) > LargestError => $"an oscillator cannot be off by {drift.PartsPerBillion} ppb",
        MigrateMachine move when !IsLength(move.Downtime) => $"a downtime of {move.Downtime} cannot be",
        MigrateMachine move when Math.Max(Math.Abs((long)move.RefclkError), Math.Abs((long)move.FchError)) > LargestError => $"an oscillator cannot be off by more than {LargestError} ppb",
        EnterDeepIdle idle when idle.Core < 0 || idle.Core >= cores => NoCore(idle.Core),
        EnterDeepIdle idle when idle.Count == 0 || !IsLength(idle.Exit) => "it concerns no idle state",
        FailIdleExit fail when fail.Core < 0 || fail.Core >= cores => NoCore(fail.Core),
        _ => null,
    };

    private static string NoCore(int core) => $"there is no core {core}";

    private static bool IsLength(SimDuration length) => length > SimDuration.Zero && length <= s_longest;

    private static bool IsRead(SimDuration read) => read >= SimDuration.Zero && read <= s_longestRead;
}
