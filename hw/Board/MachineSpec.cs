using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <summary>Which engine a core starts on.</summary>
public enum EngineKind
{
    /// <summary>Fast-forward: instructions at a fixed rate.</summary>
    Functional,

    /// <summary>The Zen 2 pipeline, cycle by cycle.</summary>
    Detailed,
}

/// <summary>
/// Devices at the places where QEMU has them, for programs that were written for it. A Rome board has none of them, and none is there
/// unless it is asked for.
/// </summary>
[Flags]
public enum EmulatorDevices
{
    /// <summary>A Rome board as it is.</summary>
    None = 0,

    /// <summary>Exit port F4h: see <see cref="CoSim.Hw.Legacy.DebugExit"/>.</summary>
    DebugExit = 1,

    /// <summary>Read-back register at port E0h, interrupt lines at 2000h, 64 KiB of RAM at FF000000h: see <see cref="CoSim.Hw.Legacy.TestDevice"/>.</summary>
    TestDevice = 2,

    /// <summary>Firmware configuration at port 510h: see <see cref="CoSim.Hw.Legacy.FwCfg"/>.</summary>
    FwCfg = 4,

    /// <summary>Text port 402h: see <see cref="CoSim.Hw.Legacy.DebugConsole"/>.</summary>
    DebugConsole = 8,

    /// <summary>A keyboard controller at ports 60h and 64h: see <see cref="CoSim.Hw.Legacy.KeyboardController"/>.</summary>
    KeyboardController = 16,

    /// <summary>A screen of text at B8000h: see <see cref="CoSim.Hw.Legacy.TextScreen"/>.</summary>
    TextScreen = 32,
}

/// <summary>What the PCI bus tells software that the board is.</summary>
public enum BoardKind
{
    /// <summary>An EPYC Rome board.</summary>
    Rome,

    /// <summary>
    /// QEMU's "pc", as far as firmware for it looks: its host and ISA bridges, and the last 128 KiB of the flash copied to E0000h. All else is
    /// a Rome board's.
    /// </summary>
    I440Fx,
}

/// <summary>Everything that distinguishes one machine from another; nothing here changes while it runs.</summary>
public sealed record MachineSpec
{
    public required EpycModel Model { get; init; }

    /// <summary>Cores that take part, 1 to 64.</summary>
    public required int Cores { get; init; }

    /// <summary>RAM in bytes, a multiple of 1 MiB, at least 32 MiB.</summary>
    public required ulong MemoryBytes { get; init; }

    /// <summary>The SPI flash, made by <see cref="FlashImage"/>.</summary>
    public required ReadOnlyMemory<byte> Flash { get; init; }

    /// <summary>Seeds everything random: RDRAND, RDSEED.</summary>
    public ulong Seed { get; init; }

    public EngineKind Engine { get; init; } = EngineKind.Detailed;

    /// <summary>What the functional engine makes of instructions: one of them a core cycle, unless something else is asked for.</summary>
    public FunctionalRate FunctionalRate { get; init; } = FunctionalRate.One;

    /// <summary>Whether the functional engine translates hot code to host machine code, where the host allows it. Results do not depend on it.</summary>
    public bool Translate { get; init; } = true;

    public OscillatorErrors Oscillators { get; init; } = OscillatorErrors.None;

    /// <summary>TSC offset of each core, in ticks; cores beyond the list have none.</summary>
    public IReadOnlyList<long> TscOffsets { get; init; } = [];

    /// <summary>Where the board differs from one that works and is just out of reset.</summary>
    public MachineQuirks Quirks { get; init; } = MachineQuirks.None;

    /// <summary>What goes wrong while it runs, in no particular order.</summary>
    public IReadOnlyList<Fault> Faults { get; init; } = [];

    /// <summary>What the RTC shows at reset, in seconds since 1970-01-01 00:00:00 UTC.</summary>
    public long RtcUnixSeconds { get; init; } = 1_577_836_800;

    /// <summary>What the PCI bus says.</summary>
    public BoardKind Board { get; init; }

    /// <summary>Devices beyond a Rome board's own.</summary>
    public EmulatorDevices Devices { get; init; }

    /// <summary>Files of the firmware configuration device, by name; without meaning when it is not there.</summary>
    public IReadOnlyList<FlashFile> ConfigurationFiles { get; init; } = [];
}
