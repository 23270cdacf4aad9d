using Iced.Intel;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of near control flow, conditional moves and sets, and the stack.</summary>
internal static unsafe class FormsControl
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        FormTable.Add(Mnemonic.Jmp, Jump);
        FormTable.Add(Mnemonic.Call, Call);
        FormTable.Add(Mnemonic.Ret, Return);
        FormTable.Add(Mnemonic.Push, Push);
        FormTable.Add(Mnemonic.Pop, Pop);
        FormTable.Add(Mnemonic.Leave, Leave);
        FormTable.Add(Mnemonic.Loop, c => Loop(c, 16));
        FormTable.Add(Mnemonic.Loope, c => Loop(c, 4));
        FormTable.Add(Mnemonic.Loopne, c => Loop(c, 5));
        FormTable.Add(Mnemonic.Jcxz, c => BranchEmit.JumpIfCounterZero(c, 2, c.Instruction.NearBranchTarget));
        FormTable.Add(Mnemonic.Jecxz, c => BranchEmit.JumpIfCounterZero(c, 4, c.Instruction.NearBranchTarget));
        FormTable.Add(Mnemonic.Jrcxz, c => BranchEmit.JumpIfCounterZero(c, 8, c.Instruction.NearBranchTarget));
        RegisterConditional<CondO>(Mnemonic.Jo, Mnemonic.Seto, Mnemonic.Cmovo);
        RegisterConditional<CondNo>(Mnemonic.Jno, Mnemonic.Setno, Mnemonic.Cmovno);
        RegisterConditional<CondB>(Mnemonic.Jb, Mnemonic.Setb, Mnemonic.Cmovb);
        RegisterConditional<CondAe>(Mnemonic.Jae, Mnemonic.Setae, Mnemonic.Cmovae);
        RegisterConditional<CondE>(Mnemonic.Je, Mnemonic.Sete, Mnemonic.Cmove);
        RegisterConditional<CondNe>(Mnemonic.Jne, Mnemonic.Setne, Mnemonic.Cmovne);
        RegisterConditional<CondBe>(Mnemonic.Jbe, Mnemonic.Setbe, Mnemonic.Cmovbe);
        RegisterConditional<CondA>(Mnemonic.Ja, Mnemonic.Seta, Mnemonic.Cmova);
        RegisterConditional<CondS>(Mnemonic.Js, Mnemonic.Sets, Mnemonic.Cmovs);
        RegisterConditional<CondNs>(Mnemonic.Jns, Mnemonic.Setns, Mnemonic.Cmovns);
        RegisterConditional<CondP>(Mnemonic.Jp, Mnemonic.Setp, Mnemonic.Cmovp);
        RegisterConditional<CondNp>(Mnemonic.Jnp, Mnemonic.Setnp, Mnemonic.Cmovnp);
        RegisterConditional<CondL>(Mnemonic.Jl, Mnemonic.Setl, Mnemonic.Cmovl);
        RegisterConditional<CondGe>(Mnemonic.Jge, Mnemonic.Setge, Mnemonic.Cmovge);
        RegisterConditional<CondLe>(Mnemonic.Jle, Mnemonic.Setle, Mnemonic.Cmovle);
        RegisterConditional<CondG>(Mnemonic.Jg, Mnemonic.Setg, Mnemonic.Cmovg);
    }

    private static void RegisterConditional<TCondition>(Mnemonic jump, Mnemonic set, Mnemonic move)
        where TCondition : struct, ICondition
    {
        FormTable.Add(jump, c => BranchEmit.JumpIf(c, TCondition.Code, c.Instruction.NearBranchTarget));
        FormTable.Add(set, SetByte<TCondition>);
        FormTable.Add(move, ConditionalMove<TCondition>);
    }

    private static void SetByte<TCondition>(CrackContext c)
        where TCondition : struct, ICondition
    {
        ushort dst = c.IsMemory(0) ? Reg.T0 : c.Register(0);
        IntEmit<SetIf<TCondition>>.Immediate(c, 1, dst, Reg.None, 0)->FlagsRead = Conditions.Reads(TCondition.Code);
        if (c.IsMemory(0))
            MemoryEmit.Store(c, 1, dst);
    }

    private static void ConditionalMove<TCondition>(CrackContext c)
        where TCondition : struct, ICondition
    {
        int bytes = c.OperandBytes(0);
        ushort dst = c.Register(0);
        ushort source = c.IsMemory(1) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(1);
        IntEmit<MoveIf<TCondition>>.Registers(c, bytes, dst, dst, source)->FlagsRead = Conditions.Reads(TCondition.Code);
    }

    /// <summary>Near branches only; far forms have rows of their own.</summary>
    private static void Jump(CrackContext c)
    {
        if (IsRelative(c))
        {
            BranchEmit.Jump(c, c.Instruction.NearBranchTarget, BranchKind.Direct);
            return;
        }

        int bytes = c.OperandBytes(0);
        ushort target = c.IsMemory(0) ? AluCrack.LoadTemporary(c, bytes, Reg.T0) : c.Register(0);
        BranchEmit.JumpRegister(c, bytes, target, BranchKind.Indirect);
    }

    private static void Call(CrackContext c)
    {
        if (IsRelative(c))
        {
            int size = BranchBytes(c);
            MemoryEmit.StoreStackImmediate(c, size, c.Instruction.NextIP, -size);
            LeaEmit.AdjustStack(c, -size);
            BranchEmit.Jump(c, c.Instruction.NearBranchTarget, BranchKind.Call);
            return;
        }

        int bytes = c.OperandBytes(0);
        if (c.IsMemory(0))
            AluCrack.LoadTemporary(c, bytes, Reg.T0);
        else
            IntEmit<Mov>.Registers(c, bytes, Reg.T0, Reg.None, c.Register(0));
        MicroOp* push = MemoryEmit.StoreStackImmediate(c, bytes, c.Instruction.NextIP, -bytes);
        if (bytes == 8)
            push->Handler = &BranchHandlers.PushForCall;
        LeaEmit.AdjustStack(c, -bytes);
        BranchEmit.JumpRegister(c, bytes, Reg.T0, BranchKind.CallIndirect);
    }

    private static void Return(CrackContext c)
    {
        int bytes = c.Instruction.Code switch
        {
            Code.Retnw or Code.Retnw_imm16 => 2,
            Code.Retnd or Code.Retnd_imm16 => 4,
            _ => 8,
        };
        int extra = c.Instruction.OpCount == 1 ? (int)c.Immediate(0) : 0;
        MicroOp* load = MemoryEmit.LoadStack(c, bytes, Reg.T0, 8, 0);
        if (bytes == 8)
            load->Handler = &BranchHandlers.LoadForReturn;
        LeaEmit.AdjustStack(c, bytes + extra);
        BranchEmit.JumpRegister(c, bytes, Reg.T0, BranchKind.Return);
    }

    private static void Push(CrackContext c)
    {
        int bytes = -c.Instruction.StackPointerIncrement;
        if (c.IsImmediate(0))
        {
            MemoryEmit.StoreStackImmediate(c, bytes, c.Immediate(0), -bytes);
        }
        else if (c.IsMemory(0))
        {
            AluCrack.LoadTemporary(c, bytes, Reg.T0);
            MemoryEmit.StoreStack(c, bytes, Reg.T0, -bytes);
        }
        else if (c.Instruction.Op0Register.IsSegmentRegister())
        {
            SegmentEmit.Read(c, Reg.T0, RegisterMap.Segment(c.Instruction.Op0Register));
            // All bytes are written, the upper ones as zeros (measured on AMD processors; others write the selector's two only).
            MemoryEmit.StoreStack(c, bytes, Reg.T0, -bytes);
        }
        else
        {
            MemoryEmit.StoreStack(c, bytes, c.Register(0), -bytes);
        }

        LeaEmit.AdjustStack(c, -bytes);
    }

    private static void Pop(CrackContext c)
    {
        int bytes = c.Instruction.StackPointerIncrement;
        if (c.IsMemory(0))
        {
            // The address is formed with the stack pointer after the increment; nothing changes if the store faults.
            MemoryEmit.LoadStack(c, bytes, Reg.T0, 8, 0);
            MicroOp* store = MemoryEmit.Store(c, bytes, Reg.T0);
            if (store->Base == Reg.Rsp)
                store->Disp += bytes;
            LeaEmit.AdjustStack(c, bytes);
            return;
        }

        ushort dst = c.Register(0);
        if (dst == Reg.Rsp)
        {
            MemoryEmit.LoadStack(c, bytes, Reg.T0, 8, 0);
            LeaEmit.AdjustStack(c, bytes);
            IntEmit<Mov>.Registers(c, bytes, dst, Reg.None, Reg.T0);
            return;
        }

        MemoryEmit.LoadStack(c, bytes, dst, bytes, 0);
        LeaEmit.AdjustStack(c, bytes);
    }

    private static void Leave(CrackContext c)
    {
        int bytes = c.Instruction.Code switch { Code.Leavew => 2, Code.Leaved => 4, _ => 8 };
        MicroOp* load = MemoryEmit.LoadStack(c, bytes, Reg.T0, 8, 0);
        load->Base = Reg.Rbp;
        LeaEmit.AddConstant(c, c.StackBytes, Reg.Rsp, Reg.Rbp, bytes);
        IntEmit<Mov>.Registers(c, bytes, Reg.Rbp, Reg.None, Reg.T0);
    }

    private static void Loop(CrackContext c, int condition)
    {
        int counter = c.Instruction.RawOpCounterBytes();
        LeaEmit.AddConstant(c, counter, Reg.Rcx, Reg.Rcx, -1);
        BranchEmit.JumpIfLoop(c, counter, condition, c.Instruction.NearBranchTarget);
    }

    private static bool IsRelative(CrackContext c) =>
        c.Instruction.GetOpKind(0) is OpKind.NearBranch16 or OpKind.NearBranch32 or OpKind.NearBranch64;

    private static int BranchBytes(CrackContext c) => c.Instruction.GetOpKind(0) switch
    {
        OpKind.NearBranch16 => 2,
        OpKind.NearBranch32 => 4,
        _ => 8,
    };

    /// <summary>Size of the LOOP counter, which is the address size of the form.</summary>
    private static int RawOpCounterBytes(this in Instruction instruction)
    {
        string name = instruction.Code.ToString();
        return name.EndsWith("RCX", StringComparison.Ordinal) ? 8 : name.EndsWith("ECX", StringComparison.Ordinal) ? 4 : 2;
    }
}
