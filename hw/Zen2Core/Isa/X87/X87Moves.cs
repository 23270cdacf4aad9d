using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FXCH.</summary>
internal readonly struct X87Exchange : IX87Instruction
{
    public static StackUse Use => StackUse.Exchanges;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        unit.SetC1(false);
        X87Value top = unit.Read(0), other = unit.Read(i);
        bool deliver = true;
        if (unit.IsEmpty(0) || unit.IsEmpty(i))
        {
            if (unit.IsEmpty(0))
                top = X87Value.DefaultNaN;
            if (unit.IsEmpty(i))
                other = X87Value.DefaultNaN;
            deliver = unit.StackFault(overflow: false);
        }

        if (deliver)
        {
            unit.Write(0, other);
            unit.Write(i, top);
        }

        unit.Commit();
        return true;
    }
}

/// <summary>FCMOVcc.</summary>
internal readonly unsafe struct X87MoveIf<TCondition> : IX87Instruction
    where TCondition : struct, ICondition
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.IntoFirst | StackUse.ReadsFlags | StackUse.KeepsC1;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        if (unit.IsEmpty(0) || unit.IsEmpty(i))
        {
            if (unit.StackFault(overflow: false))
                unit.Write(0, X87Value.DefaultNaN);
        }
        else if (Conditions.Holds(TCondition.Code, unit.State->Flags))
        {
            unit.Write(0, unit.Read(i));
        }

        unit.Commit();
        return true;
    }
}

/// <summary>FCHS and FABS.</summary>
internal readonly struct X87SignChange<TChange> : IX87Instruction
    where TChange : struct, IX87Sign
{
    public static StackUse Use => StackUse.First | StackUse.IntoFirst;

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        if (!unit.IsEmpty(0))
            unit.Write(0, TChange.Apply(unit.Read(0)));
        else if (unit.StackFault(overflow: false))
            unit.Write(0, X87Value.DefaultNaN);
        unit.Commit();
        return true;
    }
}

/// <summary>A change of sign.</summary>
internal interface IX87Sign
{
    /// <summary>Applies it.</summary>
    static abstract X87Value Apply(X87Value value);
}

/// <summary>FCHS.</summary>
internal readonly struct Negate : IX87Sign
{
    public static X87Value Apply(X87Value value) => value.Negated;
}

/// <summary>FABS.</summary>
internal readonly struct Absolute : IX87Sign
{
    public static X87Value Apply(X87Value value) => value with { SignExponent = (ushort)value.Field };
}

/// <summary>FFREE and FFREEP.</summary>
internal readonly struct X87Free<TPops> : IX87Instruction
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.FreesSecond | StackUse.Moves | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        unit.Free(unit.Operand);
        unit.Pop(TPops.Count);
        return true;
    }
}

/// <summary>FINCSTP.</summary>
internal readonly struct X87IncrementTop : IX87Instruction
{
    public static StackUse Use => StackUse.TopUp | StackUse.Moves;

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        unit.Rotate(1);
        return true;
    }
}

/// <summary>FDECSTP.</summary>
internal readonly struct X87DecrementTop : IX87Instruction
{
    public static StackUse Use => StackUse.TopDown | StackUse.Moves;

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        unit.Rotate(-1);
        return true;
    }
}

/// <summary>FNENI, FNDISI, FNSETPM: instructions of older coprocessors that do nothing, and do not look for pending exceptions either.</summary>
internal readonly struct X87QuietNop : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit) => true;
}

/// <summary>FNOP.</summary>
internal readonly struct X87Nop : IX87Instruction
{
    public static StackUse Use => StackUse.Known | StackUse.KeepsC1 | StackUse.KeepsPointers | StackUse.Moves;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit) => true;
}
