using System.Globalization;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios;

/// <summary>What the faults of a scenario look like.</summary>
internal static class FaultShapes
{
    private const long MostPartsPerBillion = 100_000_000, MostTimes = 1_000_000, LastVector = 255;

    /// <summary>A number in hexadecimal.</summary>
    public static readonly Shape<ulong> Hexadecimal = new HexadecimalShape(new PatternShape<ulong>("^0x[0-9a-f]{1,16}$", "a hexadecimal number such as 0xfed00000", TryHexadecimal));

    private static readonly Shape<long> Core = new IntegerShape(0, Machine.MaxCores - 1);

    private static readonly Shape<SimDuration> Duration = ScenarioShapes.Duration;

    private static readonly Shape<AtInstruction> Instruction = new RecordShape<AtInstruction>(_ => new AtInstruction(0, 0))
        .May("core", Core, "The core; 0 unless it is named.", (i, v) => i with { Core = (int)v })
        .Must("count", new IntegerShape(0, long.MaxValue), "Instructions that it has retired since reset.", (i, v) => i with { Count = (ulong)v });

    private static readonly Shape<AtEvent> Event = new RecordShape<AtEvent>(_ => new AtEvent(FaultEventKind.ClockRead, "", 1))
        .Must("kind", new ChoiceShape<FaultEventKind>(Kinds), "What happens.", (e, v) => e with { Kind = v })
        .May("subject", ScenarioShapes.Text, "To whom: hpet, apic0.timer, pit.out0, a vector such as EF, a POST code such as 50, a text on the console.", (e, v) => e with { Subject = v })
        .May("occurrence", new IntegerShape(1, long.MaxValue), "Which one of them sets the fault off first, from 1.", (e, v) => e with { Occurrence = (ulong)v })
        .May("every", new IntegerShape(1, long.MaxValue), "Events from one time to the next, for a fault that happens more than once.", (e, v) => e with { Every = (ulong)v })
        .May("delay", Duration, "From the event to the fault.", (e, v) => e with { Delay = v });

    private static readonly Shape<SystemManagementInterrupt> Smi = new RecordShape<SystemManagementInterrupt>(_ => new SystemManagementInterrupt(SimDuration.Zero))
        .Must("length", Duration, "How long all cores are away.", (s, v) => s with { Length = v })
        .May("tsc", new ChoiceShape<TscHandling>([("leave", TscHandling.Leave), ("restore-all", TscHandling.RestoreAll), ("restore-one", TscHandling.RestoreOne)]), "What the handler does with the TSC.", (s, v) => s with { Tsc = v })
        .May("handler", new ChoiceShape<bool>([("none", false), ("firmware", true)]), "Whether cores execute firmware's handler, which works for the length in whole microseconds up to 65535us, or are only away.", (s, v) => s with { ByFirmware = v })
        .May("tsc-core", Core, "The core of restore-one.", (s, v) => s with { TscCore = (int)v });

    private static readonly Shape<StopCores> Stop = new RecordShape<StopCores>(_ => new StopCores(null, SimDuration.Zero))
        .May("core", Core, "The core; the whole machine unless it is named.", (s, v) => s with { Core = (int)v })
        .Must("length", Duration, "How long.", (s, v) => s with { Length = v });

    private static readonly Shape<JitterCores> Jitter = new RecordShape<JitterCores>(_ => new JitterCores(SimDuration.Zero, 0))
        .Must("most", Duration, "The most that a core loses at a time.", (j, v) => j with { Most = v })
        .May("seed", new IntegerShape(0, long.MaxValue), "Chooses one interleaving of many.", (j, v) => j with { Seed = (ulong)v });

    private static readonly Shape<WriteTsc> Write = new RecordShape<WriteTsc>(_ => new WriteTsc(null, 0))
        .May("core", Core, "The core; all unless it is named.", (w, v) => w with { Core = (int)v })
        .Must("value", new IntegerShape(0, long.MaxValue), "The new value in ticks.", (w, v) => w with { Value = (ulong)v });

    private static readonly Shape<MoveTsc> Move = new RecordShape<MoveTsc>(_ => new MoveTsc(null, 0))
        .May("core", Core, "The core; all unless it is named.", (m, v) => m with { Core = (int)v })
        .Must("ticks", new IntegerShape(long.MinValue, long.MaxValue), "How far; negative is back.", (m, v) => m with { Ticks = v });

