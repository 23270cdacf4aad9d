namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// Names of registers as micro-ops hold them: the byte offset of the register inside <see cref="CpuState"/>.
/// An offset reads AH..BH without a special case (offset of the register plus one) and makes 8- and 16-bit writes
/// merge by themselves. <see cref="Number"/> gives the number in the unified register space for renaming.
/// </summary>
public static class Reg
{
    /// <summary>General-purpose registers: 0-15 RAX..R15 in encoding order, 16-23 micro temporaries, then <see cref="Zero"/>, <see cref="None"/>.</summary>
    public const int GprCount = 32;

    /// <summary>Vector registers: 0-15 XMM/YMM, 16-23 micro temporaries; 32 bytes each.</summary>
    public const int VectorCount = 24;

    /// <summary>Byte offset of the first vector register in <see cref="CpuState"/>.</summary>
    public const int VectorBase = GprCount * 8;

    /// <summary>Unified number of the first vector register.</summary>
    public const int FirstVectorNumber = GprCount;

    /// <summary>Size of the unified register space: general-purpose then vector registers.</summary>
    public const int UnifiedCount = GprCount + VectorCount;

    /// <summary>RAX.</summary>
    public const ushort Rax = 0;

    /// <summary>RCX.</summary>
    public const ushort Rcx = 8;

    /// <summary>RDX.</summary>
    public const ushort Rdx = 16;

    /// <summary>RBX.</summary>
    public const ushort Rbx = 24;

    /// <summary>RSP.</summary>
    public const ushort Rsp = 32;

    /// <summary>RBP.</summary>
    public const ushort Rbp = 40;

    /// <summary>RSI.</summary>
    public const ushort Rsi = 48;

    /// <summary>RDI.</summary>
    public const ushort Rdi = 56;

    /// <summary>R8.</summary>
    public const ushort R8 = 64;

    /// <summary>R11.</summary>
    public const ushort R11 = 88;

    /// <summary>First micro temporary; dead at every instruction boundary.</summary>
    public const ushort T0 = 128;

    /// <summary>Second micro temporary.</summary>
    public const ushort T1 = 136;

    /// <summary>Third micro temporary.</summary>
    public const ushort T2 = 144;

    /// <summary>Fourth micro temporary.</summary>
    public const ushort T3 = 152;

    /// <summary>Reads as zero, is never written: an absent base or index.</summary>
    public const ushort Zero = 192;

    /// <summary>An absent operand: never read as a value, and a discarded destination.</summary>
    public const ushort None = 200;

    /// <summary>General-purpose register <paramref name="number"/> (0-31).</summary>
    public static ushort Gpr(int number) => (ushort)(number * 8);

    /// <summary>Vector register <paramref name="number"/> (0-15 architectural, 16-23 temporaries).</summary>
    public static ushort Vector(int number) => (ushort)(VectorBase + number * 32);

    /// <summary>True when the operand is one of AH, CH, DH, BH.</summary>
    public static bool IsHighByte(ushort register) => (register & 1) != 0;

    /// <summary>True when the operand is a vector register.</summary>
    public static bool IsVector(ushort register) => register >= VectorBase;

    /// <summary>Number in the unified space: 0-31 general purpose, 32-55 vector.</summary>
    public static int Number(ushort register) =>
        register < VectorBase ? register >> 3 : FirstVectorNumber + ((register - VectorBase) >> 5);
}
