using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Scenarios.Hunt;
using CoSim.Cli.Scenarios.Invariants;
using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Shapes;
using CoSim.Cli.Scenarios.Timeline;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Cli.Scenarios;

/// <summary>What a scenario file looks like: the description that the reader and the published schema share.</summary>
internal static class ScenarioShapes
{
    private const int LongestText = 4096, MostEntries = 256, MostModules = 16;
    private const long MostPartsPerBillion = 10_000_000;

    /// <summary>Text of a line.</summary>
    public static readonly Shape<string> Text = new TextShape(LongestText);

    /// <summary>A span of simulated time.</summary>
    public static readonly Shape<SimDuration> Duration = new PatternShape<SimDuration>(@"^[0-9]+(\.[0-9]+)?(ns|us|ms|s)$", "a time with its unit, such as 250us or 1.5s,", TryDuration);

    /// <summary>A regular expression for a line.</summary>
    public static readonly Shape<Regex> Pattern = new RegexShape(LongestText, groups: 0);

    private static readonly Shape<string> ModuleName = new PatternShape<string>("^[A-Za-z][A-Za-z0-9_-]*$", "a module's name such as msr", TryText);

    private static readonly Shape<Regex> NumberPattern = new RegexShape(LongestText, groups: 1);

    private static readonly Shape<decimal> Number = new DecimalShape();