    private static readonly Shape<SetReadLatency> Latency = new RecordShape<SetReadLatency>(_ => new SetReadLatency("", SimDuration.Zero))
        .Must("device", new ChoiceShape<string>([.. Machine.SlowDevices.Select(d => (d, d))]), "The device.", (l, v) => l with { Device = v })
        .Must("time", Duration, "What a read costs from now on.", (l, v) => l with { Read = v });

    private static readonly Shape<InterruptOrigin> Origin =
        new ChoiceShape<InterruptOrigin>([("message", InterruptOrigin.Message), ("local-timer", InterruptOrigin.LocalTimer), ("local-input", InterruptOrigin.LocalInput)]);

    private static readonly Shape<LoseInterrupts> Lose = new RecordShape<LoseInterrupts>(_ => new LoseInterrupts(new InterruptMatch(null, null, null), 1))
        .May("core", Core, "The core whose local APIC would take them; any unless it is named.", (l, v) => l with { Match = l.Match with { Apic = (int)v } })
        .May("vector", new IntegerShape(0, LastVector), "Their vector.", (l, v) => l with { Match = l.Match with { Vector = (byte)v } })
        .May("origin", Origin, "Where they come from.", (l, v) => l with { Match = l.Match with { Origin = v } })
        .May("count", new IntegerShape(1, MostTimes), "How many are lost.", (l, v) => l with { Count = (uint)v });

    private static readonly Shape<DelayInterrupts> Delay = new RecordShape<DelayInterrupts>(_ => new DelayInterrupts(new InterruptMatch(null, null, null), 1, SimDuration.Zero))
        .May("core", Core, "The core whose local APIC takes them; any unless it is named.", (d, v) => d with { Match = d.Match with { Apic = (int)v } })
        .May("vector", new IntegerShape(0, LastVector), "Their vector.", (d, v) => d with { Match = d.Match with { Vector = (byte)v } })
        .May("origin", Origin, "Where they come from.", (d, v) => d with { Match = d.Match with { Origin = v } })
        .May("count", new IntegerShape(1, MostTimes), "How many are late.", (d, v) => d with { Count = (uint)v })
        .Must("delay", Duration, "How late.", (d, v) => d with { Delay = v });

