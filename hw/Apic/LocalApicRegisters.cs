using CoSim.Hw.Simulation.Registers;
using static CoSim.Hw.Simulation.Registers.RegisterField;

namespace CoSim.Hw.Apic;

/// <summary>The register table (AMD64 APM volume 2, tables 16-2 and 16-6; PPR 55803 for the extended space).</summary>
public static class LocalApicRegisters
{
    public const int IdOffset = 0x020;
    public const int VersionOffset = 0x030;
    public const int TaskPriorityOffset = 0x080;
    public const int EndOfInterruptOffset = 0x0B0;
    public const int LogicalDestination = 0x0D0;
    public const int DestinationFormat = 0x0E0;
    public const int Spurious = 0x0F0;
    public const int InServiceOffset = 0x100;
    public const int TriggerModeOffset = 0x180;
    public const int RequestOffset = 0x200;
    public const int ErrorStatus = 0x280;
    public const int CommandLow = 0x300;
    public const int CommandHigh = 0x310;
    public const int LvtTimer = 0x320;
    public const int LvtThermal = 0x330;
    public const int LvtPerformance = 0x340;
    public const int LvtLint0 = 0x350;
    public const int LvtLint1 = 0x360;
    public const int LvtError = 0x370;
    public const int TimerInitialCount = 0x380;
    public const int TimerCurrentCount = 0x390;
    public const int TimerDivide = 0x3E0;
    public const int SelfIpi = 0x3F0;
    public const int ExtendedFeature = 0x400;
    public const int ExtendedControl = 0x410;
    public const int SpecificEoi = 0x420;
    public const int InterruptEnableOffset = 0x480;
    public const int FirstExtendedLvt = 0x500;
    public const int ExtendedLvtCount = 4;

    private const int Spacing = 0x10;
    private const ulong LvtReset = 0x1_0000;

    /// <summary>Every local vector, extended ones included.</summary>
    internal static readonly int[] LocalVectors =
        [LvtTimer, LvtThermal, LvtPerformance, LvtLint0, LvtLint1, LvtError, 0x500, 0x510, 0x520, 0x530];

    private static readonly int[] VectorOfInput = [LvtLint0, LvtLint1, LvtThermal, LvtPerformance, 0x500, 0x510, 0x520, 0x530];