    private static readonly Shape<OscillatorErrors> Oscillators = new RecordShape<OscillatorErrors>(_ => OscillatorErrors.None)
        .May("refclk-ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "How far the 100 MHz REFCLK is off, in parts per billion; positive is fast.", (o, v) => o with { Refclk = (int)v })
        .May("fch-ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "The same of the FCH's 48 MHz crystal (HPET, PM timer, PIT).", (o, v) => o with { Fch = (int)v })
        .May("rtc-ppb", new IntegerShape(-MostPartsPerBillion, MostPartsPerBillion), "The same of the RTC's crystal.", (o, v) => o with { Rtc = (int)v });

    private static readonly RecordShape<ScenarioMachine> Machine = new RecordShape<ScenarioMachine>(_ => new ScenarioMachine())
        .May("model", new ChoiceShape<EpycModel>([.. EpycModel.All.Select(m => (m.Name, m))]), "The EPYC 7002 processor.", (m, v) => m with { Choice = m.Choice with { Model = v } })
        .May("cores", new IntegerShape(1, Hw.Board.Machine.MaxCores), "Cores that are present, at most those of the model.", (m, v) => m with { Choice = m.Choice with { Cores = (int)v } })
        .May("memory", new PatternShape<MemorySize>("^[0-9]+[KMGT](iB)?$", "a size such as 256M or 2G", TryMemory), "The size of the memory.", (m, v) => m with { Choice = m.Choice with { MemoryBytes = v.Bytes } })
        .May("seed", new IntegerShape(0, long.MaxValue), "Seed of everything that is random in the machine.", (m, v) => m with { Choice = m.Choice with { Seed = (ulong)v } })
        .May("engine", new ChoiceShape<EngineKind>([("functional", EngineKind.Functional), ("detailed", EngineKind.Detailed)]), "The engine that leaves reset.", (m, v) => m with { Choice = m.Choice with { Engine = v } })
        .May("ipc", new PatternShape<FunctionalRate>("^[1-9][0-9]{0,2}/[1-9][0-9]{0,2}$", "a rate such as 1/4", TryRate), "Instructions per core cycle of the functional engine.", (m, v) => m with { Choice = m.Choice with { Rate = v } })
        .May("oscillators", Oscillators, "How far the oscillators are off.", (m, v) => m with { Oscillators = v })
        .May("tsc-offsets", new ListShape<long>(new IntegerShape(long.MinValue, long.MaxValue), 0, Hw.Board.Machine.MaxCores), "The TSC offset of each core, in ticks.", (m, v) => m with { TscOffsets = v })
        .May("quirks", QuirkShapes.Board, "Where the board differs from one that works and is just out of reset.", (m, v) => m with { Quirks = v })
        .May("rtc", new PatternShape<DateTime>("^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$", "a date such as 2020-01-01T00:00:00Z", TryDate), "What the RTC shows at reset.", (m, v) => m with { RtcUnixSeconds = (v.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerSecond });

    private static readonly RecordShape<ScenarioSystem> System = new RecordShape<ScenarioSystem>(_ => new ScenarioSystem())
        .May("kind", new ChoiceShape<SystemKind>([("cosim", SystemKind.CoSim), ("linux", SystemKind.Linux), ("bare", SystemKind.Bare)]), "Our operating system, a Linux kernel, or none: the workload's one program is the kernel.", (s, v) => s with { Kind = v })
        .May("semantics", new ChoiceShape<string>([.. OsSemantics.Versions.Select(v => ("linux-" + v, v))]), "The Linux version whose rules our operating system follows.", (s, v) => s with { Semantics = v })
        .May("parameters", Text, "More kernel parameters.", (s, v) => s with { Parameters = v })
        .May("kernel", new PlacedShape<string>(Text), "The Linux kernel's file, beside the scenario or with its path.", (s, v) => s with { Kernel = v })
        .May("initrd", new PlacedShape<string>(Text), "An initramfs (cpio archives in the newc format; for Linux also packed) with programs, beside the scenario or with its path.", (s, v) => s with { Initramfs = v })
        .May("modules", new ListShape<(YamlPlace Place, string Value)?>(new PlacedShape<string>(ModuleName), 1, MostModules), "Modules of the Linux kernel, by name, from its package: lib/modules beside the kernel's folder. They are in /lib/modules of the guest, and loaded by nobody.", (s, v) => s with { Modules = [.. v.Select(m => m!.Value)] })
        .May("timens", new PatternShape<string>(@"^(monotonic|boottime)=[-+]?[0-9]+(\.[0-9]{1,9})?(,(monotonic|boottime)=[-+]?[0-9]+(\.[0-9]{1,9})?)?$", "offsets such as monotonic=86400,boottime=-10", TryText), "The programs run in a time namespace with these offsets in seconds.", (s, v) => s with { TimeNamespace = v });

    private static readonly Shape<LineExpectation> Line = new RecordShape<LineExpectation>(place => new LineExpectation { Place = place })
        .OneOf("what is expected", "present", Text, "Text that a line must have.", (l, v) => l with { Text = v, IsWanted = true })
        .OneOf("what is expected", "absent", Text, "Text that no line may have.", (l, v) => l with { Text = v })
        .OneOf("what is expected", "matches", Pattern, "A regular expression that a line must match.", (l, v) => l with { Pattern = v, IsWanted = true })
        .OneOf("what is expected", "lacks", Pattern, "A regular expression that no line may match.", (l, v) => l with { Pattern = v });

    private static readonly Shape<ValueExpectation> Value = new RecordShape<ValueExpectation>(place => new ValueExpectation { Place = place })
        .Must("name", Text, "What the number is called in reports.", (e, v) => e with { Name = v })
        .Must("in", NumberPattern, "A regular expression; its first group is the number, in every line that matches.", (e, v) => e with { Pattern = v })
        .May("at-least", Number, "The least that is right.", (e, v) => e with { AtLeast = v })
        .May("at-most", Number, "The most that is right.", (e, v) => e with { AtMost = v });

    private static readonly RecordShape<Expectations> Expect = new RecordShape<Expectations>(_ => new Expectations())
        .May("end", new ChoiceShape<RunEnd>([("exit", RunEnd.Exit), ("power-off", RunEnd.PowerOff), ("reset", RunEnd.Reset), ("deadlock", RunEnd.Deadlock), ("limit", RunEnd.Limit)]), "How the run ends.", (e, v) => e with { End = v })
        .May("status", new IntegerShape(0, byte.MaxValue), "The exit status: the first of the programs' that is not 0.", (e, v) => e with { Status = (int)v })
        .May("console", new ListShape<LineExpectation>(Line, 1, MostEntries), "Lines of the console, from the firmware's first to the programs' last.", (e, v) => e with { Console = v })
        .May("values", new ListShape<ValueExpectation>(Value, 1, MostEntries), "Numbers on the console.", (e, v) => e with { Values = v })
        .May("invariants", new ListShape<InvariantChoice>(InvariantShapes.Invariant, 1, MostEntries), "What holds at every moment.", (e, v) => e with { Invariants = v });

    /// <summary>A whole scenario.</summary>
    public static readonly RecordShape<Scenario> Scenario = new RecordShape<Scenario>(place => new Scenario { Place = place })
        .CompletedBy("base")
        .Must("title", Text, "One line that says what the scenario shows.", (s, v) => s with { Title = v })
        .May("description", Text, "More about it.", (s, v) => s with { Description = v })
        .May("base", Text, "A scenario file beside this one, which says everything that this one does not.", (s, _) => s)
        .May("machine", Machine, "The machine.", (s, v) => s with { Machine = v })
        .May("firmware", QuirkShapes.Firmware, "What firmware does otherwise than it should.", (s, v) => s with { Firmware = v })
        .May("faults", new ListShape<ScenarioFault>(FaultShapes.Fault, 0, MostEntries), "What goes wrong while it runs; an empty list takes away what the base says.", (s, v) => s with { Faults = v })
        .May("system", System, "What it boots.", (s, v) => s with { System = v })
        .Must("workload", new ListShape<ScenarioProgram>(new ProgramShape(Text, MostEntries), 1, MostEntries), "The programs, one after another: each a list of its name and its arguments, or a mapping that says where it is.", (s, v) => s with { Workload = v })
        .May("limit", Duration, "Simulated time after which the run ends in any case.", (s, v) => s with { Limit = v })
        .Must("expect", Expect, "What must come of it.", (s, v) => s with { Expect = v })
        .May("hunt", HuntPlanShapes.Plan, "What 'cosim hunt' draws when it starts from this scenario.", (s, v) => s with { Hunt = v })
        .May("timeline", TimelineShape.Steps, "What happens in the run, step by step: 'cosim repro ID --timeline' shows it with its times.", (s, v) => s with { Timeline = v })
        .May("symptom", SymptomShape.Symptom, "How what this scenario shows is known in others: 'cosim hunt' names a library's entry by it.", (s, v) => s with { Symptom = v });

    private static bool TryText(string text, out string value)
    {
        value = text;
        return true;
    }

    private static bool TryDuration(string text, out SimDuration value)
    {
        SimTime? time = LogTime.TryParse(text);
        value = (time ?? SimTime.Zero) - SimTime.Zero;
        return time is not null;
    }

    private static bool TryMemory(string text, out MemorySize value) => MemorySize.TryParse(text, out value, out string? _);

    private static bool TryRate(string text, out FunctionalRate value)
    {
        string[] parts = text.Split('/');
        value = new FunctionalRate(uint.Parse(parts[0], CultureInfo.InvariantCulture), uint.Parse(parts[1], CultureInfo.InvariantCulture));
        return true;
    }

    private static bool TryDate(string text, out DateTime value) =>
        DateTime.TryParseExact(text, "yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out value)
        && value.Year is >= 1970 and < 2100;
}
