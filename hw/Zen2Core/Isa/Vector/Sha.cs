using System.Numerics;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>SHA1RNDS4: four rounds; the immediate chooses function and constant (FIPS 180-4, 6.1.2).</summary>
internal readonly struct Sha1Rnds4 : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> state = a.AsUInt32(), words = b.AsUInt32();
        uint s0 = state[3], s1 = state[2], s2 = state[1], s3 = state[0], s4 = 0;
        uint constant = (control & 3) switch { 0 => 0x5A82_7999, 1 => 0x6ED9_EBA1, 2 => 0x8F1B_BCDC, _ => 0xCA62_C1D6 };
        for (int i = 3; i >= 0; i--)
        {
            uint function = (control & 3) switch
            {
                0 => (s1 & s2) ^ (~s1 & s3),
                2 => (s1 & s2) ^ (s1 & s3) ^ (s2 & s3),
                _ => s1 ^ s2 ^ s3,
            };
            uint next = function + BitOperations.RotateLeft(s0, 5) + words[i] + s4 + constant;
            (s4, s3, s2, s1, s0) = (s3, s2, BitOperations.RotateLeft(s1, 30), s0, next);
        }

        return Vector128.Create(s3, s2, s1, s0).AsUInt64();
    }
}

/// <summary>SHA1NEXTE.</summary>
internal readonly struct Sha1NextE : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> words = b.AsUInt32();
        return words.WithElement(3, words[3] + BitOperations.RotateLeft(a.AsUInt32()[3], 30)).AsUInt64();
    }
}

/// <summary>SHA1MSG1.</summary>
internal readonly struct Sha1Msg1 : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control) =>
        a ^ Vector128.Create(b[1], a[0]);
}

/// <summary>SHA1MSG2.</summary>
internal readonly struct Sha1Msg2 : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        uint w16 = BitOperations.RotateLeft(x[3] ^ y[2], 1);
        uint w17 = BitOperations.RotateLeft(x[2] ^ y[1], 1);
        uint w18 = BitOperations.RotateLeft(x[1] ^ y[0], 1);
        return Vector128.Create(BitOperations.RotateLeft(x[0] ^ w16, 1), w18, w17, w16).AsUInt64();
    }
}

/// <summary>SHA256RNDS2: two rounds; the third source holds the words plus constants (FIPS 180-4, 6.2.2).</summary>
internal readonly struct Sha256Rnds2 : IVecOp3
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, Vector128<ulong> c, int control)
    {
        Vector128<uint> cdgh = a.AsUInt32(), abef = b.AsUInt32(), words = c.AsUInt32();
        uint sa = abef[3], sb = abef[2], sc = cdgh[3], sd = cdgh[2], se = abef[1], sf = abef[0], sg = cdgh[1], sh = cdgh[0];
        for (int i = 0; i < 2; i++)
        {
            uint t1 = ((se & sf) ^ (~se & sg)) + Rotations(se, 6, 11, 25) + words[i] + sh;
            uint t2 = ((sa & sb) ^ (sa & sc) ^ (sb & sc)) + Rotations(sa, 2, 13, 22);
            (sh, sg, sf, se, sd, sc, sb, sa) = (sg, sf, se, sd + t1, sc, sb, sa, t1 + t2);
        }

        return Vector128.Create(sf, se, sb, sa).AsUInt64();
    }

    private static uint Rotations(uint x, int r1, int r2, int r3) =>
        BitOperations.RotateRight(x, r1) ^ BitOperations.RotateRight(x, r2) ^ BitOperations.RotateRight(x, r3);
}

/// <summary>SHA256MSG1.</summary>
internal readonly struct Sha256Msg1 : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> words = a.AsUInt32();
        Vector128<uint> next = Vector128.Create(words[1], words[2], words[3], b.AsUInt32()[0]);
        Vector128<uint> sigma = ((next >>> 7) | (next << 25)) ^ ((next >>> 18) | (next << 14)) ^ (next >>> 3);
        return (words + sigma).AsUInt64();
    }
}

/// <summary>SHA256MSG2.</summary>
internal readonly struct Sha256Msg2 : IVecOp
{
    public static Vector128<ulong> Execute(Vector128<ulong> a, Vector128<ulong> b, int control)
    {
        Vector128<uint> x = a.AsUInt32(), y = b.AsUInt32();
        uint w16 = x[0] + Sigma1(y[2]);
        uint w17 = x[1] + Sigma1(y[3]);
        return Vector128.Create(w16, w17, x[2] + Sigma1(w16), x[3] + Sigma1(w17)).AsUInt64();
    }

    private static uint Sigma1(uint x) => BitOperations.RotateRight(x, 17) ^ BitOperations.RotateRight(x, 19) ^ (x >> 10);
}
