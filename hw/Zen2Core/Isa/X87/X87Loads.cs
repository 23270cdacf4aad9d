using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FLD m32/m64, FILD.</summary>
internal readonly struct X87Load<TSource> : IX87Instruction
    where TSource : struct, IX87Source
{
    public static StackUse Use => StackUse.Pushes;

    public static bool Execute(ref X87Unit unit)
    {
        if (!TSource.Load(ref unit, out X87Value value, out bool denormal))
            return false;
        unit.SetC1(false);
        bool room = unit.IsEmpty(7);
        if (room && value.IsSignalling)
        {
            unit.Environment.Raised |= FloatEnvironment.Invalid;
            value = value.Quiet;
        }

        unit.Push(value);

        // A load of a denormal is complete when it is reported, masked or not.
        if (room && denormal)
            unit.Environment.Raised |= FloatEnvironment.Denormal;
        unit.Commit();
        return true;
    }
}

/// <summary>FLD m80: the bits as they are.</summary>
internal readonly struct X87LoadExtended : IX87Instruction
{
    public static StackUse Use => StackUse.Pushes;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[10];
        if (!unit.ReadMemory(bytes))
            return false;
        unit.SetC1(false);
        unit.Push(new X87Value(BinaryPrimitives.ReadUInt64LittleEndian(bytes), BinaryPrimitives.ReadUInt16LittleEndian(bytes[8..])));
        unit.Commit();
        return true;
    }
}

/// <summary>FLD ST(i).</summary>
internal readonly struct X87LoadStack : IX87Instruction
{
    public static StackUse Use => StackUse.Second | StackUse.Pushes;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        unit.SetC1(false);
        X87Value value = unit.Read(i);
        if (unit.IsEmpty(i))
        {
            // An empty source has precedence over a full stack.
            if (unit.StackFault(overflow: false))
            {
                unit.Rotate(-1);
                unit.Write(0, X87Value.DefaultNaN);
            }
        }
        else
        {
            unit.Push(value);
        }

        unit.Commit();
        return true;
    }
}

/// <summary>FBLD: eighteen decimal digits and a sign.</summary>
internal readonly struct X87LoadDecimal : IX87Instruction
{
    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[10];
        if (!unit.ReadMemory(bytes))
            return false;
        ulong magnitude = 0;
        for (int i = 8; i >= 0; i--)
            magnitude = (magnitude * 100) + ((ulong)(bytes[i] >> 4) * 10) + (ulong)(bytes[i] & 15);
        X87Value value = X87Value.FromInteger((long)magnitude);
        unit.SetC1(false);
        unit.Push((bytes[9] & 0x80) != 0 ? value.Negated : value);
        unit.Commit();
        return true;
    }
}

/// <summary>FLD1, FLDZ and the other constants: <see cref="X87Unit.Operand"/> is the number in the opcode (E8h + n).</summary>
internal readonly struct X87LoadConstant : IX87Instruction
{
    public static StackUse Use => StackUse.Pushes;

    // Exact to 128 bits: upper and lower half of the significand, exponent of the leading bit.
    private static readonly (ulong High, ulong Low, int Exponent)[] s_constants =
    [
        (0x8000_0000_0000_0000, 0, 0),
        (0xD49A_784B_CD1B_8AFE, 0x492B_F6FF_4DAF_DB4D, 1),
        (0xB8AA_3B29_5C17_F0BB, 0xBE87_FED0_691D_3E89, 0),
        (0xC90F_DAA2_2168_C234, 0xC4C6_628B_80DC_1CD1, 1),
        (0x9A20_9A84_FBCF_F798, 0x8F89_59AC_0B7C_9178, -2),
        (0xB172_17F7_D1CF_79AB, 0xC9E3_B398_03F2_F6AF, -1),
        (0, 0, 0),
    ];

    public static bool Execute(ref X87Unit unit)
    {
        (ulong high, ulong low, int exponent) = s_constants[unit.Operand % s_constants.Length];

        // Rounded to extended precision whatever PC says, and never inexact.
        FloatEnvironment quiet = new(unit.Environment.Control);
        X87Value value = X87Rounding.Pack(new WideFloat(false, exponent, high, low), 64, ref quiet, out _);
        unit.SetC1(false);
        unit.Push(value);
        unit.Commit();
        return true;
    }
}