    /// <summary>All registers; x2APIC mode reaches the one at offset n as MSR 800h + n / 10h.</summary>
    public static RegisterTable<LocalApic> Table { get; } = new(
        "local APIC",
        0x540,
        Computed("ID", IdOffset, static (a, _) => (ulong)a.Id << 24, Ro("AID", 24, 8, "APIC ID; all 32 bits in x2APIC mode")),
        Computed(
            "VERSION",
            VersionOffset,
            static (a, _) => a.Version,
            Ro("VER", 0, 8, "10h"),
            Ro("MLE", 16, 8, "highest local vector entry"),
            Ro("DEOI", 24, 1, "EOI broadcasts can be suppressed"),
            Ro("EAS", 31, 1, "extended space present")),
        new()
        {
            Name = "TPR",
            Offset = TaskPriorityOffset,
            Bytes = 4,
            Fields = [Rw("TPS", 0, 4, "sub-class"), Rw("TP", 4, 4, "class: lower ones wait")],
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.WriteTaskPriority((uint)w.New),
        },
        Computed("APR", 0x090, static (a, _) => a.ArbitrationPriority, Ro("AP", 0, 8, "arbitration priority")),
        Computed("PPR", 0x0A0, static (a, _) => a.ProcessorPriority, Ro("PP", 0, 8, "the higher of TPR and the class in service")),
        new()
        {
            Name = "EOI",
            Offset = EndOfInterruptOffset,
            Bytes = 4,
            Fields = [Wo("EOI", 0, 32, "completes the highest vector in service")],
            Read = static (_, _) => 0,
            Write = static (LocalApic a, int _, in RegisterWrite _) => a.EndOfInterrupt(),
        },
        Computed("RRR", 0x0C0, static (_, _) => 0, Ro("RRD", 0, 32, "remote read: never used")),
        new() { Name = "LDR", Offset = LogicalDestination, Bytes = 4, Fields = [Rw("DLID", 24, 8, "logical ID")] },
        new()
        {
            Name = "DFR",
            Offset = DestinationFormat,
            Bytes = 4,
            Reset = 0xFFFF_FFFF,
            Fields = [Ro("ONES", 0, 28, "read as ones"), Rw("MOD", 28, 4, "F flat, 0 cluster")],
        },
        new()
        {
            Name = "SVR",
            Offset = Spurious,
            Bytes = 4,
            Reset = 0xFF,
            Fields =
            [
                Rw("VEC", 0, 8, "spurious vector"),
                Rw("ASE", 8, 1, "APIC software enable"),
                Rw("FCC", 9, 1, "no focus check in lowest-priority arbitration"),
                Rw("EBS", 12, 1, "suppress EOI broadcasts"),
            ],
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.WriteSpurious((uint)w.New),
        },
        Vectors("ISR", InServiceOffset, "in service"),
        Vectors("TMR", TriggerModeOffset, "level-triggered"),
        Vectors("IRR", RequestOffset, "requested"),
        new()
        {
            Name = "ESR",
            Offset = ErrorStatus,
            Bytes = 4,
            Fields =
            [
                Rw("SAE", 2, 1, "sent, nobody accepted"),
                Rw("RAE", 3, 1, "received, not accepted"),
                Rw("SIV", 5, 1, "sent illegal vector"),
                Rw("RIV", 6, 1, "received illegal vector"),
                Rw("IRA", 7, 1, "illegal register address"),
            ],
            Read = static (a, _) => a.ErrorStatus,
            Write = static (LocalApic a, int _, in RegisterWrite _) => a.LatchErrors(),
        },
        new()
        {
            Name = "ICRL",
            Offset = CommandLow,
            Bytes = 4,
            Fields =
            [
                Rw("VEC", 0, 8, "vector"),
                Rw("MT", 8, 3, "delivery mode"),
                Rw("DM", 11, 1, "logical destination"),
                Ro("DS", 12, 1, "a message is on its way"),
                Rw("L", 14, 1, "assert"),
                Rw("TGM", 15, 1, "level"),
                Ro("RRS", 16, 2, "remote read status"),
                Rw("DSH", 18, 2, "shorthand"),
            ],
            Read = static (a, _) => a.CommandValue,
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.WriteCommand((uint)w.New),
        },
        new() { Name = "ICRH", Offset = CommandHigh, Bytes = 4, Fields = [Rw("DES", 24, 8, "destination; all 32 bits in x2APIC mode")] },
        new()
        {
            Name = "LVT_TIMER",
            Offset = LvtTimer,
            Bytes = 4,
            Reset = LvtReset,
            Fields = [.. LvtBasics, Rw("TMM", 17, 1, "periodic")],
            Write = static (LocalApic a, int _, in RegisterWrite w) =>
            {
                a.StoreLocalVector(LvtTimer, w.New);
                a.WriteLvtTimer((uint)a.WithForcedMask(w.New));
            },
        },
        LocalVector("LVT_THERMAL", LvtThermal, 1),
        LocalVector("LVT_PERF", LvtPerformance, 1),
        new()
        {
            Name = "LVT_LINT",
            Offset = LvtLint0,
            Bytes = 4,
            Count = 2,
            Stride = Spacing,
            Reset = LvtReset,
            Fields =
            [
                .. LvtBasics,
                Rw("MT", 8, 3, "delivery mode"),
                Rw("PL", 13, 1, "polarity"),
                Ro("RIR", 14, 1, "remote IRR"),
                Rw("TGM", 15, 1, "level"),
            ],
            Read = static (a, n) => a.LintValue(n),
            Write = static (LocalApic a, int n, in RegisterWrite w) =>
            {
                a.StoreLocalVector(LvtLint0 + (n * Spacing), w.New & ~(ulong)LvtFields.RemoteIrr);
                a.LocalVectorWritten(n);
            },
        },
        LocalVector("LVT_ERROR", LvtError, 1),
        new()
        {
            Name = "TMICT",
            Offset = TimerInitialCount,
            Bytes = 4,
            Fields = [Rw("ICNT", 0, 32, "starts the count; 0 stops it")],
            Read = static (a, _) => a.TimerInitialCount,
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.WriteTimerInitialCount((uint)w.New),
        },
        new()
        {
            Name = "TMCCT",
            Offset = TimerCurrentCount,
            Bytes = 4,
            Fields = [Ro("CCNT", 0, 32, "what is left")],
            Read = static (a, _) => a.TimerCount,
            AfterRead = static (a, _) => a.ReportTimerRead(),
        },
        new()
        {
            Name = "TDCR",
            Offset = TimerDivide,
            Bytes = 4,
            Fields = [Rw("DV", 0, 2, "divisor, low bits"), Rw("DVH", 3, 1, "divisor, high bit")],
            Read = static (a, _) => a.TimerDivide,
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.WriteTimerDivide((uint)w.New),
        },
        new()
        {
            Name = "SELF_IPI",
            Offset = SelfIpi,
            Bytes = 4,
            Fields = [Wo("VEC", 0, 8, "x2APIC mode: interrupt this processor")],
            Read = static (_, _) => 0,
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.SendSelf((byte)w.Value),
        },
        Computed(
            "EXT_FEATURE",
            ExtendedFeature,
            static (_, _) => 0x0004_0007,
            Ro("INC", 0, 1, "IER present"),
            Ro("SNIC", 1, 1, "SEOI present"),
            Ro("XAIDC", 2, 1, "8-bit APIC IDs"),
            Ro("XLC", 16, 8, "extended local vectors")),
        new()
        {
            Name = "EXT_CONTROL",
            Offset = ExtendedControl,
            Bytes = 4,
            Reset = 4,
            Fields = [Rw("IERN", 0, 1, "IER writable"), Rw("SN", 1, 1, "SEOI works"), Rw("XAIDN", 2, 1, "8-bit APIC IDs")],
        },
        new()
        {
            Name = "SEOI",
            Offset = SpecificEoi,
            Bytes = 4,
            Fields = [Wo("VEC", 0, 8, "completes this vector")],
            Read = static (_, _) => 0,
            Write = static (LocalApic a, int _, in RegisterWrite w) => a.SpecificEndOfInterrupt((byte)w.Value),
        },
        new()
        {
            Name = "IER",
            Offset = InterruptEnableOffset,
            Bytes = 4,
            Count = 8,
            Stride = Spacing,
            Reset = 0xFFFF_FFFF,
            Fields = [Rw("IER", 0, 32, "enabled vectors")],
            Read = static (a, n) => a.VectorWord(InterruptEnableOffset, n),
            Write = static (LocalApic a, int n, in RegisterWrite w) => a.WriteInterruptEnable(n, (uint)w.New),
        },
        LocalVector("LVT_EXT", FirstExtendedLvt, ExtendedLvtCount));

