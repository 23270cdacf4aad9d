using System.Buffers.Binary;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>FXSAVE, FXRSTOR, LDMXCSR, STMXCSR, EMMS: microcode functions (AMD APM vol. 2, 11.4.4; vol. 4).</summary>
internal static unsafe class FxState
{
    /// <summary>MXCSR bits that exist on Zen 2; the others must be zero.</summary>
    public const uint MxcsrMask = 0x2_FFFF;

    private const int ImageSize = 512, HeaderSize = 32, XmmOffset = 160;

    /// <summary>FXSAVE and FXSAVE64.</summary>
    public static MicrocodeResult Save(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!Ready(core, s, op, out ulong linear, out MicrocodeResult fault))
            return fault;
        Span<byte> image = stackalloc byte[ImageSize];
        EncodeHeader(s, op->Width == 8, image);
        int end = SavesVectors(s) ? XmmOffset + (VectorCount(s) * 16) : XmmOffset;
        for (int i = 0; i < VectorCount(s); i++)
            new Span<byte>(s->Vec + (i * 4), 16).CopyTo(image[(XmmOffset + (i * 16))..]);
        return MicrocodeMemory.CheckWrite(core, op, linear, ImageSize) && MicrocodeMemory.Write(core, op, linear, image[..end]) ? MicrocodeResult.Done : MicrocodeResult.Fault;
    }

    /// <summary>FXRSTOR and FXRSTOR64.</summary>
    public static MicrocodeResult Restore(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (!Ready(core, s, op, out ulong linear, out MicrocodeResult fault))
            return fault;
        Span<byte> image = stackalloc byte[ImageSize];
        if (!MicrocodeMemory.Read(core, op, linear, image))
            return MicrocodeResult.Fault;
        uint mxcsr = BinaryPrimitives.ReadUInt32LittleEndian(image[24..]);
        if ((mxcsr & ~MxcsrMask) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        DecodeHeader(s, op->Width == 8, image);
        s->Mxcsr = mxcsr;
        if (SavesVectors(s))
        {
            for (int i = 0; i < VectorCount(s); i++)
                image.Slice(XmmOffset + (i * 16), 16).CopyTo(new Span<byte>(s->Vec + (i * 4), 16));
        }

        return MicrocodeResult.Done;
    }

    /// <summary>LDMXCSR.</summary>
    public static MicrocodeResult LoadMxcsr(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s, out MicrocodeResult fault))
            return fault;
        Span<byte> bytes = stackalloc byte[4];
        if (!MicrocodeMemory.Address(s, op, out ulong linear) || !MicrocodeMemory.Read(core, op, linear, bytes))
            return MicrocodeResult.Fault;
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        if ((value & ~MxcsrMask) != 0)
            return core.Raise(ExceptionVector.GeneralProtection);
        s->Mxcsr = value;
        return MicrocodeResult.Done;
    }

    /// <summary>STMXCSR.</summary>
    public static MicrocodeResult StoreMxcsr(CoreContext core, CpuState* s, MicroOp* op)
    {
        if (Unavailable(core, s, out MicrocodeResult fault))
            return fault;
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, s->Mxcsr);
        return MicrocodeMemory.Address(s, op, out ulong linear) && MicrocodeMemory.Write(core, op, linear, bytes)
            ? MicrocodeResult.Done
            : MicrocodeResult.Fault;
    }

    /// <summary>Writes the x87 and MXCSR part of an FXSAVE image (160 bytes).</summary>
    /// <param name="s">The core.</param>
    /// <param name="wide">Whether instruction and data pointers have 64 bits.</param>
    /// <param name="image">At least 160 bytes, zeroed.</param>
    public static void EncodeHeader(CpuState* s, bool wide, Span<byte> image)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(image, s->X87.Control);
        BinaryPrimitives.WriteUInt16LittleEndian(image[2..], s->X87.Status);
        image[4] = X87Image.AbridgedTags(s);
        EncodePointers(s, wide, image);
        BinaryPrimitives.WriteUInt32LittleEndian(image[24..], s->Mxcsr);
        BinaryPrimitives.WriteUInt32LittleEndian(image[28..], MxcsrMask);
        int top = (s->X87.Status >> 11) & 7;
        for (int i = 0; i < 8; i++)
        {
            int physical = (top + i) & 7;
            BinaryPrimitives.WriteUInt64LittleEndian(image[(HeaderSize + (i * 16))..], s->X87.Registers[physical * 2]);
            BinaryPrimitives.WriteUInt16LittleEndian(image[(HeaderSize + 8 + (i * 16))..], (ushort)s->X87.Registers[(physical * 2) + 1]);
        }
    }

    // Opcode and pointers are those of an exception: without one that is pending they are stored as zero (AMD APM vol. 2, revision
    // 3.41, 11.4.4.3, with CPUID 8000_0008h EBX[RstrFpErrPtrs]).
    private static void EncodePointers(CpuState* s, bool wide, Span<byte> image)
    {
        if ((s->X87.Status & X87Unit.SummaryBit) == 0)
            return;
        BinaryPrimitives.WriteUInt16LittleEndian(image[6..], s->X87.Opcode);
        if (wide)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(image[8..], s->X87.InstructionPointer);
            BinaryPrimitives.WriteUInt64LittleEndian(image[16..], s->X87.DataPointer);
        }
        else
        {
            BinaryPrimitives.WriteUInt32LittleEndian(image[8..], (uint)s->X87.InstructionPointer);
            BinaryPrimitives.WriteUInt16LittleEndian(image[12..], (ushort)s->X87.Selectors);
            BinaryPrimitives.WriteUInt32LittleEndian(image[16..], (uint)s->X87.DataPointer);
            BinaryPrimitives.WriteUInt16LittleEndian(image[20..], (ushort)(s->X87.Selectors >> 16));
        }
    }

    /// <summary>Loads the x87 part of an FXSAVE image.</summary>
    public static void DecodeHeader(CpuState* s, bool wide, ReadOnlySpan<byte> image)
    {
        s->X87.Control = (ushort)((BinaryPrimitives.ReadUInt16LittleEndian(image) & 0x1F3F) | 0x40);
        ushort status = BinaryPrimitives.ReadUInt16LittleEndian(image[2..]);
        bool pending = (status & ~s->X87.Control & 0x3F) != 0;
        s->X87.Status = (ushort)((status & 0x7F7F) | (pending ? X87Unit.SummaryBit | X87Unit.BusyBit : 0));
        X87Image.SetAbridgedTags(s, image[4]);
        s->X87.Opcode = (ushort)(BinaryPrimitives.ReadUInt16LittleEndian(image[6..]) & 0x7FF);
        s->X87.InstructionPointer = wide ? Canonical(image[8..]) : BinaryPrimitives.ReadUInt32LittleEndian(image[8..]);
        s->X87.DataPointer = wide ? Canonical(image[16..]) : BinaryPrimitives.ReadUInt32LittleEndian(image[16..]);
        s->X87.Selectors = wide
            ? 0
            : BinaryPrimitives.ReadUInt16LittleEndian(image[12..]) | ((uint)BinaryPrimitives.ReadUInt16LittleEndian(image[20..]) << 16);
        int top = (s->X87.Status >> 11) & 7;
        for (int i = 0; i < 8; i++)
        {
            int physical = (top + i) & 7;
            s->X87.Registers[physical * 2] = BinaryPrimitives.ReadUInt64LittleEndian(image[(HeaderSize + (i * 16))..]);
            s->X87.Registers[(physical * 2) + 1] = BinaryPrimitives.ReadUInt16LittleEndian(image[(HeaderSize + 8 + (i * 16))..]);
        }
    }

    // The registers hold linear addresses of 48 bits.
    private static ulong Canonical(ReadOnlySpan<byte> bytes) => (ulong)(BinaryPrimitives.ReadInt64LittleEndian(bytes) << 16 >> 16);

    private static int VectorCount(CpuState* s) => s->Mode == CpuMode.Long64 ? 16 : 8;

    // Fast FXSAVE leaves the vector registers out for supervisors in 64-bit mode; so does an operating system without CR4.OSFXSR.
    private static bool SavesVectors(CpuState* s) =>
        (s->Cr4 & ControlBits.Cr4FxSave) != 0
        && !((s->Efer & ControlBits.EferFastFxSave) != 0 && s->Mode == CpuMode.Long64 && s->Cpl == 0);

    private static bool Ready(CoreContext core, CpuState* s, MicroOp* op, out ulong linear, out MicrocodeResult fault)
    {
        fault = MicrocodeResult.Fault;
        linear = 0;
        if ((s->Cr0 & (ControlBits.Cr0Emulation | ControlBits.Cr0TaskSwitched)) != 0)
            core.Raise(ExceptionVector.DeviceNotAvailable);
        else if (!MicrocodeMemory.Address(s, op, out linear))
            return false;
        else if ((linear & 15) != 0)
            core.Raise(ExceptionVector.GeneralProtection);
        else
            return true;
        return false;
    }

    private static bool Unavailable(CoreContext core, CpuState* s, out MicrocodeResult fault)
    {
        fault = MicrocodeResult.Fault;
        if ((s->Cr0 & ControlBits.Cr0Emulation) != 0 || (s->Cr4 & ControlBits.Cr4FxSave) == 0)
            core.Raise(ExceptionVector.InvalidOpcode);
        else if ((s->Cr0 & ControlBits.Cr0TaskSwitched) != 0)
            core.Raise(ExceptionVector.DeviceNotAvailable);
        else
            return false;
        return true;
    }
}
