using System.Globalization;
using System.Text;

namespace CoSim.Os.Loader;

/// <summary>
/// What our firmware is told to do otherwise than usual, mostly wrong: the file "setup" of the flash, which its <c>Setup</c> reads. What is null is
/// done as usual.
/// </summary>
public sealed record FirmwareSettings
{
    /// <summary>The name in the flash directory.</summary>
    public const string FileName = "setup";

    /// <summary>Firmware that does everything right.</summary>
    public static readonly FirmwareSettings None = new();

    /// <summary>Whether there is an HPET table.</summary>
    public bool? HpetTable { get; init; }

    /// <summary>The address in the HPET table.</summary>
    public ulong? HpetTableAddress { get; init; }

    /// <summary>The address space in the HPET table: 0 memory, 1 ports.</summary>
    public byte? HpetTableSpace { get; init; }

    /// <summary>What firmware leaves in the HPET's GEN_CONF: bit 0 runs, bit 1 legacy replacement.</summary>
    public ulong? HpetConfiguration { get; init; }

    /// <summary>Whether firmware makes the HPET 64 bits wide (PM register 00h, WIDTH_SEL).</summary>
    public bool? HpetWide { get; init; }

    /// <summary>The IO-APIC input that the MADT's override names for IRQ 0, 0 to 23; -1 for no override.</summary>
    public int? TimerInput { get; init; }

    /// <summary>Flags of that override (ACPI 6.3, table 5-50): polarity in bits 1:0, trigger mode in bits 3:2.</summary>
    public ushort? TimerFlags { get; init; }

    /// <summary>What firmware writes to the TSC of every application processor when it starts.</summary>
    public ulong? OtherTscs { get; init; }

    /// <summary>Ticks by which firmware moves the boot processor's TSC after that.</summary>
    public long? BootTscMove { get; init; }

    /// <summary>Whether firmware allows CC6 (MSR C001_0296h bits 6, 14 and 22) on every core.</summary>
    public bool? DeepIdle { get; init; }

    /// <summary>Whether firmware installs a handler of system management interrupts, which works as long as ports B3h and B2h say, in microseconds.</summary>
    public bool? SmmHandler { get; init; }

    /// <summary>Whether firmware leaves every processor's local APIC in x2APIC mode, as BIOS setups of EPYC boards offer it.</summary>
    public bool? X2Apic { get; init; }

    /// <summary>The file, or null when there is nothing in it.</summary>
    public byte[]? ToFile()
    {
        StringBuilder text = new();
        Add(text, "hpet-table", Number(HpetTable));
        Add(text, "hpet-base", HpetTableAddress);
        Add(text, "hpet-space", HpetTableSpace);
        Add(text, "hpet-config", HpetConfiguration);
        Add(text, "hpet-wide", Number(HpetWide));
        Add(text, "timer-input", TimerInput is { } input ? (ulong)(uint)input : null);
        Add(text, "timer-flags", TimerFlags);
        Add(text, "tsc-others", OtherTscs);
        Add(text, "tsc-boot-move", BootTscMove is { } move ? (ulong)move : null);
        Add(text, "cc6", Number(DeepIdle));
        Add(text, "smm", Number(SmmHandler));
        Add(text, "x2apic", Number(X2Apic));
        return text.Length > 0 ? Encoding.ASCII.GetBytes(text.ToString()) : null;
    }

    private static ulong? Number(bool? value) => value is { } flag ? flag ? 1UL : 0 : null;

    private static void Add(StringBuilder text, string name, ulong? value)
    {
        if (value is { } number)
            text.Append(CultureInfo.InvariantCulture, $"{name}={number:x}\n");
    }
}
