using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>
/// An operand width as a type, so that one definition of an operation compiles to exact code for each width. Values travel
/// zero-extended in 64 bits.
/// </summary>
internal unsafe interface IWidth
{
    /// <summary>8, 16, 32 or 64.</summary>
    static abstract int Bits { get; }

    /// <summary>Reads the register operand at <paramref name="register"/> in the state.</summary>
    static abstract ulong Read(byte* register);

    /// <summary>Writes a register operand: 8 and 16 bits merge, 32 bits clear the upper half.</summary>
    static abstract void Write(byte* register, ulong value);

    /// <summary>Writes memory.</summary>
    static abstract void Store(byte* address, ulong value);

    /// <summary>Selects the operand from a whole register; bit 0 of <paramref name="offset"/> selects AH..BH.</summary>
    static abstract ulong Extract(ulong register, ushort offset);

    /// <summary>What a write of <paramref name="value"/> makes of a whole register that held <paramref name="old"/>.</summary>
    static abstract ulong Merge(ulong old, ulong value, ushort offset);
}

/// <summary>Width-derived constants; each folds to an immediate.</summary>
internal static class Width
{
    /// <summary>All bits of the width set.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mask<W>()
        where W : struct, IWidth => ulong.MaxValue >> (64 - W.Bits);

    /// <summary>The sign bit of the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Sign<W>()
        where W : struct, IWidth => 1UL << (W.Bits - 1);

    /// <summary>Sign-extends a value of the width to 64 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long SignExtend<W>(ulong value)
        where W : struct, IWidth => (long)(value << (64 - W.Bits)) >> (64 - W.Bits);

    /// <summary>Truncates to the width.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Truncate<W>(ulong value)
        where W : struct, IWidth => value & Mask<W>();
}

/// <summary>Eight bits.</summary>
internal readonly unsafe struct W8 : IWidth
{
    public static int Bits => 8;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(byte* register) => *register;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* register, ulong value) => *register = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* address, ulong value) => *address = (byte)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extract(ulong register, ushort offset) => (byte)(register >> ((offset & 1) << 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Merge(ulong old, ulong value, ushort offset)
    {
        int shift = (offset & 1) << 3;
        return (old & ~(0xFFUL << shift)) | ((ulong)(byte)value << shift);
    }
}

/// <summary>Sixteen bits.</summary>
internal readonly unsafe struct W16 : IWidth
{
    public static int Bits => 16;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(byte* register) => *(ushort*)register;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* register, ulong value) => *(ushort*)register = (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* address, ulong value) => *(ushort*)address = (ushort)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extract(ulong register, ushort offset) => (ushort)(register >> ((offset & 1) << 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Merge(ulong old, ulong value, ushort offset) => (old & ~0xFFFFUL) | (ushort)value;
}

/// <summary>Thirty-two bits.</summary>
internal readonly unsafe struct W32 : IWidth
{
    public static int Bits => 32;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(byte* register) => *(uint*)register;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* register, ulong value) => *(ulong*)register = (uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* address, ulong value) => *(uint*)address = (uint)value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extract(ulong register, ushort offset) => (uint)(register >> ((offset & 1) << 3));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Merge(ulong old, ulong value, ushort offset) => (uint)value;
}

/// <summary>Sixty-four bits.</summary>
internal readonly unsafe struct W64 : IWidth
{
    public static int Bits => 64;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Read(byte* register) => *(ulong*)register;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Write(byte* register, ulong value) => *(ulong*)register = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* address, ulong value) => *(ulong*)address = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Extract(ulong register, ushort offset) => register >> ((offset & 1) << 3);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Merge(ulong old, ulong value, ushort offset) => value;
}
