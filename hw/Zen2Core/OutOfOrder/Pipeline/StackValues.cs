using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.X87;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>
/// Value functions of instructions of the x87 and MMX registers. Each is written once, as a microcode function that changes a
/// <see cref="CpuState"/>; here it changes a scratch one that holds the sources which renaming found. What the pipeline has not
/// foreseen (a stack fault, an exception that is not masked) asks for an assist: the instruction is run again as a whole.
/// </summary>
internal static unsafe class StackValues
{
    private const int Empty = 3;

    /// <summary>Runs the microcode function.</summary>
    public static void Operation(ExecArgs* a, MicroOp* op)
    {
        StackUse use = MicroOpKinds.Row(op->Kind).Stack;
        CpuState* s = a->Scratch;
        Begin(a, s);
        PlaceSources(a, op, use, s);
        byte* operand = stackalloc byte[sizeof(Vector256<ulong>)];
        a->VC.Store((ulong*)operand);
        s->Host.Operand = operand;
        MicrocodeResult result = MicroOpKinds.Microcode(op)(CoreContext.Of(a->State), s, op);
        s->Host.Operand = null;
        a->State->Host.FaultVector = HostState.NoFault;
        a->StackStatus = s->X87.Status;
        if (result != MicrocodeResult.Done || (s->X87.Status & (X87Unit.StackFaultBit | X87Unit.SummaryBit)) != 0)
            a->Fault = ExecArgs.AssistBit;
        a->Flags = s->Flags;
        a->Mxcsr = s->Mxcsr;
        TakeResult(a, op, use, s, operand);
    }

    /// <summary>FXCH: the old ST(0), for ST(i).</summary>
    public static void Exchange(ExecArgs* a, MicroOp* op)
    {
        a->VResult = a->VA;
        a->StackStatus = 0;
        if (IsEmpty(a, 0) || IsEmpty(a, (int)op->Imm & 7))
            a->Fault = ExecArgs.AssistBit;
    }

    /// <summary>A register as it is.</summary>
    public static void Copy(ExecArgs* a, MicroOp* op) => a->VResult = a->VA;

    private static bool IsEmpty(ExecArgs* a, int i) => ((a->StackTags >> (2 * ((a->StackTop + i) & 7))) & Empty) == Empty;

    private static void Begin(ExecArgs* a, CpuState* s)
    {
        s->X87.Control = a->State->X87.Control;
        s->X87.Status = (ushort)(a->StackTop << 11);
        s->X87.Tag = a->StackTags;
        s->Cr0 = ControlBits.Cr0NumericError;
        s->Cr4 = a->State->Cr4;
        s->Mode = CpuMode.Long64;
        s->Flags = a->Flags;
        s->Mxcsr = a->Mxcsr;
    }

    private static void PlaceSources(ExecArgs* a, MicroOp* op, StackUse use, CpuState* s)
    {
        (int first, int second) = Numbers(a, op, use);
        if ((use & StackUse.First) != 0)
            Place(s, first, a->VA);
        if ((use & StackUse.Second) != 0 && (op->AccessSize == 0 || (use & StackUse.Stores) != 0))
            Place(s, second, a->VB);
        else if (op->B != Reg.None && Reg.IsVector(op->B))
            a->VB.Store((ulong*)((byte*)s + op->B));
        else if (op->B != Reg.None)
            *(ulong*)((byte*)s + op->B) = a->B;
        if (op->Dst != Reg.None && Reg.IsVector(op->Dst))
            ((use & StackUse.MergesVector) != 0 ? a->VA : a->VOld).Store((ulong*)((byte*)s + op->Dst));
    }

    private static void TakeResult(ExecArgs* a, MicroOp* op, StackUse use, CpuState* s, byte* operand)
    {
        (int first, int second) = Numbers(a, op, use);
        if ((use & StackUse.IntoFirst) != 0)
            a->VResult = Take(s, first);
        else if ((use & StackUse.IntoSecond) != 0)
            a->VResult = Take(s, second);
        else if ((use & StackUse.Pushes) != 0)
            a->VResult = Take(s, (a->StackTop - 1) & 7);
        else if ((use & StackUse.Stores) != 0 && op->AccessSize != 0)
            a->VResult = Vector256.Load((ulong*)operand);
        else if (op->Dst != Reg.None && Reg.IsVector(op->Dst))
            a->VResult = Vector256.Load((ulong*)((byte*)s + op->Dst));
        else if (op->Dst != Reg.None)
            a->Result = *(ulong*)((byte*)s + op->Dst);
    }

    private static (int First, int Second) Numbers(ExecArgs* a, MicroOp* op, StackUse use) => (use & StackUse.Mmx) != 0
        ? ((int)(op->Imm >> 8) & 7, (int)(op->Imm >> 12) & 7)
        : (a->StackTop, (a->StackTop + (int)(op->Imm & 7)) & 7);

    private static void Place(CpuState* s, int register, Vector256<ulong> value) => value.GetLower().Store(s->X87.Registers + (register * 2));

    private static Vector256<ulong> Take(CpuState* s, int register) => Vector256.Create(Vector128.Load(s->X87.Registers + (register * 2)), Vector128<ulong>.Zero);
}
