namespace CoSim.Cli.Snippets;

/// <summary>What a register's name stands for.</summary>
internal enum RegisterKind
{
    /// <summary>A general-purpose register; narrower names set the whole register, zero-extended.</summary>
    General,

    /// <summary>The first instruction, when that is not the first byte.</summary>
    InstructionPointer,

    /// <summary>All flags.</summary>
    Flags,

    /// <summary>One flag, or IOPL.</summary>
    Flag,

    /// <summary>An XMM register; the upper half of its YMM register stays zero.</summary>
    Xmm,

    /// <summary>A YMM register.</summary>
    Ymm,

    /// <summary>An x87 register, counted from the top of the stack, which is physical register 0.</summary>
    Stack,

    /// <summary>An MMX register.</summary>
    Mmx,

    /// <summary>MXCSR.</summary>
    Mxcsr,

    /// <summary>The x87 control word.</summary>
    X87Control,

    /// <summary>The x87 status word.</summary>
    X87Status,

    /// <summary>CR0, CR2, CR4 or CR8 by number.</summary>
    Control,

    /// <summary>DR0 to DR3, DR6 or DR7.</summary>
    Debug,

    /// <summary>A selector; in 16-bit mode its base too.</summary>
    Selector,

    /// <summary>The base of a segment.</summary>
    SegmentBase,

    /// <summary>The limit of a segment.</summary>
    SegmentLimit,

    /// <summary>The time-stamp counter.</summary>
    TimeStampCounter,
}

/// <summary>A register that can be set.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Index">Its number; for a flag its position.</param>
/// <param name="Bits">Its width.</param>
/// <param name="OnlyLong">It exists in 64-bit mode only.</param>
internal readonly record struct RegisterName(RegisterKind Kind, int Index, int Bits, bool OnlyLong);

/// <summary>The names of registers, as assemblers and manuals write them.</summary>
internal static class RegisterCatalog
{
    private static readonly string[] s_legacy = ["ax", "cx", "dx", "bx", "sp", "bp", "si", "di"];

    /// <summary>64-bit names of the general-purpose registers, in encoding order.</summary>
    public static IReadOnlyList<string> General { get; } = [.. s_legacy.Select(n => "r" + n), .. Enumerable.Range(8, 8).Select(n => $"r{n}")];

    /// <summary>Segment registers in encoding order.</summary>
    public static IReadOnlyList<string> Segments { get; } = ["es", "cs", "ss", "ds", "fs", "gs"];

    /// <summary>Flags by their position in RFLAGS.</summary>
    public static IReadOnlyList<(string Name, int Position, int Bits)> Flags { get; } =
    [
        ("cf", 0, 1), ("pf", 2, 1), ("af", 4, 1), ("zf", 6, 1), ("sf", 7, 1), ("tf", 8, 1), ("if", 9, 1), ("df", 10, 1), ("of", 11, 1),
        ("iopl", 12, 2), ("nt", 14, 1), ("rf", 16, 1), ("vm", 17, 1), ("ac", 18, 1), ("id", 21, 1),
    ];

    // Behind the lists that it is made from.
    private static readonly Dictionary<string, RegisterName> s_names = Build();

    /// <summary>Finds a register by its name in any case.</summary>
    public static bool TryFind(string name, out RegisterName register) => s_names.TryGetValue(name.Trim(), out register);

    private static Dictionary<string, RegisterName> Build()
    {
        Dictionary<string, RegisterName> names = new(StringComparer.OrdinalIgnoreCase);
        for (int n = 0; n < 16; n++)
        {
            bool high = n >= 8;
            names[high ? $"r{n}" : "r" + s_legacy[n]] = new(RegisterKind.General, n, 64, true);
            names[high ? $"r{n}d" : "e" + s_legacy[n]] = new(RegisterKind.General, n, 32, high);
            names[high ? $"r{n}w" : s_legacy[n]] = new(RegisterKind.General, n, 16, high);
            names[$"xmm{n}"] = new(RegisterKind.Xmm, n, 128, high);
            names[$"ymm{n}"] = new(RegisterKind.Ymm, n, 256, high);
        }
        for (int n = 0; n < 8; n++)
        {
            names[$"st{n}"] = names[$"st({n})"] = new(RegisterKind.Stack, n, 80, false);
            names[$"mm{n}"] = new(RegisterKind.Mmx, n, 64, false);
        }
        foreach (string pointer in (string[])["rip", "eip", "ip"])
            names[pointer] = new(RegisterKind.InstructionPointer, 0, pointer[0] == 'r' ? 64 : pointer[0] == 'e' ? 32 : 16, pointer[0] == 'r');
        foreach (string flags in (string[])["rflags", "eflags", "flags"])
            names[flags] = new(RegisterKind.Flags, 0, 32, false);
        foreach ((string name, int position, int bits) in Flags.Where(f => f.Name != "vm"))
            names[name] = new(RegisterKind.Flag, position, bits, false);
        foreach ((string name, int index) in Segments.Index().Select(s => (s.Item, s.Index)))
        {
            names[name] = new(RegisterKind.Selector, index, 16, false);
            names[name + ".base"] = new(RegisterKind.SegmentBase, index, 64, false);
            names[name + ".limit"] = new(RegisterKind.SegmentLimit, index, 32, false);
        }
        names["mxcsr"] = new(RegisterKind.Mxcsr, 0, 32, false);
        names["fcw"] = new(RegisterKind.X87Control, 0, 16, false);
        names["fsw"] = new(RegisterKind.X87Status, 0, 16, false);
        names["cr0"] = new(RegisterKind.Control, 0, 32, false);
        names["cr2"] = new(RegisterKind.Control, 2, 64, false);
        names["cr4"] = new(RegisterKind.Control, 4, 32, false);
        foreach (int n in (int[])[0, 1, 2, 3, 6, 7])
            names[$"dr{n}"] = new(RegisterKind.Debug, n, 64, false);
        names["tsc"] = new(RegisterKind.TimeStampCounter, 0, 64, false);
        return names;
    }
}
