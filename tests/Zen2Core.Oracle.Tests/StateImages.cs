using CoSim.Hw.Zen2Core.Isa;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>Copies between a core's state and the oracle's image of it.</summary>
internal static unsafe class StateImages
{
    public static void ToState(in MachineImage image, CpuState* s)
    {
        for (int i = 0; i < 16; i++)
            s->Gpr[i] = image.Gpr[i];
        s->SetRFlags(image.Rflags);
        fixed (byte* ymm = image.Ymm)
            Buffer.MemoryCopy(ymm, s->Vec, 512, 512);
        s->Mxcsr = image.Mxcsr;
        s->X87.Control = image.ControlWord;
        s->X87.Status = image.StatusWord;
        int top = (image.StatusWord >> 11) & 7;
        ushort tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            if (((image.Tags >> physical) & 1) == 0)
                tags |= (ushort)(3 << (2 * physical));
            int at = 32 + (((physical - top) & 7) * 16);
            s->X87.Registers[physical * 2] = image.ReadFx<ulong>(at);
            s->X87.Registers[(physical * 2) + 1] = image.ReadFx<ushort>(at + 8);
        }

        s->X87.Tag = tags;
        // FXRSTOR64 computes the exception summary from flags and masks.
        bool pending = (image.StatusWord & ~image.ControlWord & 0x3F) != 0;
        s->X87.Status = (ushort)((image.StatusWord & 0x7F7F) | (pending ? 0x8080 : 0));
        s->X87.Opcode = image.ReadFx<ushort>(6);
        s->X87.InstructionPointer = image.ReadFx<ulong>(8);
        s->X87.DataPointer = image.ReadFx<ulong>(16);
        s->X87.Selectors = 0;
        CpuState.Segment(s, SegmentIndex.Fs).Base = CpuState.Segment(s, SegmentIndex.Gs).Base = image.GsBase;
    }

    public static void FromState(CpuState* s, ref MachineImage image)
    {
        for (int i = 0; i < 16; i++)
            image.Gpr[i] = s->Gpr[i];
        image.Rflags = s->RFlags;
        fixed (byte* ymm = image.Ymm)
            Buffer.MemoryCopy(s->Vec, ymm, 512, 512);
        image.Mxcsr = s->Mxcsr;
        image.ControlWord = s->X87.Control;
        image.StatusWord = s->X87.Status;
        int top = (s->X87.Status >> 11) & 7;
        byte tags = 0;
        for (int physical = 0; physical < 8; physical++)
        {
            if (((s->X87.Tag >> (2 * physical)) & 3) != 3)
                tags |= (byte)(1 << physical);
            int at = 32 + (((physical - top) & 7) * 16);
            image.WriteFx(at, s->X87.Registers[physical * 2]);
            image.WriteFx(at + 8, (ushort)s->X87.Registers[(physical * 2) + 1]);
        }

        image.Tags = tags;

        // FXSAVE64, which fills the host's image, shows the pointers while an exception is pending only.
        if ((s->X87.Status & 0x80) != 0)
        {
            image.WriteFx(6, s->X87.Opcode);
            image.WriteFx(8, s->X87.InstructionPointer);
            image.WriteFx(16, s->X87.DataPointer);
        }

        image.GsBase = CpuState.Segment(s, SegmentIndex.Gs).Base;
    }
}
