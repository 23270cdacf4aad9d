using System.Buffers.Binary;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>The x87 environment in memory (AMD APM vol. 2, 11.4.4, and vol. 5).</summary>
internal static unsafe class X87Image
{
    /// <summary>FNINIT's values: extended precision, everything masked, stack empty.</summary>
    public static void Initialise(CpuState* s)
    {
        s->X87.Control = 0x37F;
        s->X87.Status = 0;
        s->X87.Tag = 0xFFFF;
        s->X87.Opcode = 0;
        s->X87.InstructionPointer = s->X87.DataPointer = 0;
        s->X87.Selectors = 0;
    }

    /// <summary>The full tag word: 0 valid, 1 zero, 2 special, 3 empty, computed from the contents.</summary>
    public static ushort FullTags(CpuState* s)
    {
        int tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            int tag = (s->X87.Tag >> (2 * physical)) & 3;
            if (tag != 3)
            {
                X87Value value = new(s->X87.Registers[physical * 2], (ushort)s->X87.Registers[(physical * 2) + 1]);
                if (value.Field == 0 && value.Significand == 0)
                    tag = 1;
                else
                    tag = value.Field is 0 or 0x7FFF || value.IsUnsupported ? 2 : 0;
            }

            tags |= tag << (2 * physical);
        }

        return (ushort)tags;
    }

    /// <summary>Bit i set when physical register i is not empty, as FXSAVE stores it.</summary>
    public static byte AbridgedTags(CpuState* s)
    {
        int tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            if (((s->X87.Tag >> (2 * physical)) & 3) != 3)
                tags |= 1 << physical;
        }

        return (byte)tags;
    }

    /// <summary>Sets the tags from their abridged form.</summary>
    public static void SetAbridgedTags(CpuState* s, byte abridged)
    {
        int tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            if (((abridged >> physical) & 1) == 0)
                tags |= 3 << (2 * physical);
        }

        s->X87.Tag = (ushort)tags;
    }

    /// <summary>Writes the 14-byte (16-bit) or 28-byte environment.</summary>
    /// <returns>Its size in bytes.</returns>
    public static int EncodeEnvironment(CpuState* s, bool narrow, Span<byte> bytes)
    {
        bool real = s->Mode is CpuMode.Real or CpuMode.Virtual8086;
        uint ip = (uint)s->X87.InstructionPointer, dp = (uint)s->X87.DataPointer;
        ushort opcode = (ushort)(s->X87.Opcode & 0x7FF);
        ushort cs = (ushort)s->X87.Selectors, ds = (ushort)(s->X87.Selectors >> 16);
        if (narrow)
        {
            Span<ushort> words = [s->X87.Control, s->X87.Status, FullTags(s), (ushort)ip, cs, (ushort)dp, ds];
            if (real)
            {
                words[4] = (ushort)(((ip >> 4) & 0xF000) | opcode);
                words[6] = (ushort)((dp >> 4) & 0xF000);
            }

            for (int i = 0; i < words.Length; i++)
                BinaryPrimitives.WriteUInt16LittleEndian(bytes[(i * 2)..], words[i]);
            return 14;
        }

        Span<uint> doubles =
        [
            0xFFFF_0000u | s->X87.Control, 0xFFFF_0000u | s->X87.Status, 0xFFFF_0000u | FullTags(s), ip, cs | ((uint)opcode << 16), dp, 0xFFFF_0000u | ds,
        ];
        if (real)
        {
            doubles[3] = 0xFFFF_0000u | (ushort)ip;
            doubles[4] = ((ip >> 16) << 12) | opcode;
            doubles[5] = 0xFFFF_0000u | (ushort)dp;
            doubles[6] = (dp >> 16) << 12;
        }

        for (int i = 0; i < doubles.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[(i * 4)..], doubles[i]);
        return 28;
    }

    /// <summary>Loads an environment of 14 or 28 bytes.</summary>
    public static void DecodeEnvironment(CpuState* s, ReadOnlySpan<byte> bytes)
    {
        int stride = bytes.Length == 14 ? 2 : 4;
        s->X87.Control = (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(bytes) & 0x1F3F) | 0x40);
        s->X87.Status = BinaryPrimitives.ReadUInt16LittleEndian(bytes[stride..]);
        s->X87.Tag = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(2 * stride)..]);
        s->X87.InstructionPointer = stride == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[6..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[12..]);
        s->X87.DataPointer = stride == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(bytes[10..]) : BinaryPrimitives.ReadUInt32LittleEndian(bytes[20..]);
        ushort cs = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(4 * stride)..]);
        ushort ds = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(6 * stride)..]);
        s->X87.Selectors = cs | ((uint)ds << 16);


        // The 16-bit protected-mode format has no opcode.
        s->X87.Opcode = stride == 4 ? (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(bytes[18..]) & 0x7FF) : (ushort)0;
        if (s->Mode is not (CpuMode.Real or CpuMode.Virtual8086))
            return;

        // The real-mode formats have linear addresses, their upper parts beside the opcode and alone (AMD APM vol. 2, 11.4.3).
        uint high = stride == 2 ? cs : BinaryPrimitives.ReadUInt32LittleEndian(bytes[16..]);
        uint dataHigh = stride == 2 ? ds : BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]);
        s->X87.Opcode = (ushort)(high & 0x7FF);
        s->X87.InstructionPointer = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(3 * stride)..]) | ((high & 0x0FFF_F000) << 4);
        s->X87.DataPointer = BinaryPrimitives.ReadUInt16LittleEndian(bytes[(5 * stride)..]) | ((dataHigh & 0x0FFF_F000) << 4);
        s->X87.Selectors = 0;
    }

    /// <summary>Stores a word to the memory operand. False: a fault is recorded.</summary>
    public static bool WriteWord(ref X87Unit unit, ushort value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, value);
        return unit.Address(out ulong linear) && MicrocodeMemory.Write(unit.Core, unit.Op, linear, bytes);
    }
}
