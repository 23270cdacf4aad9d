using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>
/// Branch handlers. A taken branch retires the instructions of its block up to itself; a conditional branch that is not taken
/// falls into the micro-ops behind it, so that decoded blocks extend over conditional branches.
/// </summary>
internal static unsafe class BranchHandlers
{
    /// <summary>Goes to a constant target; <see cref="MicroOp.Disp"/> caches where it is decoded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MicroOp* Take(CpuState* s, MicroOp* op)
    {
        ulong executed = s->Executed + op->InstructionIndex + 1;
        s->Executed = executed;
        MicroOp* target = (MicroOp*)op->Disp;
        if (target != null && executed < s->Host.Limit)
            return target;
        return TakeSlow(s, op);
    }

    /// <summary>Jump, relative.</summary>
    public static MicroOp* Jump(CpuState* s, MicroOp* op) => Take(s, op);

    /// <summary>Conditional jump, relative.</summary>
    public static MicroOp* JumpIf<TCondition>(CpuState* s, MicroOp* op)
        where TCondition : struct, ICondition =>
        Conditions.Holds(TCondition.Code, s->Flags) ? Take(s, op) : op + 1;

    /// <summary>Jump through a register or temporary.</summary>
    public static MicroOp* JumpRegister<W>(CpuState* s, MicroOp* op)
        where W : struct, IWidth
    {
        ulong target = W.Read((byte*)s + op->A);
        if (W.Bits == 64 && !IsCanonical(target))
            return Leave.Fault(s, op, ExceptionVector.GeneralProtection, 0);
        s->Executed += (uint)op->InstructionIndex + 1;
        s->Rip = target;
        return Lookup(s);
    }

    /// <summary>Pushes the return address of a 64-bit call through T0; a target that is not canonical faults before anything is written.</summary>
    public static MicroOp* PushForCall(CpuState* s, MicroOp* op)
    {
        if (IsCanonical(*(ulong*)((byte*)s + Reg.T0)))
            return MemoryHandlers.StoreImmediate<W64, FlatBase>(s, op);

        // A stack that cannot be written to comes first.
        return MemoryAccess.CheckWrite(s, op) ? Leave.Fault(s, op, ExceptionVector.GeneralProtection, 0) : null;
    }

    /// <summary>Loads the return address of a 64-bit return into T0; one that is not canonical faults before the stack pointer moves.</summary>
    public static MicroOp* LoadForReturn(CpuState* s, MicroOp* op)
    {
        MicroOp* next = MemoryHandlers.Load<W64, W64, FlatBase>(s, op);
        return next == null || IsCanonical(*(ulong*)((byte*)s + Reg.T0)) ? next : Leave.Fault(s, op, ExceptionVector.GeneralProtection, 0);
    }

    /// <summary>JCXZ, JECXZ, JRCXZ: <typeparamref name="W"/> is the address size.</summary>
    public static MicroOp* JumpIfCounterZero<W>(CpuState* s, MicroOp* op)
        where W : struct, IWidth => W.Read((byte*)s + Reg.Rcx) == 0 ? Take(s, op) : op + 1;

    /// <summary>The branch of LOOP, LOOPE, LOOPNE, after the counter was decremented: Condition 16 means counter only.</summary>
    public static MicroOp* JumpIfLoop<W>(CpuState* s, MicroOp* op)
        where W : struct, IWidth =>
        LoopTaken<W>(*(ulong*)((byte*)s + Reg.Rcx), op->Condition, s->Flags) ? Take(s, op) : op + 1;

    /// <summary>End of a decoded block that does not end in a branch.</summary>
    public static MicroOp* BlockEnd(CpuState* s, MicroOp* op)
    {
        // The micro-op stands for no instruction: its index counts exactly those before it.
        ulong executed = s->Executed + op->InstructionIndex;
        s->Executed = executed;
        MicroOp* target = (MicroOp*)op->Disp;
        if (target != null && executed < s->Host.Limit)
            return target;
        return TakeSlow(s, op);
    }

    /// <summary>Finds the block at the instruction pointer in the jump cache; null leaves it to the engine's loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static MicroOp* Lookup(CpuState* s)
    {
        ulong rip = s->Rip;
        JumpEntry* entry = s->Host.Jumps + JumpEntry.Slot(rip);
        return entry->Tag == (rip ^ s->Host.JumpSalt) && s->Executed < s->Host.Limit ? entry->Target : null;
    }

    /// <summary>Value function: constant target.</summary>
    public static void JumpValue(ExecArgs* e, MicroOp* op) => e->Result = op->Imm;

    /// <summary>Value function: conditional.</summary>
    public static void JumpIfValue(ExecArgs* e, MicroOp* op) =>
        e->Result = Conditions.Holds(op->Condition, e->Flags) ? op->Imm : Fallthrough(op);

    /// <summary>Value function: through a register.</summary>
    public static void JumpRegisterValue<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth
    {
        e->Result = W.Extract(e->A, op->A);
        if (W.Bits == 64 && !IsCanonical(e->Result))
            e->Fault = ExecArgs.FaultBit | ExceptionVector.GeneralProtection;
    }

    /// <summary>Value function: counter zero.</summary>
    public static void JumpIfCounterZeroValue<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth => e->Result = Width.Truncate<W>(e->A) == 0 ? op->Imm : Fallthrough(op);

    /// <summary>Value function: LOOP family.</summary>
    public static void JumpIfLoopValue<W>(ExecArgs* e, MicroOp* op)
        where W : struct, IWidth => e->Result = LoopTaken<W>(e->A, op->Condition, e->Flags) ? op->Imm : Fallthrough(op);

    // Near branches check their target themselves, so that the fault is theirs (AMD APM vol. 3, JMP, CALL, RET: #GP).
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsCanonical(ulong target) => (ulong)((long)(target << 16) >> 16) == target;

    private static ulong Fallthrough(MicroOp* op) => op->NextRip & ModeKeys.InstructionPointerMask(op->Extra);

    private static bool LoopTaken<W>(ulong counter, int condition, uint flags)
        where W : struct, IWidth =>
        Width.Truncate<W>(counter) != 0 && (condition > 15 || Conditions.Holds(condition, flags));

    /// <summary>A branch that is not linked, or that met the limit: looks its target up, and notes the link to fill in. Null leaves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    internal static MicroOp* TakeSlow(CpuState* s, MicroOp* op)
    {
        s->Rip = op->Imm;
        MicroOp* target = Lookup(s);
        if (op->Scale == Linkable)
        {
            if (target != null)
                op->Disp = (long)target;
            else
                s->Host.PendingLink = op;
        }

        return target;
    }

    /// <summary>In <see cref="MicroOp.Scale"/> of a branch: its target lies in the same page, so mapping and permissions are the same and the link needs no check.</summary>
    public const byte Linkable = 1;
}
