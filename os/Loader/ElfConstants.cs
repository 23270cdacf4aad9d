namespace CoSim.Os.Loader;

/// <summary>The numbers of the ELF-64 format that loading needs (System V gABI, chapters 4 and 5; x86-64 psABI 1.0).</summary>
internal static class ElfConstants
{
    public const int HeaderSize = 64;
    public const int ProgramHeaderSize = 56;
    public const byte Class32 = 1;
    public const byte Class64 = 2;
    public const byte LittleEndian = 1;
    public const ushort TypeRelocatable = 1;
    public const ushort TypeExecutable = 2;
    public const ushort TypeShared = 3;
    public const ushort TypeCore = 4;
    public const ushort MachineX8664 = 62;
    public const uint SegmentLoad = 1;
    public const uint SegmentDynamic = 2;
    public const uint SegmentInterpreter = 3;
    public const uint FlagExecute = 1;

    /// <summary>First byte above the addresses that user space can have with 4-level paging.</summary>
    public const ulong UserEnd = 0x7FFF_FFFF_F000;

    /// <summary>The usual name of an architecture, for messages.</summary>
    public static string MachineName(ushort machine) => machine switch
    {
        3 => "32-bit x86 (i386)",
        8 => "MIPS",
        20 or 21 => "PowerPC",
        22 => "S/390",
        40 => "32-bit Arm",
        183 => "AArch64",
        243 => "RISC-V",
        258 => "LoongArch",
        _ => $"machine {machine}",
    };
}
