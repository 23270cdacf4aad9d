using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>Condition codes in encoding order (AMD APM vol. 3, table 1-10).</summary>
internal static class Conditions
{
    /// <summary>Truth of condition <paramref name="code"/> (0-15) under <paramref name="flags"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Holds(int code, uint flags)
    {
        bool holds = (code >> 1) switch
        {
            0 => (flags & FlagBits.OF) != 0,
            1 => (flags & FlagBits.CF) != 0,
            2 => (flags & FlagBits.ZF) != 0,
            3 => (flags & (FlagBits.CF | FlagBits.ZF)) != 0,
            4 => (flags & FlagBits.SF) != 0,
            5 => (flags & FlagBits.PF) != 0,
            6 => SignDiffers(flags),
            _ => (flags & FlagBits.ZF) != 0 || SignDiffers(flags),
        };
        return holds != ((code & 1) != 0);
    }

    /// <summary>The flags that condition <paramref name="code"/> reads.</summary>
    public static FlagMask Reads(int code) => (code >> 1) switch
    {
        0 => FlagMask.OF,
        1 => FlagMask.CF,
        2 => FlagMask.ZF,
        3 => FlagMask.CF | FlagMask.ZF,
        4 => FlagMask.SF,
        5 => FlagMask.PF,
        6 => FlagMask.SF | FlagMask.OF,
        _ => FlagMask.SF | FlagMask.OF | FlagMask.ZF,
    };

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool SignDiffers(uint flags) => (((flags >> 4) ^ flags) & FlagBits.SF) != 0;
}

/// <summary>A condition code as a type, so that branches compile to one test each.</summary>
internal interface ICondition
{
    /// <summary>Condition code, 0-15.</summary>
    static abstract int Code { get; }
}

/// <summary>OF.</summary>
internal readonly struct CondO : ICondition { public static int Code => 0; }

/// <summary>Not OF.</summary>
internal readonly struct CondNo : ICondition { public static int Code => 1; }

/// <summary>CF.</summary>
internal readonly struct CondB : ICondition { public static int Code => 2; }

/// <summary>Not CF.</summary>
internal readonly struct CondAe : ICondition { public static int Code => 3; }

/// <summary>ZF.</summary>
internal readonly struct CondE : ICondition { public static int Code => 4; }

/// <summary>Not ZF.</summary>
internal readonly struct CondNe : ICondition { public static int Code => 5; }

/// <summary>CF or ZF.</summary>
internal readonly struct CondBe : ICondition { public static int Code => 6; }

/// <summary>Neither CF nor ZF.</summary>
internal readonly struct CondA : ICondition { public static int Code => 7; }

/// <summary>SF.</summary>
internal readonly struct CondS : ICondition { public static int Code => 8; }

/// <summary>Not SF.</summary>
internal readonly struct CondNs : ICondition { public static int Code => 9; }

/// <summary>PF.</summary>
internal readonly struct CondP : ICondition { public static int Code => 10; }

/// <summary>Not PF.</summary>
internal readonly struct CondNp : ICondition { public static int Code => 11; }

/// <summary>SF differs from OF.</summary>
internal readonly struct CondL : ICondition { public static int Code => 12; }

/// <summary>SF equals OF.</summary>
internal readonly struct CondGe : ICondition { public static int Code => 13; }

/// <summary>ZF, or SF differs from OF.</summary>
internal readonly struct CondLe : ICondition { public static int Code => 14; }

/// <summary>Not ZF, and SF equals OF.</summary>
internal readonly struct CondG : ICondition { public static int Code => 15; }