    private static readonly Shape<DriftOscillator> Drift = new RecordShape<DriftOscillator>(_ => new DriftOscillator(Oscillator.Refclk, 0))
        .Must("oscillator", new ChoiceShape<Oscillator>([("refclk", Oscillator.Refclk), ("fch", Oscillator.Fch), ("rtc", Oscillator.Rtc)]), "Which.", (d, v) => d with { Oscillator = v })
        .Must("ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "How far it is off from now on, in parts per billion.", (d, v) => d with { PartsPerBillion = (int)v });

    private static readonly Shape<EnterDeepIdle> DeepIdle = new RecordShape<EnterDeepIdle>(_ => new EnterDeepIdle(0, SimDuration.Zero, 1))
        .Must("core", Core, "The core.", (i, v) => i with { Core = (int)v })
        .Must("exit", Duration, "From the interrupt that wakes it to its first instruction.", (i, v) => i with { Exit = v })
        .May("count", new IntegerShape(1, MostTimes), "How many of its next idle states; 1 unless it is said.", (i, v) => i with { Count = (uint)v });

    private static readonly Shape<MigrateMachine> Migration = new RecordShape<MigrateMachine>(_ => new MigrateMachine(SimDuration.Zero))
        .Must("downtime", Duration, "How long no core executes.", (m, v) => m with { Downtime = v })
        .May("tsc", new ChoiceShape<bool>([("go-on", false), ("resume", true)]), "Whether the TSCs show the downtime (go-on, the default) or go on from the values that were copied.", (m, v) => m with { TscResumes = v })
        .May("refclk-ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "How far REFCLK, and with it the TSC, is off on the new host.", (m, v) => m with { RefclkError = (int)v })
        .May("fch-ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "The same of the FCH's crystal (HPET, PM timer, PIT).", (m, v) => m with { FchError = (int)v });

    private static readonly Shape<FailIdleExit> Idle = new RecordShape<FailIdleExit>(_ => new FailIdleExit(0))
        .Must("core", Core, "The core that does not come back from its idle state.", (i, v) => i with { Core = (int)v });

    private const string Moment = "when it happens", Effect = "what happens";

    /// <summary>A fault.</summary>
    public static readonly Shape<ScenarioFault> Fault = new RecordShape<ScenarioFault>(_ => new ScenarioFault())
        .Must("name", ScenarioShapes.Text, "How logs and traces call it.", (f, v) => f with { Name = v })
        .OneOf(Moment, "at", Duration, "Simulated time since reset.", (f, v) => f with { When = new AtTime(SimTime.Zero + v) })
        .OneOf(Moment, "instruction", Instruction, "Before an instruction of a core.", (f, v) => f with { When = v })
        .OneOf(Moment, "event", Event, "When something happens for the n-th time.", (f, v) => f with { When = v })
        .May("period", Duration, "From one time to the next, with 'at'.", (f, v) => f with { Period = v })
        .May("times", new IntegerShape(0, MostTimes), "Most often it happens; 0 for no limit; once unless it is said.", (f, v) => f with { Times = (uint)v })
        .OneOf(Effect, "smi", Smi, "A system management interrupt: all cores are away for a time.", (f, v) => f with { What = v })
        .OneOf(Effect, "stop", Stop, "Cores get no time, while all clocks go on.", (f, v) => f with { What = v })
        .OneOf(Effect, "jitter", Jitter, "Each core is held up a little, another amount each time, so that another one comes first.", (f, v) => f with { What = v })
        .OneOf(Effect, "write-tsc", Write, "Firmware writes a TSC.", (f, v) => f with { What = v })
        .OneOf(Effect, "move-tsc", Move, "Firmware moves a TSC.", (f, v) => f with { What = v })
        .OneOf(Effect, "read-latency", Latency, "Reads of a device take another time.", (f, v) => f with { What = v })
        .OneOf(Effect, "lose-interrupts", Lose, "Interrupts never arrive.", (f, v) => f with { What = v })
        .OneOf(Effect, "delay-interrupts", Delay, "Interrupts arrive late.", (f, v) => f with { What = v })
        .OneOf(Effect, "drift", Drift, "An oscillator runs at another rate.", (f, v) => f with { What = v })
        .OneOf(Effect, "migrate", Migration, "The machine, a virtual one, moves to another host.", (f, v) => f with { What = v })
        .OneOf(Effect, "deep-idle", DeepIdle, "A core's next idle states are deep ones, from which it comes back late.", (f, v) => f with { What = v })
        .OneOf(Effect, "fail-idle-exit", Idle, "A core does not come back from its next idle state.", (f, v) => f with { What = v })
        .OneOf(Effect, "stick-hpet", new FlagShape(), "The HPET's counter stops.", (f, _) => f with { What = new StickHpet() });

    private static (string Word, FaultEventKind Meaning)[] Kinds =>
    [
        ("clock-read", FaultEventKind.ClockRead), ("timer-programmed", FaultEventKind.TimerProgrammed), ("timer-expired", FaultEventKind.TimerExpired),
        ("line-asserted", FaultEventKind.LineAsserted), ("interrupt-accepted", FaultEventKind.InterruptAccepted), ("post-code", FaultEventKind.PostCode),
        ("label", FaultEventKind.Label), ("console-text", FaultEventKind.ConsoleText),
    ];

    private static bool TryHexadecimal(string text, out ulong value) =>
        ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}

/// <summary>A fault as a scenario says it.</summary>
internal sealed record ScenarioFault
{
    /// <summary>Its name.</summary>
    public string Name { get; init; } = "";

    /// <summary>What sets it off.</summary>
    public FaultTrigger? When { get; init; }

    /// <summary>From one time to the next.</summary>
    public SimDuration Period { get; init; } = SimDuration.Zero;

    /// <summary>Most often it happens.</summary>
    public uint Times { get; init; } = 1;

    /// <summary>What happens.</summary>
    public FaultAction? What { get; init; }

    /// <summary>The machine's fault.</summary>
    public Fault ToFault() => new(Name, (When is AtTime at ? at with { Period = Period } : When!) with { Times = Times }, What!);
}
