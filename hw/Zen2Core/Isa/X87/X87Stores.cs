using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FST, FSTP to a shorter format.</summary>
internal readonly struct X87Store<TFormat, TPops> : IX87Instruction
    where TFormat : struct, IFloatFormat
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.Stores | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        FloatEnvironment before = unit.Environment;
        ulong bits = Format<TFormat>.DefaultNaN;
        bool roundedUp = false;
        bool empty = unit.IsEmpty(0);
        if (empty)
            unit.Environment.Raised |= FloatEnvironment.Invalid;
        else
            bits = Convert(unit.Read(0), ref unit.Environment, out roundedUp);

        // A trapped overflow or underflow leaves memory and stack alone as well.
        bool stored = (unit.Environment.Unmasked & ~FloatEnvironment.Inexact) == 0;
        if (stored)
        {
            Span<byte> bytes = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(bytes, bits);
            if (!unit.WriteMemory(bytes[..(Format<TFormat>.Width / 8)]))
                return false;
        }
        else if (!X87Stores.CheckWrite(ref unit, Format<TFormat>.Width / 8))
        {
            return false;
        }
        else
        {
            unit.Environment.Raised &= ~FloatEnvironment.Inexact;
            roundedUp = false;
        }

        unit.Environment.Control = before.Control;
        X87Stores.Finish(ref unit, empty, roundedUp, stored, TPops.Count);
        return true;
    }

    private static ulong Convert(X87Value value, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        if (value.IsUnsupported)
        {
            environment.Raised |= FloatEnvironment.Invalid;
            return Format<TFormat>.DefaultNaN;
        }

        Unpacked x = value.Unpack();
        ulong sign = x.Sign ? Format<TFormat>.SignBit : 0;
        switch (x.Class)
        {
            case FloatClass.Zero: return sign;
            case FloatClass.Infinity: return sign | Format<TFormat>.Infinity;
            case FloatClass.NaN:
                if (value.IsSignalling)
                    environment.Raised |= FloatEnvironment.Invalid;
                return sign | Format<TFormat>.Infinity | Format<TFormat>.QuietBit
                    | ((value.Significand >> (63 - TFormat.FractionBits)) & Format<TFormat>.FractionMask);
        }

        ulong bits = FloatRounding.Pack<TFormat>(WideFloat.From(x), ref environment);
        FloatEnvironment truncating = new(FloatEnvironment.AllMasked | ((uint)RoundingMode.TowardZero << 13));
        roundedUp = (environment.Raised & FloatEnvironment.Inexact) != 0
            && bits != FloatRounding.Pack<TFormat>(WideFloat.From(x), ref truncating);
        return bits;
    }
}

/// <summary>Common steps of stores to memory.</summary>
internal static unsafe class X87Stores
{
    /// <summary>Sets C1, pops and commits.</summary>
    public static void Finish(ref X87Unit unit, bool empty, bool roundedUp, bool stored, int pops)
    {
        unit.SetC1(roundedUp);
        if (empty)
            unit.StackFault(overflow: false);
        if (stored)
            unit.Pop(pops);
        unit.Commit();
    }

    /// <summary>Checks that the operand could be written. False: a fault is recorded.</summary>
    public static bool CheckWrite(ref X87Unit unit, int size) =>
        unit.Address(out ulong linear) && MicrocodeMemory.CheckWrite(unit.Core, unit.Op, linear, size);
}

/// <summary>FSTP m80: the bits as they are.</summary>
internal readonly struct X87StoreExtended : IX87Instruction
{
    public static StackUse Use => StackUse.First | StackUse.Stores | StackUse.Pops;

    public static bool Execute(ref X87Unit unit)
    {
        bool empty = unit.IsEmpty(0);
        X87Value value = unit.Read(0);
        bool stored = true;
        if (empty)
        {
            unit.Environment.Raised |= FloatEnvironment.Invalid;
            value = X87Value.DefaultNaN;
            stored = !unit.Aborted;
        }

        Span<byte> bytes = stackalloc byte[10];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value.Significand);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[8..], value.SignExponent);
        if (stored ? !unit.WriteMemory(bytes) : !X87Stores.CheckWrite(ref unit, 10))
            return false;
        X87Stores.Finish(ref unit, empty, false, stored, 1);
        return true;
    }
}

