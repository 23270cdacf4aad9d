namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>The decode mode: what, beside the bytes, decides how code decodes.</summary>
public static class ModeKeys
{
    /// <summary>16-bit code, 16-bit stack: the mode of reset.</summary>
    public const byte Real16 = 0;

    /// <summary>64-bit code.</summary>
    public const byte Long64 = 2 | (2 << 2);

    /// <summary>Vector instructions of legacy encodings raise #UD: CR0.EM is set or CR4.OSFXSR clear.</summary>
    public const byte NoSse = 0x10;

    /// <summary>Vector instructions of VEX encodings raise #UD: CR4.OSXSAVE is clear, or XCR0 lacks SSE or AVX.</summary>
    public const byte NoAvx = 0x20;

    /// <summary>Vector instructions that are enabled raise #NM: CR0.TS is set.</summary>
    public const byte VectorsSwitchedOut = 0x40;

    /// <summary>
    /// Data accesses must be aligned or raise #AC: privilege level 3 with CR0.AM and RFLAGS.AC. Code decoded under this bit forms
    /// every address by <see cref="EffectiveAddress.Linear"/>, which checks it.
    /// </summary>
    public const byte AlignmentChecks = 0x80;

    /// <summary>The three bits about vector instructions.</summary>
    public const byte VectorBits = NoSse | NoAvx | VectorsSwitchedOut;

    /// <summary>Builds a key.</summary>
    /// <param name="codeBits">16, 32 or 64.</param>
    /// <param name="stackBits">16, 32 or 64.</param>
    public static byte Of(int codeBits, int stackBits) => (byte)((codeBits >> 5) | ((stackBits >> 5) << 2));

    /// <summary>16, 32 or 64.</summary>
    public static int CodeBits(byte key) => 16 << (key & 3);

    /// <summary>Stack address size in bytes: 2, 4 or 8.</summary>
    public static byte StackBytes(byte key) => (byte)(2 << ((key >> 2) & 3));

    /// <summary>Bits of the instruction pointer that the mode uses.</summary>
    public static ulong InstructionPointerMask(byte key) => (key & 3) switch
    {
        0 => 0xFFFF,
        1 => uint.MaxValue,
        _ => ulong.MaxValue,
    };
}
