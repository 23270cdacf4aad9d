using System.Numerics;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa.Vector;

/// <summary>The comparison of PCMPESTRI, PCMPESTRM, PCMPISTRI and PCMPISTRM (AMD APM vol. 1, 5.8.4; vol. 4).</summary>
internal static class StringCompare
{
    /// <summary>Elements of a vector: 8 words or 16 bytes.</summary>
    public static int Count(int control) => (control & 1) != 0 ? 8 : 16;

    /// <summary>Number of elements before the first zero.</summary>
    public static int ImplicitLength(Vector128<ulong> value, int control)
    {
        uint zeros = (control & 1) != 0
            ? Vector128.Equals(value.AsUInt16(), default).ExtractMostSignificantBits()
            : Vector128.Equals(value.AsByte(), default).ExtractMostSignificantBits();
        return zeros == 0 ? Count(control) : BitOperations.TrailingZeroCount(zeros);
    }

    /// <summary>Magnitude of an explicit length, limited to the number of elements.</summary>
    public static int ExplicitLength(long length, int control)
    {
        int count = Count(control);
        return length > count || length < -count ? count : (int)Math.Abs(length);
    }

    /// <summary>Compares and sets the flags.</summary>
    /// <param name="a">First string (the set, the ranges, the needle).</param>
    /// <param name="aLength">Its valid elements.</param>
    /// <param name="b">Second string.</param>
    /// <param name="bLength">Its valid elements.</param>
    /// <param name="control">Immediate: bits 0-1 format, 2-3 aggregation, 4-5 polarity.</param>
    /// <param name="flags">Receives CF, ZF, SF, OF; AF and PF are cleared.</param>
    /// <returns>One bit for each element of b.</returns>
    public static uint Compare(Vector128<ulong> a, int aLength, Vector128<ulong> b, int bLength, int control, out uint flags)
    {
        int count = Count(control);
        uint result = 0;
        for (int j = 0; j < count; j++)
        {
            if (Aggregate(a, aLength, b, bLength, control, j))
                result |= 1u << j;
        }

        uint all = (1u << count) - 1;
        result ^= ((control >> 4) & 3) switch { 1 => all, 3 => (1u << bLength) - 1, _ => 0 };
        flags = (result != 0 ? FlagBits.CF : 0) | (bLength < count ? FlagBits.ZF : 0) | (aLength < count ? FlagBits.SF : 0)
            | ((result & 1) != 0 ? FlagBits.OF : 0);
        return result;
    }

    /// <summary>The index result: lowest or (bit 6) highest set bit, or the number of elements.</summary>
    public static int Index(uint result, int control)
    {
        if (result == 0)
            return Count(control);
        return (control & 0x40) != 0 ? BitOperations.Log2(result) : BitOperations.TrailingZeroCount(result);
    }

    /// <summary>The mask result: bits, or (bit 6) one element of ones for each.</summary>
    public static Vector128<ulong> Mask(uint result, int control)
    {
        if ((control & 0x40) == 0)
            return Vector128.CreateScalar((ulong)result);
        if ((control & 1) != 0)
            return Shuffles.WordMask((int)result);
        Vector128<byte> mask = default;
        for (int i = 0; i < 16; i++)
            mask = mask.WithElement(i, (byte)(0 - ((result >> i) & 1)));
        return mask.AsUInt64();
    }

    private static bool Aggregate(Vector128<ulong> a, int aLength, Vector128<ulong> b, int bLength, int control, int j)
    {
        int count = Count(control);
        switch ((control >> 2) & 3)
        {
            case 0:
                for (int i = 0; i < aLength; i++)
                {
                    if (j < bLength && Element(a, i, control) == Element(b, j, control))
                        return true;
                }

                return false;
            case 1:
                for (int i = 0; i + 1 < aLength; i += 2)
                {
                    int value = Element(b, j, control);
                    if (j < bLength && Element(a, i, control) <= value && value <= Element(a, i + 1, control))
                        return true;
                }

                return false;
            case 2:
                return j < aLength && j < bLength ? Element(a, j, control) == Element(b, j, control) : j >= aLength && j >= bLength;
            default:
                for (int i = 0; i < aLength && i + j < count; i++)
                {
                    if (i + j >= bLength || Element(a, i, control) != Element(b, i + j, control))
                        return false;
                }

                return true;
        }
    }

    private static int Element(Vector128<ulong> value, int index, int control) => (control & 3) switch
    {
        0 => value.AsByte()[index],
        1 => value.AsUInt16()[index],
        2 => value.AsSByte()[index],
        _ => value.AsInt16()[index],
    };
}
