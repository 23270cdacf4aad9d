using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <content>
/// Instructions of the x87 and MMX registers: a load of the operand, one operation whose meaning is the microcode function tried
/// out on a scratch state (<see cref="StackValues"/>), a store of the result.
/// </content>
internal sealed unsafe partial class OpInfoBuilder
{
    /// <summary>Most micro-ops that such an instruction has.</summary>
    public const int StackOps = 3;

    private const int PushedRegister = 7;

    /// <summary>Fills in an instruction, whose room for <see cref="StackOps"/> micro-ops is there, from its microcode operation.</summary>
    public void FillStack(Decoded* d, MicroOp* whole)
    {
        StackUse use = MicroOpKinds.Row(whole->Kind).Stack;
        bool memory = whole->AccessSize != 0;

        // CVTPI2PS and CVTPI2PD from memory have nothing to do with MMX registers.
        if (memory && (use & (StackUse.IntoFirst | StackUse.Stores)) == 0)
            use &= ~StackUse.Mmx;
        d->Stack = use;
        d->Count = 0;
        d->BlocksYounger = d->Microcoded = false;
        if (memory && (use & StackUse.Stores) == 0)
            AddLoad(d, whole);
        if ((use & StackUse.Exchanges) != 0)
            AddExchange(d, whole);
        else
            AddOperation(d, whole, use);
        if (memory && (use & StackUse.Stores) != 0)
            AddStore(d, whole);
        Count(d);
        Occupy(d);
    }

    /// <summary>Names of the first and the second register before the top of the stack is added.</summary>
    private static (int First, int Second) NamesOf(MicroOp* op, StackUse use) => (use & StackUse.Mmx) != 0
        ? (Renamed.Stack + ((int)(op->Imm >> 8) & 7), Renamed.Stack + ((int)(op->Imm >> 12) & 7))
        : (Renamed.Stack, Renamed.Stack + ((int)op->Imm & 7));

    private static OpInfo* Append(Decoded* d, MicroOp* whole, MicroOpClass kind)
    {
        MicroOp* op = d->Ops + d->Count;
        OpInfo* info = d->Infos + d->Count++;
        *op = *whole;
        op->Class = kind;
        *info = new OpInfo { Class = kind };
        return info;
    }

    private void AddLoad(Decoded* d, MicroOp* whole)
    {
        OpInfo* info = Append(d, whole, MicroOpClass.Load);
        MicroOp* op = d->Ops + d->Count - 1;
        VecMemoryEmit.MakeLoad(op, VecCrack.T0);
        Describe(op, info);
    }

    private void AddStore(Decoded* d, MicroOp* whole)
    {
        OpInfo* info = Append(d, whole, MicroOpClass.Store);
        MicroOp* op = d->Ops + d->Count - 1;
        VecMemoryEmit.MakeStore(op, VecCrack.T0);
        Describe(op, info);
    }

    private void AddOperation(Decoded* d, MicroOp* whole, StackUse use)
    {
        OpInfo* info = Append(d, whole, MicroOpClass.Vector);
        MicroOp* op = d->Ops + d->Count - 1;
        info->Stack = use;
        info->Value = &StackValues.Operation;
        (int first, int second) = NamesOf(op, use);
        bool memory = op->AccessSize != 0;
        bool vector = op->Dst != Reg.None && Reg.IsVector(op->Dst);
        if ((use & StackUse.First) != 0)
            AddName(info, SourceRole.A, first);
        else if (vector)
            Add(info, (use & StackUse.MergesVector) != 0 ? SourceRole.A : SourceRole.Old, op->Dst);
        if (memory && (use & StackUse.Stores) == 0)
            Add(info, SourceRole.C, VecCrack.T0);
        else if ((use & StackUse.Second) != 0)
            AddName(info, SourceRole.B, second);
        else
            Add(info, SourceRole.B, op->B);
        if ((use & StackUse.ReadsFlags) != 0)
            AddFlags(info, FlagMask.All);
        AddTarget(op, info, use, first, second);
        Time(op, info);
        if ((use & StackUse.Moves) != 0 && (memory || info->Targets == 0))
        {
            info->Route = OpRoute.Rename;
            info->Latency = 0;
        }
    }

    private static void AddTarget(MicroOp* op, OpInfo* info, StackUse use, int first, int second)
    {
        if ((use & StackUse.WritesFlags) != 0)
        {
            AddFlagTarget(info, FlagMask.CF, TargetRole.Carry, Renamed.Carry, FlagBits.CF);
            AddFlagTarget(info, FlagMask.OF, TargetRole.Overflow, Renamed.Overflow, FlagBits.OF);
            AddFlagTarget(info, OtherFlagMask, TargetRole.OtherFlags, Renamed.OtherFlags, OtherFlagBits);
        }

        int name = (use & StackUse.IntoFirst) != 0 ? first
            : (use & StackUse.IntoSecond) != 0 ? second
            : (use & StackUse.Pushes) != 0 ? Renamed.Stack + PushedRegister
            : (use & StackUse.Stores) != 0 && op->AccessSize != 0 ? Reg.Number(VecCrack.T0)
            : op->Dst != Reg.None ? Reg.Number(op->Dst) : -1;
        if (name < 0)
            return;
        info->Targets |= 1 << TargetRole.First;
        info->Target[TargetRole.First] = (byte)name;
        info->VectorTarget = name >= Reg.FirstVectorNumber;
    }

    /// <summary>FXCH is done by renaming (Agner Fog: latency 0): three copies that take no time.</summary>
    private static void AddExchange(Decoded* d, MicroOp* whole)
    {
        (int first, int second) = NamesOf(whole, StackUse.Exchanges);
        int temporary = Reg.Number(VecCrack.T0);
        OpInfo* check = AddCopy(d, whole, first, temporary);
        check->Stack = StackUse.Exchanges;
        check->Value = &StackValues.Exchange;
        _ = AddCopy(d, whole, second, first);
        _ = AddCopy(d, whole, temporary, second);
    }

    private static OpInfo* AddCopy(Decoded* d, MicroOp* whole, int from, int to)
    {
        OpInfo* info = Append(d, whole, MicroOpClass.Vector);
        info->Value = &StackValues.Copy;
        info->Route = OpRoute.Rename;
        AddName(info, SourceRole.A, from);
        info->Targets = 1 << TargetRole.First;
        info->Target[TargetRole.First] = (byte)to;
        info->VectorTarget = true;
        return info;
    }

    private static void AddName(OpInfo* info, int role, int name)
    {
        info->Sources |= (ushort)(1 << role);
        info->Source[role] = (byte)name;
        info->VectorSource = true;
    }
}
