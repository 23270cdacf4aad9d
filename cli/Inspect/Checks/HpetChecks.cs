namespace CoSim.Cli.Inspect.Checks;

/// <summary>The HPET's table, its capabilities and its counter.</summary>
internal sealed class HpetChecks
{
    private const ulong DecodeRegister = 0xFED8_0300, Decoded = 1 << 6;
    private const int BlockId = 36, AddressSpace = 40, Address = 44, MinimumTick = 53;
    private const ulong Configuration = 0x10, Counter = 0xF0, Enable = 1, LegacyReplacement = 2, KnownConfiguration = Enable | LegacyReplacement, LongestPeriod = 0x05F5_E100;
    private const int CounterSize = 13, Period = 32;

    private readonly RegisterView _registers;
    private readonly ulong _base;

    private HpetChecks(RegisterView registers, ulong address)
    {
        _registers = registers;
        _base = address;
        Capabilities = registers.Device(address, sizeof(ulong));
    }

    /// <summary>The register GCAP_ID.</summary>
    public ulong Capabilities { get; }

    /// <summary>COUNTER_CLK_PERIOD in femtoseconds; 0 when it cannot be one.</summary>
    public ulong PeriodFemtoseconds => Capabilities >> Period is var period && period <= LongestPeriod ? period : 0;

    /// <summary>MAIN_CNT, 64 bits.</summary>
    public ulong Count => _registers.Device(_base + Counter, sizeof(ulong));

    /// <summary>
    /// The table is there when the FCH decodes the block (PPR 55803, PMx000), names memory, and the block answers at its address with the id
    /// that it states; the period is 1 to 100,000,000 fs and reserved bits of GEN_CONF read as 0 (IA-PC HPET 1.0a, 3.2.4, 2.3.4, 2.3.5).
    /// </summary>
    /// <returns>The HPET; null when it does not answer.</returns>
    public static HpetChecks? Add(CheckList list, RegisterView registers, AcpiView acpi)
    {
        const string tableRule = "IA-PC HPET 1.0a, 3.2.4";
        bool isDecoded = (registers.Device(DecodeRegister, sizeof(uint)) & Decoded) != 0;
        byte[]? table = acpi.Find("HPET");
        list.Equal("HPET table", isDecoded ? "present" : "absent", table is null ? "absent" : "present", tableRule + "; PPR 55803, PMx000 HPET_EN");
        if (table is null)
            return null;
        list.Equal("HPET address space", "0", CheckList.Number(table[AddressSpace]), tableRule);
        ulong address = RegisterView.Field(table, Address, sizeof(ulong));
        HpetChecks hpet = new(registers, address);
        bool answers = hpet.Capabilities != ulong.MaxValue && (hpet.Capabilities & 0xFF) != 0;
        list.Holds("HPET base", CheckList.Hex(address), answers ? "answers" : "no answer", tableRule + ", 2.3.4 REV_ID", answers);
        if (!answers)
            return null;
        list.Equal("HPET block id", CheckList.Hex(RegisterView.Field(table, BlockId, sizeof(uint))), CheckList.Hex(hpet.Capabilities & uint.MaxValue), tableRule);
        ulong minimum = RegisterView.Field(table, MinimumTick, sizeof(ushort));
        list.Holds("HPET minimum tick", "not 0", CheckList.Number(minimum), tableRule, minimum != 0);
        list.Holds("HPET period in fs", "1 to 100000000", CheckList.Number(hpet.Capabilities >> Period), "IA-PC HPET 1.0a, 2.3.4", hpet.PeriodFemtoseconds != 0);
        ulong reserved = registers.Device(address + Configuration, sizeof(ulong)) & ~KnownConfiguration;
        list.Equal("HPET reserved configuration bits", "0h", CheckList.Hex(reserved), "IA-PC HPET 1.0a, 2.3.5");
        return hpet;
    }

    /// <summary>Whether the comparators have the interrupts of PIT and RTC: GEN_CONF, LEG_RT_CNF.</summary>
    public bool ReplacesLegacy => (_registers.Device(_base + Configuration, sizeof(ulong)) & LegacyReplacement) != 0;

    /// <summary>Lets the counter run.</summary>
    public void Start() => Configure(Enable);

    /// <summary>
    /// An enabled counter counts (IA-PC HPET 1.0a, 2.3.5 ENABLE_CNF), and carries into bit 32 exactly when COUNT_SIZE_CAP says that it is 64 bits
    /// wide (2.3.4). Sets the counter; comes after everything that reads it.
    /// </summary>
    public void AddWidth(CheckList list)
    {
        const ulong beforeCarry = 0xFFFF_FF00;
        Configure(0);
        _registers.SetDevice(_base + Counter, sizeof(ulong), beforeCarry);
        Configure(Enable);
        // 14,318 ticks: beyond the carry and far from the next one.
        _registers.Pass(Hw.Simulation.SimDuration.FromMilliseconds(1));
        bool isWide = (Capabilities >> CounterSize & 1) != 0;
        list.Equal("HPET width in bits", isWide ? "64" : "32", Count >> 32 != 0 ? "64" : "32", "IA-PC HPET 1.0a, 2.3.4 COUNT_SIZE_CAP");
    }

    private void Configure(ulong enable)
    {
        ulong now = _registers.Device(_base + Configuration, sizeof(ulong));
        _registers.SetDevice(_base + Configuration, sizeof(ulong), (now & ~Enable) | enable);
    }
}
