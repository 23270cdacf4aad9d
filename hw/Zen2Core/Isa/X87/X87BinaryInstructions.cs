using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>Common steps of instructions with two operands.</summary>
internal static class X87Binary
{
    /// <summary>Computes and stores into ST(destination); sources are known not to be empty unless told so.</summary>
    public static void Complete<TOp>(ref X87Unit unit, int destination, bool empty, X87Value a, X87Value b, int pops)
        where TOp : struct, IX87Binary
    {
        bool roundedUp = false;
        X87Value result = X87Value.DefaultNaN;
        if (empty)
        {
            unit.StackFault(overflow: false);
        }
        else
        {
            result = X87Arithmetic.Apply<TOp>(a, b, unit.Precision, ref unit.Environment, out roundedUp);
            unit.Environment.Finish();
            unit.SetC1(roundedUp && !unit.Aborted);
        }

        if (!unit.Aborted)
        {
            unit.Write(destination, result);
            unit.Pop(pops);
        }

        unit.Commit();
    }
}

/// <summary>op ST(0), ST(i).</summary>
internal readonly struct X87ToTop<TOp> : IX87Instruction
    where TOp : struct, IX87Binary
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.IntoFirst;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        X87Binary.Complete<TOp>(ref unit, 0, unit.IsEmpty(0) || unit.IsEmpty(i), unit.Read(0), unit.Read(i), 0);
        return true;
    }
}

/// <summary>op ST(i), ST(0).</summary>
internal readonly struct X87FromTop<TOp> : IX87Instruction
    where TOp : struct, IX87Binary
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.IntoSecond;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        X87Binary.Complete<TOp>(ref unit, i, unit.IsEmpty(0) || unit.IsEmpty(i), unit.Read(i), unit.Read(0), 0);
        return true;
    }
}

/// <summary>op ST(i), ST(0), then pop.</summary>
internal readonly struct X87FromTopPop<TOp> : IX87Instruction
    where TOp : struct, IX87Binary
{
    public static StackUse Use => StackUse.First | StackUse.Second | StackUse.IntoSecond | StackUse.Pops;

    public static bool Execute(ref X87Unit unit)
    {
        int i = unit.Operand;
        X87Binary.Complete<TOp>(ref unit, i, unit.IsEmpty(0) || unit.IsEmpty(i), unit.Read(i), unit.Read(0), 1);
        return true;
    }
}

/// <summary>op ST(0), memory.</summary>
internal readonly struct X87Memory<TOp, TSource> : IX87Instruction
    where TOp : struct, IX87Binary
    where TSource : struct, IX87Source
{
    public static StackUse Use => StackUse.First | StackUse.IntoFirst;

    public static bool Execute(ref X87Unit unit)
    {
        if (!TSource.Load(ref unit, out X87Value value, out bool denormal))
            return false;
        X87Value top = unit.Read(0);
        bool empty = unit.IsEmpty(0);

        // A denormal of a shorter format is normal here, but still a denormal operand, where that exception is reached at all.
        if (denormal && !empty && !top.IsNaN && !top.IsUnsupported && !X87Sources.IsInvalid<TOp>(top, value))
            unit.Environment.Raised |= FloatEnvironment.Denormal;
        X87Binary.Complete<TOp>(ref unit, 0, empty, top, value, 0);
        return true;
    }
}

/// <summary>A memory operand that is converted to double-extended.</summary>
internal interface IX87Source
{
    /// <summary>Reads it. False: a fault is recorded.</summary>
    static abstract bool Load(ref X87Unit unit, out X87Value value, out bool denormal);
}

/// <summary>Exceptions of memory operands.</summary>
internal static class X87Sources
{
    /// <summary>Whether the operation is one whose higher-priority exception (invalid, divide by zero) hides a denormal operand.</summary>
    public static bool IsInvalid<TOp>(X87Value top, X87Value value)
        where TOp : struct, IX87Binary
    {
        FloatEnvironment probe = new(FloatEnvironment.AllMasked);
        X87Arithmetic.Apply<TOp>(top, value, 64, ref probe, out _);
        return (probe.Raised & (FloatEnvironment.Invalid | FloatEnvironment.ZeroDivide)) != 0;
    }
}

/// <summary>A float operand.</summary>
internal readonly struct SourceSingle : IX87Source
{
    public static bool Load(ref X87Unit unit, out X87Value value, out bool denormal)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool read = unit.ReadMemory(bytes);
        uint bits = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        denormal = Format<Binary32>.IsDenormal(bits);
        value = X87Value.FromFormat<Binary32>(bits);
        return read;
    }
}

/// <summary>A double operand.</summary>
internal readonly struct SourceDouble : IX87Source
{
    public static bool Load(ref X87Unit unit, out X87Value value, out bool denormal)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = unit.ReadMemory(bytes);
        ulong bits = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
        denormal = Format<Binary64>.IsDenormal(bits);
        value = X87Value.FromFormat<Binary64>(bits);
        return read;
    }
}

/// <summary>A 16-bit integer operand.</summary>
internal readonly struct SourceInt16 : IX87Source
{
    public static bool Load(ref X87Unit unit, out X87Value value, out bool denormal)
    {
        Span<byte> bytes = stackalloc byte[2];
        bool read = unit.ReadMemory(bytes);
        denormal = false;
        value = X87Value.FromInteger(BinaryPrimitives.ReadInt16LittleEndian(bytes));
        return read;
    }
}

/// <summary>A 32-bit integer operand.</summary>
internal readonly struct SourceInt32 : IX87Source
{
    public static bool Load(ref X87Unit unit, out X87Value value, out bool denormal)
    {
        Span<byte> bytes = stackalloc byte[4];
        bool read = unit.ReadMemory(bytes);
        denormal = false;
        value = X87Value.FromInteger(BinaryPrimitives.ReadInt32LittleEndian(bytes));
        return read;
    }
}

/// <summary>A 64-bit integer operand.</summary>
internal readonly struct SourceInt64 : IX87Source
{
    public static bool Load(ref X87Unit unit, out X87Value value, out bool denormal)
    {
        Span<byte> bytes = stackalloc byte[8];
        bool read = unit.ReadMemory(bytes);
        denormal = false;
        value = X87Value.FromInteger(BinaryPrimitives.ReadInt64LittleEndian(bytes));
        return read;
    }
}