    private static RegisterField[] LvtBasics =>
        [Rw("VEC", 0, 8, "vector"), Ro("DS", 12, 1, "delivery status: delivery takes no time here"), Rw("M", 16, 1, "masked")];

    internal static int LocalVectorOfInput(int pin) => VectorOfInput[pin & 7];

    private static Register<LocalApic> Computed(
        string name, int offset, Register<LocalApic>.ReadFunction read, params RegisterField[] fields) =>
        new() { Name = name, Offset = offset, Bytes = 4, Fields = fields, Read = read };

    private static Register<LocalApic> Vectors(string name, int offset, string summary) => new()
    {
        Name = name,
        Offset = offset,
        Bytes = 4,
        Count = 8,
        Stride = Spacing,
        Fields = [Ro(name, 0, 32, summary)],
        Read = offset switch
        {
            InServiceOffset => static (a, n) => a.VectorWord(InServiceOffset, n),
            TriggerModeOffset => static (a, n) => a.VectorWord(TriggerModeOffset, n),
            _ => static (a, n) => a.VectorWord(RequestOffset, n),
        },
    };

    private static Register<LocalApic> LocalVector(string name, int offset, int count) => new()
    {
        Name = name,
        Offset = offset,
        Bytes = 4,
        Count = count,
        Stride = Spacing,
        Reset = LvtReset,
        Fields = [.. LvtBasics, Rw("MT", 8, 3, "delivery mode")],
        Write = offset switch
        {
            LvtThermal => static (LocalApic a, int _, in RegisterWrite w) => a.StoreLocalVector(LvtThermal, w.New),
            LvtPerformance => static (LocalApic a, int _, in RegisterWrite w) => a.StoreLocalVector(LvtPerformance, w.New),
            LvtError => static (LocalApic a, int _, in RegisterWrite w) => a.StoreLocalVector(LvtError, w.New),
            _ => static (LocalApic a, int n, in RegisterWrite w) => a.StoreLocalVector(FirstExtendedLvt + (n * Spacing), w.New),
        },
    };
}
