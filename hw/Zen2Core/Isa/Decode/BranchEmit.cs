using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Emits branches.</summary>
internal static unsafe class BranchEmit
{
    private static readonly ushort s_jump = MicroOpKinds.AddValue("jmp", MicroOpClass.Branch, &BranchHandlers.JumpValue);
    private static readonly ushort s_jumpIf = MicroOpKinds.AddValue("jcc", MicroOpClass.Branch, &BranchHandlers.JumpIfValue);
    private static readonly ushort s_register16 = MicroOpKinds.AddValue("jmpr.16", MicroOpClass.Branch, &BranchHandlers.JumpRegisterValue<W16>);
    private static readonly ushort s_register32 = MicroOpKinds.AddValue("jmpr.32", MicroOpClass.Branch, &BranchHandlers.JumpRegisterValue<W32>);
    private static readonly ushort s_register64 = MicroOpKinds.AddValue("jmpr.64", MicroOpClass.Branch, &BranchHandlers.JumpRegisterValue<W64>);
    private static readonly ushort s_counter16 = MicroOpKinds.AddValue("jcxz", MicroOpClass.Branch, &BranchHandlers.JumpIfCounterZeroValue<W16>);
    private static readonly ushort s_counter32 = MicroOpKinds.AddValue("jecxz", MicroOpClass.Branch, &BranchHandlers.JumpIfCounterZeroValue<W32>);
    private static readonly ushort s_counter64 = MicroOpKinds.AddValue("jrcxz", MicroOpClass.Branch, &BranchHandlers.JumpIfCounterZeroValue<W64>);
    private static readonly ushort s_loop16 = MicroOpKinds.AddValue("loop.16", MicroOpClass.Branch, &BranchHandlers.JumpIfLoopValue<W16>);
    private static readonly ushort s_loop32 = MicroOpKinds.AddValue("loop.32", MicroOpClass.Branch, &BranchHandlers.JumpIfLoopValue<W32>);
    private static readonly ushort s_loop64 = MicroOpKinds.AddValue("loop.64", MicroOpClass.Branch, &BranchHandlers.JumpIfLoopValue<W64>);
    private static readonly ushort s_blockEnd = MicroOpKinds.AddValue("block-end", MicroOpClass.Nop, &BranchHandlers.JumpValue);

    /// <summary>Unconditional, relative.</summary>
    public static MicroOp* Jump(CrackContext c, ulong target, BranchKind branch)
    {
        MicroOp* op = c.Emit(s_jump, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.Jump);
        SetTarget(c, op, target, branch);
        return op;
    }

    /// <summary>Conditional, relative.</summary>
    public static MicroOp* JumpIf(CrackContext c, int condition, ulong target)
    {
        MicroOp* op = c.Emit(s_jumpIf, (nint)Handler(condition));
        SetTarget(c, op, target, BranchKind.Conditional);
        op->Condition = (byte)condition;
        op->FlagsRead = Conditions.Reads(condition);
        return op;
    }

    /// <summary>Through a register or temporary of the given operand size.</summary>
    public static MicroOp* JumpRegister(CrackContext c, int bytes, ushort register, BranchKind branch)
    {
        MicroOp* op = bytes switch
        {
            2 => c.Emit(s_register16, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpRegister<W16>),
            4 => c.Emit(s_register32, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpRegister<W32>),
            _ => c.Emit(s_register64, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpRegister<W64>),
        };
        op->A = register;
        op->Width = (byte)bytes;
        op->Branch = branch;
        op->Extra = c.ModeKey;
        op->Marks |= MicroOpMarks.EndsBlock;
        return op;
    }

    /// <summary>JCXZ family.</summary>
    public static MicroOp* JumpIfCounterZero(CrackContext c, int counterBytes, ulong target)
    {
        MicroOp* op = counterBytes switch
        {
            2 => c.Emit(s_counter16, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfCounterZero<W16>),
            4 => c.Emit(s_counter32, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfCounterZero<W32>),
            _ => c.Emit(s_counter64, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfCounterZero<W64>),
        };
        SetTarget(c, op, target, BranchKind.Conditional);
        op->A = Reg.Rcx;
        return op;
    }

    /// <summary>The branch of LOOP (condition 16), LOOPE (4), LOOPNE (5).</summary>
    public static MicroOp* JumpIfLoop(CrackContext c, int counterBytes, int condition, ulong target)
    {
        MicroOp* op = counterBytes switch
        {
            2 => c.Emit(s_loop16, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfLoop<W16>),
            4 => c.Emit(s_loop32, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfLoop<W32>),
            _ => c.Emit(s_loop64, (nint)(delegate*<CpuState*, MicroOp*, MicroOp*>)&BranchHandlers.JumpIfLoop<W64>),
        };
        SetTarget(c, op, target, BranchKind.Conditional);
        op->A = Reg.Rcx;
        op->Condition = (byte)condition;
        op->FlagsRead = condition > 15 ? FlagMask.None : FlagMask.ZF;
        return op;
    }

    /// <summary>Fills in the link that ends a decoded block without a branch: not an instruction.</summary>
    public static void BlockEnd(MicroOp* op, ulong target, byte modeKey, int instructions)
    {
        *op = default;
        op->Kind = s_blockEnd;
        op->Class = MicroOpClass.Nop;
        op->Handler = &BranchHandlers.BlockEnd;
        op->Rip = target;
        op->Imm = target;
        op->Dst = op->Dst2 = op->A = op->B = op->C = Reg.None;
        op->Base = op->Index = Reg.Zero;
        op->InstructionIndex = (byte)instructions;
        op->Extra = modeKey;
        op->Marks = MicroOpMarks.Pseudo | MicroOpMarks.EndsBlock;
    }

    private static void SetTarget(CrackContext c, MicroOp* op, ulong target, BranchKind branch)
    {
        op->Imm = target;
        op->Branch = branch;
        op->Extra = c.ModeKey;
        if (branch != BranchKind.Conditional)
            op->Marks |= MicroOpMarks.EndsBlock;
        if ((target ^ op->Rip) >> 12 == 0)
            op->Scale = BranchHandlers.Linkable;
    }

    private static delegate*<CpuState*, MicroOp*, MicroOp*> Handler(int condition) => condition switch
    {
        0 => &BranchHandlers.JumpIf<CondO>,
        1 => &BranchHandlers.JumpIf<CondNo>,
        2 => &BranchHandlers.JumpIf<CondB>,
        3 => &BranchHandlers.JumpIf<CondAe>,
        4 => &BranchHandlers.JumpIf<CondE>,
        5 => &BranchHandlers.JumpIf<CondNe>,
        6 => &BranchHandlers.JumpIf<CondBe>,
        7 => &BranchHandlers.JumpIf<CondA>,
        8 => &BranchHandlers.JumpIf<CondS>,
        9 => &BranchHandlers.JumpIf<CondNs>,
        10 => &BranchHandlers.JumpIf<CondP>,
        11 => &BranchHandlers.JumpIf<CondNp>,
        12 => &BranchHandlers.JumpIf<CondL>,
        13 => &BranchHandlers.JumpIf<CondGe>,
        14 => &BranchHandlers.JumpIf<CondLe>,
        _ => &BranchHandlers.JumpIf<CondG>,
    };
}
