using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Hpet;

/// <summary>The register table (IA-PC HPET 1.0a, 2.3).</summary>
public static class HpetRegisters
{
    public const int Capabilities = 0x000;
    public const int GeneralConfiguration = 0x010;
    public const int InterruptStatus = 0x020;
    public const int MainCounter = 0x0F0;
    public const int FirstTimer = 0x100;
    public const int TimerStride = 0x20;

    /// <summary>Bytes of address space that the FCH decodes at FED00000h.</summary>
    public const int WindowSize = 0x200;

    /// <summary>Comparators that the window has room for.</summary>
    public const int MaxTimers = 8;

    /// <summary>One table for every number of comparators that exists: the FCH's has 3 rows of timers.</summary>
    public static RegisterTable<HpetBlock> For(int timers) => new(
        "hpet",
        WindowSize,
        new Register<HpetBlock>
        {
            Name = "GCAP_ID",
            Offset = Capabilities,
            Bytes = 8,
            Fields =
            [
                RegisterField.Ro("REV_ID", 0, 8, "revision, not 0"),
                RegisterField.Ro("NUM_TIM_CAP", 8, 5, "number of comparators less one"),
                RegisterField.Ro("COUNT_SIZE_CAP", 13, 1, "counter is 64 bits wide"),
                RegisterField.Ro("LEG_RT_CAP", 15, 1, "legacy replacement routing possible"),
                RegisterField.Ro("VENDOR_ID", 16, 16, "as in PCI"),
                RegisterField.Ro("COUNTER_CLK_PERIOD", 32, 32, "femtoseconds"),
            ],
            Read = static (h, _) => h.CapabilityValue,
        },
        new Register<HpetBlock>
        {
            Name = "GEN_CONF",
            Offset = GeneralConfiguration,
            Bytes = 8,
            Fields =
            [
                RegisterField.Rw("ENABLE_CNF", 0, 1, "counter runs, interrupts allowed"),
                RegisterField.Rw("LEG_RT_CNF", 1, 1, "comparators 0 and 1 replace PIT and RTC interrupts"),
            ],
            Read = static (h, _) => h.ConfigurationValue,
            Write = static (HpetBlock h, int _, in RegisterWrite w) => h.WriteConfiguration(w.New),
        },
        new Register<HpetBlock>
        {
            Name = "GINTR_STA",
            Offset = InterruptStatus,
            Bytes = 8,
            Fields = [RegisterField.W1C("Tn_INT_STS", 0, timers, "level mode: comparator n has matched")],
            Read = static (h, _) => h.StatusValue,
            Write = static (HpetBlock h, int _, in RegisterWrite w) => h.ClearStatus(w.Value),
        },
        new Register<HpetBlock>
        {
            Name = "MAIN_CNT",
            Offset = MainCounter,
            Bytes = 8,
            Fields = [RegisterField.Rw("MAIN_COUNTER_VAL", 0, 64, "writable while halted")],
            Read = static (h, _) => h.Counter,
            AfterRead = static (h, _) => h.ReportCounterRead(),
            Write = static (HpetBlock h, int _, in RegisterWrite w) => h.WriteCounter(w.New),
        },
        new Register<HpetBlock>
        {
            Name = "TnCONF",
            Offset = FirstTimer,
            Bytes = 8,
            Count = timers,
            Stride = TimerStride,
            Fields =
            [
                RegisterField.Rw("INT_TYPE_CNF", 1, 1, "1 = level"),
                RegisterField.Rw("INT_ENB_CNF", 2, 1, "interrupt enable"),
                RegisterField.Rw("TYPE_CNF", 3, 1, "1 = periodic"),
                RegisterField.Ro("PER_INT_CAP", 4, 1, "can be periodic"),
                RegisterField.Ro("SIZE_CAP", 5, 1, "64 bits wide"),
                RegisterField.Rw("VAL_SET_CNF", 6, 1, "next comparator write sets the accumulator; clears itself"),
                RegisterField.Rw("32MODE_CNF", 8, 1, "use a 64-bit comparator as a 32-bit one"),
                RegisterField.Rw("INT_ROUTE_CNF", 9, 5, "IO-APIC pin"),
                RegisterField.Rw("FSB_EN_CNF", 14, 1, "interrupt by message"),
                RegisterField.Ro("FSB_INT_DEL_CAP", 15, 1, "messages possible"),
                RegisterField.Ro("INT_ROUTE_CAP", 32, 32, "IO-APIC pins possible"),
            ],
            Read = static (h, n) => h.TimerConfigValue(n),
            Write = static (HpetBlock h, int n, in RegisterWrite w) => h.WriteTimerConfig(n, w.New),
        },
        new Register<HpetBlock>
        {
            Name = "TnCMP",
            Offset = FirstTimer + 0x08,
            Bytes = 8,
            Count = timers,
            Stride = TimerStride,
            Fields = [RegisterField.Rw("COMPARATOR_VAL", 0, 64, "match value; periodic: accumulator or, without VAL_SET, period")],
            Read = static (h, n) => h.ComparatorValue(n),
            AfterRead = static (h, n) => h.ComparatorWasRead(n),
            Write = static (HpetBlock h, int n, in RegisterWrite w) => h.WriteComparator(n, w.Value, w.Lanes),
        },
        new Register<HpetBlock>
        {
            Name = "TnFSB",
            Offset = FirstTimer + 0x10,
            Bytes = 8,
            Count = timers,
            Stride = TimerStride,
            Fields =
            [
                RegisterField.Rw("FSB_INT_VAL", 0, 32, "message data"),
                RegisterField.Rw("FSB_INT_ADDR", 32, 32, "message address"),
            ],
            Read = static (h, n) => h.MessageValue(n),
            Write = static (HpetBlock h, int n, in RegisterWrite w) => h.WriteMessage(n, w.New),
        });
}
