using Iced.Intel;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of NOPs and markers, hints, fences, clocks.</summary>
internal static unsafe class FormsHints
{
    private const uint MarkerBase = 0xC051_0000;

    private static readonly ushort s_nop = MicroOpKinds.AddValue("nop", MicroOpClass.Nop, &HintHandlers.Value);
    private static readonly ushort s_clock = MicroOpKinds.AddValue("clock", MicroOpClass.ReadClock, &HintHandlers.Value);
    private static readonly ushort s_aux = MicroOpKinds.AddValue("tscaux", MicroOpClass.Alu, &ClockReads.AuxValue);

    /// <summary>Kind of markers: class Nop; the engine tells the probe when one retires (code in <see cref="MicroOp.Imm"/>).</summary>
    public static readonly ushort Marker = MicroOpKinds.AddValue("marker", MicroOpClass.Nop, &HintHandlers.Value);

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Nop, NopOrMarker);
        FormTable.Add(Mnemonic.Reservednop, Nop);
        foreach (Code prefetch in new[] { Code.Reservednop_rm16_r16_0F0D, Code.Reservednop_rm32_r32_0F0D, Code.Reservednop_rm64_r64_0F0D })
            FormTable.Add(prefetch, PrefetchSpace);
        foreach (Mnemonic later in new[] { Mnemonic.Endbr64, Mnemonic.Endbr32, Mnemonic.Rdsspd, Mnemonic.Rdsspq, Mnemonic.Cldemote, Mnemonic.Prefetchit0, Mnemonic.Prefetchit1 })
            FormTable.Add(later, Nop);
        ushort pause = MicroOpKinds.AddValue("pause", MicroOpClass.Pause, &HintHandlers.Value);
        FormTable.Add(Mnemonic.Pause, c =>
        {
            MicroOp* op = c.Emit(pause, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&HintHandlers.Pause);
            op->Extra = c.ModeKey;
            op->Marks |= MicroOpMarks.EndsBlock;
        });
        FormTable.Add(Mnemonic.Lfence, Simple("lfence", MicroOpClass.LoadFence, Nothing));
        FormTable.Add(Mnemonic.Sfence, Simple("sfence", MicroOpClass.StoreFence, Nothing));
        FormTable.Add(Mnemonic.Mfence, Simple("mfence", MicroOpClass.FullFence, Nothing));
        ushort kind = MicroOpKinds.AddValue("prefetch", MicroOpClass.Prefetch, &HintHandlers.Value);
        Mnemonic[] prefetches =
        [
            Mnemonic.Prefetch, Mnemonic.Prefetchw, Mnemonic.Prefetchnta, Mnemonic.Prefetcht0, Mnemonic.Prefetcht1, Mnemonic.Prefetcht2,
            Mnemonic.Prefetchwt1,
        ];
        foreach (Mnemonic mnemonic in prefetches)
            FormTable.Add(mnemonic, c => c.SetMemory(c.Emit(kind, Nothing), 1));
        FormTable.Add(Mnemonic.Rdtsc, c => Clock(c, ClockKind.Tsc));
        FormTable.Add(Mnemonic.Rdtscp, c =>
        {
            Clock(c, ClockKind.Tsc);
            Aux(c, Reg.Rcx);
        });
        FormTable.Add(Mnemonic.Rdpru, c => Clock(c, ClockKind.ProcessorRegister));
        FormTable.Add(Mnemonic.Rdpmc, c => Clock(c, ClockKind.PerformanceCounter));
        FormTable.Add(Mnemonic.Rdpid, c => Aux(c, c.Register(0)));
    }

    private static nint Nothing => (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&HintHandlers.Nothing;

    private static Cracker Simple(string name, MicroOpClass kindClass, nint handler)
    {
        ushort kind = MicroOpKinds.AddValue(name, kindClass, &HintHandlers.Value);
        return c => c.Emit(kind, handler);
    }

    // 0F 0Dh is PREFETCH whatever its reg field; without a memory operand it is undefined (AMD APM vol. 3, PREFETCH).
    private static void PrefetchSpace(CrackContext c)
    {
        if (c.IsMemory(0))
            Nop(c);
        else
            FormTable.Undefined(c);
    }

    private static void Nop(CrackContext c) => c.Emit(s_nop, Nothing);

    /// <summary>NOP DWORD PTR [RAX + C051_00NNh] is a marker; every other NOP is one.</summary>
    private static void NopOrMarker(CrackContext c)
    {
        bool marker = c.Instruction.Code == Code.Nop_rm32 && c.IsMemory(0) && c.CodeBits == 64
            && c.Instruction.MemoryBase == Iced.Intel.Register.RAX && c.Instruction.MemoryIndex == Iced.Intel.Register.None
            && c.Instruction.MemoryDisplSize == 8 && (c.Instruction.MemoryDisplacement32 & 0xFFFF_FF00) == MarkerBase;
        if (!marker)
        {
            Nop(c);
            return;
        }

        MicroOp* op = c.Emit(Marker, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&HintHandlers.Marker);
        op->Imm = c.Instruction.MemoryDisplacement32 & 0xFF;
        op->Extra = c.ModeKey;
        op->Marks |= MicroOpMarks.EndsBlock;
    }

    private static void Clock(CrackContext c, ClockKind kind)
    {
        MicroOp* op = c.Emit(s_clock, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&ClockReads.Handler);
        op->Dst = Reg.Rax;
        op->Dst2 = Reg.Rdx;
        op->C = kind == ClockKind.Tsc ? Reg.None : Reg.Rcx;
        op->Width = 4;
        op->Condition = (byte)kind;
    }

    private static void Aux(CrackContext c, ushort dst)
    {
        MicroOp* op = c.Emit(s_aux, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&ClockReads.AuxHandler);
        op->Dst = dst;
        op->Width = 8;
    }
}
