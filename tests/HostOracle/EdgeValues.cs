using System.Buffers.Binary;

namespace CoSim.Tests.HostOracle;

/// <summary>Operand values biased to the edges: zeros, ones, signs, boundaries of every width, and IEEE special values.</summary>
public static class EdgeValues
{
    private static readonly ulong[] s_integers =
    [
        0, 1, 2, 3, 7, 8, 15, 16, 31, 32, 63, 64, 0x7F, 0x80, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x1_0000,
        0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000,
        0xFFFF_FFFF_FFFF_FFFF, 0xFFFF_FFFF_8000_0000, 0xFFFF_FFFF_0000_0000, 0xAAAA_AAAA_AAAA_AAAA, 0x0F0F_0F0F_0F0F_0F0F,
    ];

    private static readonly uint[] s_singles =
    [
        0, 0x8000_0000, 0x3F80_0000, 0xBF80_0000, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7F80_0001, 0xFFA1_2345,
        1, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x0080_0001, 0x7F7F_FFFF, 0xFF7F_FFFF, 0x3F00_0000, 0x3FC0_0000, 0x4F00_0000,
        0xCF00_0000, 0x5F00_0000, 0xDF00_0000, 0x4EFF_FFFF, 0x4B00_0000, 0x4A80_0001, 0x3F7F_FFFF, 0x3380_0000, 0x4020_0000, 0x3EAA_AAAB,
    ];

    private static readonly ulong[] s_doubles =
    [
        0, 0x8000_0000_0000_0000, 0x3FF0_0000_0000_0000, 0xBFF0_0000_0000_0000, 0x7FF0_0000_0000_0000, 0xFFF0_0000_0000_0000,
        0x7FF8_0000_0000_0000, 0xFFF8_0000_0000_0000, 0x7FF0_0000_0000_0001, 0xFFF4_1234_5678_9ABC, 1, 0x8000_0000_0000_0001,
        0x000F_FFFF_FFFF_FFFF, 0x0010_0000_0000_0000, 0x0010_0000_0000_0001, 0x7FEF_FFFF_FFFF_FFFF, 0xFFEF_FFFF_FFFF_FFFF,
        0x3FE0_0000_0000_0000, 0x3FF8_0000_0000_0000, 0x41E0_0000_0000_0000, 0xC1E0_0000_0000_0000, 0x41DF_FFFF_FFC0_0000,
        0x41DF_FFFF_FFE0_0000, 0x43E0_0000_0000_0000, 0xC3E0_0000_0000_0000, 0x43DF_FFFF_FFFF_FFFF, 0x3810_0000_0000_0000,
        0x380F_FFFF_E000_0000, 0x36A0_0000_0000_0000, 0x47EF_FFFF_E000_0000, 0x47EF_FFFF_F000_0000, 0x4330_0000_0000_0001, 0x3FD5_5555_5555_5555,
    ];

    /// <summary>A 64-bit integer: an edge, an edge moved a little, a short one, or random bits.</summary>
    public static ulong Integer(CaseRandom random) => random.Below(6) switch
    {
        0 or 1 => random.Pick<ulong>(s_integers),
        2 => random.Pick<ulong>(s_integers) + (ulong)(random.Below(5) - 2),
        3 => random.Next() >> random.Below(64),
        _ => random.Next(),
    };

    /// <summary>The bits of a binary32 number.</summary>
    public static uint Single(CaseRandom random) => random.Below(8) switch
    {
        0 or 1 => random.Pick<uint>(s_singles),
        2 => (uint)random.Next() & 0x807F_FFFF,
        3 => (uint)random.Next(),
        4 => BitConverter.SingleToUInt32Bits((int)random.Next() >> random.Below(32)),

        // Exponents close to each other, so that sums cancel and quotients round.
        _ => ((uint)random.Next() & 0x80FF_FFFF) | 0x3F00_0000 | ((uint)random.Below(16) << 23),
    };

    /// <summary>The bits of a binary64 number.</summary>
    public static ulong Double(CaseRandom random) => random.Below(8) switch
    {
        0 or 1 => random.Pick<ulong>(s_doubles),
        2 => random.Next() & 0x800F_FFFF_FFFF_FFFF,
        3 => random.Next(),
        4 => BitConverter.DoubleToUInt64Bits((long)random.Next() >> random.Below(64)),
        5 => (random.Next() & 0x800F_FFFF_FFFF_FFFF) | ((ulong)(0x380 + random.Below(0x100)) << 52),
        _ => (random.Next() & 0x801F_FFFF_FFFF_FFFF) | 0x3FE0_0000_0000_0000 | ((ulong)random.Below(16) << 52),
    };

    /// <summary>Fills bytes with lanes of one random kind: integers of a width, singles, doubles or 80-bit numbers.</summary>
    /// <param name="random">Source of bits.</param>
    /// <param name="target">At least 16 bytes, a multiple of 8.</param>
    public static void FillLanes(CaseRandom random, Span<byte> target)
    {
        int kind = random.Below(9);
        for (int i = 0; i < target.Length; i += 8)
        {
            ulong lanes = kind switch
            {
                0 or 1 => Single(random) | ((ulong)Single(random) << 32),
                2 or 3 => Double(random),
                4 => Bytes(random),
                5 => Words(random),
                6 => (uint)Integer(random) | (Integer(random) << 32),
                _ => Integer(random),
            };
            BinaryPrimitives.WriteUInt64LittleEndian(target[i..], lanes);
        }
    }

    /// <summary>Writes an 80-bit extended number, the unsupported encodings of the x87 included.</summary>
    /// <param name="random">Source of bits.</param>
    /// <param name="target">At least 10 bytes.</param>
    public static void FillExtended(CaseRandom random, Span<byte> target)
    {
        ulong significand = random.Below(6) switch
        {
            0 => 0x8000_0000_0000_0000,
            1 => 0xC000_0000_0000_0000,
            2 => Integer(random),
            3 => random.Next() & ~((1UL << random.Below(63)) - 1),
            _ => random.Next() | 0x8000_0000_0000_0000,
        };
        int exponent = random.Below(10) switch
        {
            0 => 0,
            1 => 0x7FFF,
            2 => random.Below(0x8000),
            3 => 0x3FFF + random.Below(128) - 64,
            4 => 0x3C01 + random.Below(120) - 60,
            5 => 0x3F81 + random.Below(60) - 30,
            _ => 0x3FFF + random.Below(20) - 10,
        };

        // Most encodings are the ordinary ones: the integer bit set exactly when the exponent is not zero; zero itself.
        if (exponent != 0 && !random.OneIn(12))
            significand |= 0x8000_0000_0000_0000;
        if (exponent == 0 && !random.OneIn(4))
            significand &= 0x7FFF_FFFF_FFFF_FFFF;
        if (random.OneIn(12))
            (significand, exponent) = (0, 0);
        BinaryPrimitives.WriteUInt64LittleEndian(target, significand);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], (ushort)(exponent | (random.Below(2) << 15)));
    }

    private static ulong Bytes(CaseRandom random)
    {
        ulong value = 0;
        for (int i = 0; i < 8; i++)
            value = (value << 8) | (byte)Integer(random);
        return value;
    }

    private static ulong Words(CaseRandom random)
    {
        ulong value = 0;
        for (int i = 0; i < 4; i++)
            value = (value << 16) | (ushort)Integer(random);
        return value;
    }
}
