using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>AESENC: one round (FIPS 197, 5.1).</summary>
internal readonly struct AesEnc : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        AesTables.MixColumns(AesTables.Substitute(a, AesTables.Forward, 4)) ^ b;
}

/// <summary>AESENCLAST: the round without MixColumns.</summary>
internal readonly struct AesEncLast : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        AesTables.Substitute(a, AesTables.Forward, 4) ^ b;
}

/// <summary>AESDEC: one round of the equivalent inverse cipher (FIPS 197, 5.3.5).</summary>
internal readonly struct AesDec : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        AesTables.InverseMixColumns(AesTables.Substitute(a, AesTables.Inverse, -4)) ^ b;
}

/// <summary>AESDECLAST.</summary>
internal readonly struct AesDecLast : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        AesTables.Substitute(a, AesTables.Inverse, -4) ^ b;
}

/// <summary>AESIMC: InvMixColumns alone.</summary>
internal readonly struct AesImc : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) => AesTables.InverseMixColumns(b);
}

/// <summary>AESKEYGENASSIST.</summary>
internal readonly struct AesKeyGenAssist : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> words = AesTables.Substitute(b, AesTables.Forward, 0).AsUInt32();
        uint low = words[1], high = words[3];
        return Vector128.Create(low, RotateRight8(low) ^ (uint)control, high, RotateRight8(high) ^ (uint)control).AsUInt64();
    }

    private static uint RotateRight8(uint value) => (value >> 8) | (value << 24);
}

/// <summary>Byte substitution and column mixing over GF(2^8) with the polynomial 11Bh.</summary>
internal static class AesTables
{
    /// <summary>S-box.</summary>
    public static readonly byte[] Forward = BuildForward();

    /// <summary>Inverse S-box.</summary>
    public static readonly byte[] Inverse = Invert(Forward);

    /// <summary>Substitutes bytes and shifts row r by r columns.</summary>
    /// <param name="state">State, column-major, byte 0 lowest.</param>
    /// <param name="box">Substitution table.</param>
    /// <param name="columnStep">Bytes per column of the shift: 4 forward, -4 inverse, 0 for none.</param>
    public static Vector128<ulong> Substitute(Vector128<ulong> state, byte[] box, int columnStep)
    {
        Vector128<byte> bytes = state.AsByte();
        Vector128<byte> result = default;
        for (int i = 0; i < 16; i++)
            result = result.WithElement(i, box[bytes[(i + ((i & 3) * columnStep)) & 15]]);
        return result.AsUInt64();
    }

    /// <summary>MixColumns.</summary>
    public static Vector128<ulong> MixColumns(Vector128<ulong> state)
    {
        // Byte r of a column becomes 2x(r) + 3x(r+1) + (r+2) + (r+3).
        Vector128<byte> s = state.AsByte();
        Vector128<byte> next = Rotate(s, 1);
        return (Double(s ^ next) ^ next ^ Rotate(s, 2) ^ Rotate(s, 3)).AsUInt64();
    }

    /// <summary>InvMixColumns.</summary>
    public static Vector128<ulong> InverseMixColumns(Vector128<ulong> state)
    {
        // The inverse matrix is the forward one times (5, 0, 4, 0): precondition, then mix.
        Vector128<byte> s = state.AsByte();
        Vector128<byte> quadruple = Double(Double(s ^ Rotate(s, 2)));
        return MixColumns((s ^ quadruple).AsUInt64());
    }

    private static Vector128<byte> Rotate(Vector128<byte> s, int bytes)
    {
        Vector128<uint> words = s.AsUInt32();
        return ((words >>> (8 * bytes)) | (words << (32 - (8 * bytes)))).AsByte();
    }

    private static Vector128<byte> Double(Vector128<byte> s) =>
        (s + s) ^ ((s.AsSByte() >> 7).AsByte() & Vector128.Create((byte)0x1B));

    private static byte[] BuildForward()
    {
        byte[] box = new byte[256];
        for (int i = 0; i < 256; i++)
        {
            int inverse = i == 0 ? 0 : Power254(i);
            int value = inverse;
            for (int k = 1; k <= 4; k++)
                value ^= (inverse << k) | (inverse >> (8 - k));
            box[i] = (byte)((value & 0xFF) ^ 0x63);
        }

        return box;
    }

    // x^254 is the inverse in GF(2^8).
    private static int Power254(int x)
    {
        int result = 1;
        for (int i = 0; i < 254; i++)
            result = Multiply(result, x);
        return result;
    }

    private static int Multiply(int x, int y)
    {
        int product = 0;
        for (; y != 0; y >>= 1)
        {
            if ((y & 1) != 0)
                product ^= x;
            x = (x << 1) ^ ((x & 0x80) != 0 ? 0x11B : 0);
        }

        return product;
    }

    private static byte[] Invert(byte[] box)
    {
        byte[] inverse = new byte[256];
        for (int i = 0; i < 256; i++)
            inverse[box[i]] = (byte)i;
        return inverse;
    }
}
