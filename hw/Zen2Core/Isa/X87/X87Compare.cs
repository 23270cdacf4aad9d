using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Comparisons (AMD APM vol. 1, 6.4.6).</summary>
internal static class X87Compare
{
    /// <summary>Compares two numbers that are not empty.</summary>
    public static FloatRelation Relation(X87Value a, X87Value b, bool denormal, bool signalsQuiet, ref FloatEnvironment environment)
    {
        if (a.IsUnsupported || b.IsUnsupported)
        {
            environment.Raised |= FloatEnvironment.Invalid;
            return FloatRelation.Unordered;
        }

        if (a.IsNaN || b.IsNaN)
        {
            if (signalsQuiet || a.IsSignalling || b.IsSignalling)
                environment.Raised |= FloatEnvironment.Invalid;
            return FloatRelation.Unordered;
        }

        Unpacked x = a.Unpack(), y = b.Unpack();
        if (x.WasDenormal || y.WasDenormal || denormal)
            environment.Raised |= FloatEnvironment.Denormal;
        if (x.Class == FloatClass.Zero && y.Class == FloatClass.Zero)
            return FloatRelation.Equal;
        if (x.Sign != y.Sign)
            return x.Sign ? FloatRelation.Less : FloatRelation.Greater;
        int order = Magnitude(x).CompareTo(Magnitude(y));
        if (order == 0)
            order = x.Significand.CompareTo(y.Significand);
        if (order == 0)
            return FloatRelation.Equal;
        return order < 0 ^ x.Sign ? FloatRelation.Less : FloatRelation.Greater;
    }

    /// <summary>Compares ST(0) with a value and sets C3, C2, C0.</summary>
    public static void ToStatus(ref X87Unit unit, bool empty, X87Value value, bool denormal, bool signalsQuiet, int pops)
    {
        FloatRelation relation = FloatRelation.Unordered;
        unit.SetC1(false);
        if (empty)
            unit.StackFault(overflow: false);
        else
            relation = Relation(unit.Read(0), value, denormal, signalsQuiet, ref unit.Environment);

        // The conditions are set even when an unmasked exception follows; the stack then stays.
        ushort conditions = relation switch
        {
            FloatRelation.Greater => 0,
            FloatRelation.Less => X87Unit.C0,
            FloatRelation.Equal => X87Unit.C3,
            _ => X87Unit.C0 | X87Unit.C2 | X87Unit.C3,
        };
        unit.SetConditions(X87Unit.C0 | X87Unit.C2 | X87Unit.C3, conditions);
        if (!unit.Aborted)
            unit.Pop(pops);
        unit.Commit();
    }

    private static int Magnitude(in Unpacked x) => x.Class switch
    {
        FloatClass.Zero => int.MinValue,
        FloatClass.Infinity => int.MaxValue,
        _ => x.Exponent,
    };
}

/// <summary>Number of pops after an operation.</summary>
internal interface IX87Pops
{
    /// <summary>0, 1 or 2.</summary>
    static abstract int Count { get; }
}

/// <summary>The stack stays.</summary>
internal readonly struct NoPop : IX87Pops
{
    public static int Count => 0;
}

/// <summary>One pop.</summary>
internal readonly struct OnePop : IX87Pops
{
    public static int Count => 1;
}

/// <summary>Two pops.</summary>
internal readonly struct TwoPops : IX87Pops
{
    public static int Count => 2;
}

/// <summary>FCOM and FUCOM with a stack register.</summary>
internal readonly struct X87CompareStack<TSignals, TPops> : IX87Instruction
    where TSignals : struct, Vector.IQuietNaNs
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.Compares | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        X87Compare.ToStatus(ref unit, unit.IsEmpty(0) || unit.IsEmpty(i), unit.Read(i), false, TSignals.Signal, TPops.Count);
        return true;
    }
}

/// <summary>FCOM and FICOM with memory.</summary>
internal readonly struct X87CompareMemory<TSource, TPops> : IX87Instruction
    where TSource : struct, IX87Source
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.Compares | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        if (!TSource.Load(ref unit, out X87Value value, out bool denormal))
            return false;
        X87Compare.ToStatus(ref unit, unit.IsEmpty(0), value, denormal, true, TPops.Count);
        return true;
    }
}

/// <summary>FCOMI and FUCOMI: the result goes to ZF, PF and CF.</summary>
internal readonly unsafe struct X87CompareFlags<TSignals, TPops> : IX87Instruction
    where TSignals : struct, Vector.IQuietNaNs
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.WritesFlags | StackUse.KeepsC1 | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        FloatRelation relation = FloatRelation.Unordered;
        if (unit.IsEmpty(0) || unit.IsEmpty(i))
            unit.StackFault(overflow: false);
        else
            relation = X87Compare.Relation(unit.Read(0), unit.Read(i), false, TSignals.Signal, ref unit.Environment);
        unit.State->Flags = relation switch
        {
            FloatRelation.Greater => 0,
            FloatRelation.Less => FlagBits.CF,
            FloatRelation.Equal => FlagBits.ZF,
            _ => FlagBits.ZF | FlagBits.PF | FlagBits.CF,
        };
        if (!unit.Aborted)
            unit.Pop(TPops.Count);
        unit.Commit();
        return true;
    }
}

/// <summary>FTST: compares with +0.</summary>
internal readonly struct X87Test : IX87Instruction
{
    public static StackUse Use => StackUse.First | StackUse.Compares;

    public static bool Execute(ref X87Unit unit)
    {
        X87Compare.ToStatus(ref unit, unit.IsEmpty(0), X87Value.Zero(false), false, true, 0);
        return true;
    }
}

/// <summary>FXAM: classifies ST(0) in C3, C2, C0 and puts its sign in C1.</summary>
internal readonly struct X87Examine : IX87Instruction
{
    public static StackUse Use => StackUse.First | StackUse.Compares;

    public static bool Execute(ref X87Unit unit)
    {
        X87Value value = unit.Read(0);
        int kind;
        if (unit.IsEmpty(0))
            kind = X87Unit.C3 | X87Unit.C0;
        else if (value.IsUnsupported)
            kind = 0;
        else if (value.IsNaN)
            kind = X87Unit.C0;
        else if (value.Field == 0x7FFF)
            kind = X87Unit.C2 | X87Unit.C0;
        else if (value.Significand == 0)
            kind = X87Unit.C3;
        else
            kind = value.Field == 0 ? X87Unit.C3 | X87Unit.C2 : X87Unit.C2;
        unit.SetConditions(X87Unit.Conditions, (ushort)(kind | (value.Sign ? X87Unit.C1 : 0)));
        return true;
    }
}