/// <summary>FIST, FISTP, FISTTP; the operand's size decides the width.</summary>
internal readonly struct X87StoreInteger<TRounding, TPops> : IX87Instruction
    where TRounding : struct, Vector.IConversionRounding
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.Stores | X87Uses.Pops<TPops>();

    public static unsafe bool Execute(ref X87Unit unit)
    {
        int size = unit.Op->AccessSize;
        ulong result = 1UL << ((size * 8) - 1);
        bool empty = unit.IsEmpty(0);
        bool roundedUp = false;
        if (empty)
            unit.Environment.Raised |= FloatEnvironment.Invalid;
        else
            result = Convert(unit.Read(0), size * 8, TRounding.Mode(unit.Environment), ref unit.Environment, out roundedUp);
        bool stored = !unit.Aborted;
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, result);
        if (stored ? !unit.WriteMemory(bytes[..size]) : !X87Stores.CheckWrite(ref unit, size))
            return false;
        X87Stores.Finish(ref unit, empty, roundedUp, stored, TPops.Count);
        return true;
    }

    private static ulong Convert(X87Value value, int width, RoundingMode mode, ref FloatEnvironment environment, out bool roundedUp)
    {
        roundedUp = false;
        ulong indefinite = 1UL << (width - 1);
        Unpacked x = value.Unpack();
        if (!value.IsUnsupported && x.Class == FloatClass.Zero)
            return 0;
        if (value.IsUnsupported || x.Class != FloatClass.Finite || !FloatConvert.TryRoundToInteger(x, mode, out ulong magnitude, out bool inexact)
            || magnitude > indefinite || (magnitude == indefinite && !x.Sign))
        {
            environment.Raised |= FloatEnvironment.Invalid;
            return indefinite;
        }

        if (inexact)
        {
            environment.Raised |= FloatEnvironment.Inexact;
            FloatConvert.TryRoundToInteger(x, RoundingMode.TowardZero, out ulong truncated, out _);
            roundedUp = magnitude != truncated;
        }

        return x.Sign ? 0 - magnitude : magnitude;
    }
}

/// <summary>FBSTP: eighteen decimal digits and a sign.</summary>
internal readonly struct X87StoreDecimal : IX87Instruction
{
    private const ulong Limit = 1_000_000_000_000_000_000;

    public static bool Execute(ref X87Unit unit)
    {
        bool empty = unit.IsEmpty(0);
        X87Value value = unit.Read(0);
        Unpacked x = value.Unpack();
        ulong magnitude = 0;
        bool inexact = false, roundedUp = false;
        bool valid = !empty && !value.IsUnsupported && x.Class is FloatClass.Finite or FloatClass.Zero;
        if (valid && x.Class == FloatClass.Finite)
            valid = FloatConvert.TryRoundToInteger(x, unit.Environment.Rounding, out magnitude, out inexact) && magnitude < Limit;
        if (!valid)
        {
            unit.Environment.Raised |= FloatEnvironment.Invalid;
        }
        else if (inexact)
        {
            unit.Environment.Raised |= FloatEnvironment.Inexact;
            FloatConvert.TryRoundToInteger(x, RoundingMode.TowardZero, out ulong truncated, out _);
            roundedUp = magnitude != truncated;
        }

        bool stored = !unit.Aborted;
        Span<byte> bytes = stackalloc byte[10];
        Encode(bytes, valid, x.Sign, magnitude);
        if (stored ? !unit.WriteMemory(bytes) : !X87Stores.CheckWrite(ref unit, 10))
            return false;
        X87Stores.Finish(ref unit, empty, roundedUp, stored, 1);
        return true;
    }

    private static void Encode(Span<byte> bytes, bool valid, bool sign, ulong magnitude)
    {
        if (!valid)
        {
            // The packed decimal indefinite.
            bytes.Clear();
            bytes[7] = 0xC0;
            bytes[8] = bytes[9] = 0xFF;
            return;
        }

        for (int i = 0; i < 9; i++)
        {
            ulong pair = magnitude % 100;
            magnitude /= 100;
            bytes[i] = (byte)(((pair / 10) << 4) | (pair % 10));
        }

        bytes[9] = (byte)(sign ? 0x80 : 0);
    }
}

/// <summary>FST ST(i), FSTP ST(i).</summary>
internal readonly struct X87StoreStack<TPops> : IX87Instruction
    where TPops : struct, IX87Pops
{
    public static StackUse Use => StackUse.First | StackUse.IntoSecond | X87Uses.Pops<TPops>();

    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        X87Value value = unit.Read(0);
        bool deliver = true;
        if (unit.IsEmpty(0))
        {
            deliver = unit.StackFault(overflow: false);
            value = X87Value.DefaultNaN;
        }

        if (deliver)
        {
            unit.Write(unit.Operand, value);
            unit.Pop(TPops.Count);
        }

        unit.Commit();
        return true;
    }
}

/// <summary>FSTPNCE: FSTP ST(i) that does not check: an empty top is only popped.</summary>
internal readonly struct X87StoreUnchecked : IX87Instruction
{
    public static bool Execute(ref X87Unit unit)
    {
        unit.SetC1(false);
        if (!unit.IsEmpty(0))
            unit.Write(unit.Operand, unit.Read(0));
        unit.Pop();
        return true;
    }
}
