using System.Buffers.Binary;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FNINIT.</summary>
internal readonly unsafe struct X87Initialise : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        X87Image.Initialise(unit.State);
        return true;
    }
}

/// <summary>FNCLEX.</summary>
internal readonly unsafe struct X87ClearExceptions : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        unit.State->X87.Status &= 0x7F00;
        return true;
    }
}

/// <summary>FNSTSW AX.</summary>
internal readonly unsafe struct X87StoreStatusAx : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        *(ushort*)unit.State = unit.State->X87.Status;
        return true;
    }
}

/// <summary>FNSTSW m16.</summary>
internal readonly unsafe struct X87StoreStatus : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit) => X87Image.WriteWord(ref unit, unit.State->X87.Status);
}

/// <summary>FNSTCW.</summary>
internal readonly unsafe struct X87StoreControl : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit) => X87Image.WriteWord(ref unit, unit.State->X87.Control);
}

/// <summary>FLDCW.</summary>
internal readonly unsafe struct X87LoadControl : IX87Instruction
{
    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[2];
        if (!unit.Address(out ulong linear) || !MicrocodeMemory.Read(unit.Core, unit.Op, linear, bytes))
            return false;
        unit.State->X87.Control = (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(bytes) & 0x1F3F) | 0x40);
        unit.Commit();
        return true;
    }
}

/// <summary>FNSTENV.</summary>
internal readonly unsafe struct X87StoreEnvironment : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[28];
        int size = X87Image.EncodeEnvironment(unit.State, unit.Op->AccessSize == 14, bytes);
        if (!unit.Address(out ulong linear) || !MicrocodeMemory.Write(unit.Core, unit.Op, linear, bytes[..size]))
            return false;

        // All exceptions are masked afterwards (AMD APM vol. 5, FNSTENV).
        unit.State->X87.Control |= 0x3F;
        unit.Commit();
        return true;
    }
}

/// <summary>FLDENV.</summary>
internal readonly unsafe struct X87LoadEnvironment : IX87Instruction
{
    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[unit.Op->AccessSize];
        if (!unit.Address(out ulong linear) || !MicrocodeMemory.Read(unit.Core, unit.Op, linear, bytes))
            return false;
        X87Image.DecodeEnvironment(unit.State, bytes);
        unit.Commit();
        return true;
    }
}

/// <summary>FNSAVE: environment, then the registers from ST(0) on; the unit is initialised afterwards.</summary>
internal readonly unsafe struct X87Save : IX87Instruction
{
    public static bool Waits => false;

    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[108];
        int size = X87Image.EncodeEnvironment(unit.State, unit.Op->AccessSize == 94, bytes);
        for (int i = 0; i < 8; i++)
        {
            X87Value value = unit.Read(i);
            BinaryPrimitives.WriteUInt64LittleEndian(bytes[(size + (i * 10))..], value.Significand);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes[(size + (i * 10) + 8)..], value.SignExponent);
        }

        if (!unit.Address(out ulong linear) || !MicrocodeMemory.Write(unit.Core, unit.Op, linear, bytes[..(size + 80)]))
            return false;
        X87Image.Initialise(unit.State);
        return true;
    }
}

/// <summary>FRSTOR.</summary>
internal readonly unsafe struct X87Restore : IX87Instruction
{
    public static bool UpdatesPointers => false;

    public static bool Execute(ref X87Unit unit)
    {
        Span<byte> bytes = stackalloc byte[unit.Op->AccessSize];
        if (!unit.Address(out ulong linear) || !MicrocodeMemory.Read(unit.Core, unit.Op, linear, bytes))
            return false;
        int size = bytes.Length - 80;
        X87Image.DecodeEnvironment(unit.State, bytes[..size]);
        ushort tags = unit.State->X87.Tag;
        for (int i = 0; i < 8; i++)
        {
            Span<byte> at = bytes.Slice(size + (i * 10), 10);
            unit.Write(i, new X87Value(BinaryPrimitives.ReadUInt64LittleEndian(at), BinaryPrimitives.ReadUInt16LittleEndian(at[8..])));
        }

        unit.State->X87.Tag = tags;
        unit.Commit();
        return true;
    }
}
