using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// The value functions, as the detailed engine uses them: operands are gathered, the function is called, and what it
/// gives is written back when the instruction is complete. Operands that a micro-op does not name hold rubbish.
/// </summary>
internal sealed unsafe class ValueCpu(OracleMachine machine) : ISimulatedCpu
{
    private const ulong Rubbish = 0xDEAD_BEEF_0BAD_F00D;

    public bool RunsPrograms => false;

    public bool Implements(in Instruction instruction) => FormTable.Row(instruction.Code) is not null;

    public void Run(ReadOnlySpan<byte> code, in MachineImage input, Span<byte> scratch, out MachineImage output)
    {
        CpuState* s = machine.State;
        scratch.CopyTo(new Span<byte>(machine.Scratch, scratch.Length));
        StateImages.ToState(input, s);
        s->Host.FaultVector = HostState.NoFault;
        s->Host.Limit = ulong.MaxValue;
        uint mxcsr = s->Mxcsr;
        MicroOp* first = machine.Load(code).First;
        bool whole = HasMicrocode(first);
        bool completed = RunOps(s, first, whole);
        if (!completed && !whole)
        {
            // Nothing of a faulting instruction retires, except the status of an unmasked SIMD exception.
            uint raised = s->Mxcsr & 0x3F;
            (uint vector, uint error, ulong address) = (s->Host.FaultVector, s->Host.FaultError, s->Host.FaultAddress);
            StateImages.ToState(input, s);
            s->Mxcsr = mxcsr | (vector == ExceptionVector.Simd ? raised : 0);
            (s->Host.FaultVector, s->Host.FaultError, s->Host.FaultAddress) = (vector, error, address);
        }

        output = default;
        output.FaultVector = -1;
        output.FaultRip = OracleLayout.Code + (uint)code.Length;
        StateImages.FromState(s, ref output);
        if (!completed)
        {
            output.FaultVector = s->Host.FaultVector;
            output.FaultRip = OracleLayout.Code;
            output.FaultCode = s->Host.FaultError;
            output.FaultAddress = s->Host.FaultAddress;
            s->Host.FaultVector = HostState.NoFault;
        }

        new ReadOnlySpan<byte>(machine.Scratch, scratch.Length).CopyTo(scratch);
    }

    private bool RunOps(CpuState* s, MicroOp* op, bool whole)
    {
        for (; ; op++)
        {
            bool done = whole || !HasValue(op) ? RunHandler(s, op) : RunValue(s, op);
            if (!done)
                return false;
            if ((op->Marks & MicroOpMarks.Last) != 0)
                return true;
        }
    }

    private static bool HasMicrocode(MicroOp* op)
    {
        for (; ; op++)
        {
            if (op->Class == MicroOpClass.AtRetire)
                return true;
            if ((op->Marks & MicroOpMarks.Last) != 0)
                return false;
        }
    }

    private static bool HasValue(MicroOp* op) => MicroOpKinds.Row(op->Kind).Value != 0 && op->Class is not (MicroOpClass.Lea or MicroOpClass.Prefetch);

    private static bool RunHandler(CpuState* s, MicroOp* op)
    {
        op->Handler(s, op);
        return s->Host.FaultVector == HostState.NoFault;
    }

    private bool RunValue(CpuState* s, MicroOp* op)
    {
        ExecArgs args = default;
        Gather(s, op, &args);
        ulong linear = 0;
        if (op->AccessSize != 0)
        {
            byte* r = (byte*)s;
            if (!EffectiveAddress.Linear(s, op, *(ulong*)(r + op->Base), *(ulong*)(r + op->Index), out linear))
                return false;
            if (op->Class is MicroOpClass.Load or MicroOpClass.Store && VectorMemoryHandlers.Misaligned(s, op, linear))
            {
                s->Host.FaultVector = ExceptionVector.GeneralProtection;
                s->Host.FaultError = 0;
                return false;
            }
        }

        if (op->Class is MicroOpClass.Load or MicroOpClass.Atomic && !ReadOperand(op, linear, &args))
            return false;
        MicroOpKinds.Value(op)(&args, op);
        s->Mxcsr |= args.Mxcsr & 0x3F;
        if (args.Fault != 0)
        {
            s->Host.FaultVector = args.Fault & 0xFF;
            s->Host.FaultError = args.ErrorCode;
            return false;
        }

        if (op->Class is MicroOpClass.Store or MicroOpClass.Atomic && !WriteOperand(op, linear, &args))
            return false;
        WriteBack(s, op, &args);
        return true;
    }

    private static void Gather(CpuState* s, MicroOp* op, ExecArgs* args)
    {
        Vector256<ulong> rubbish = Vector256.Create(Rubbish);
        (args->VA, args->VB, args->VC, args->VOld, args->VResult) = (rubbish, rubbish, rubbish, rubbish, rubbish);
        args->State = s;
        args->Mxcsr = s->Mxcsr;
        args->Flags = s->Flags;
        args->A = args->B = args->C = args->Old = 0;
        Source(s, op->A, &args->A, &args->VA);
        if ((op->Marks & MicroOpMarks.BIsImmediate) != 0)
            args->B = op->Imm;
        else
            Source(s, op->B, &args->B, &args->VB);
        Source(s, op->C, &args->C, &args->VC);
        if ((op->Marks & MicroOpMarks.MergesDst) != 0)
            Source(s, op->Dst, &args->Old, &args->VOld);
    }

    private static void Source(CpuState* s, ushort register, ulong* general, Vector256<ulong>* vector)
    {
        if (register is Reg.None or Reg.Zero)
            return;
        if (Reg.IsVector(register))
            *vector = Unsafe.ReadUnaligned<Vector256<ulong>>((byte*)s + register);
        else
            *general = s->Gpr[Reg.Number(register)];
    }

    private bool ReadOperand(MicroOp* op, ulong linear, ExecArgs* args)
    {
        bool intent = op->Class == MicroOpClass.Atomic || (op->Marks & MicroOpMarks.WriteIntent) != 0;
        if (intent && !machine.Core.Virtual.CheckWrite(linear, op->AccessSize))
            return false;
        Span<byte> bytes = stackalloc byte[32];
        bytes.Clear();
        if (!machine.Core.Virtual.ReadBytes(linear, bytes[..op->AccessSize]))
            return false;
        args->VA = Vector256.Create<byte>(bytes).AsUInt64();
        args->A = args->VA[0];
        return true;
    }

    private bool WriteOperand(MicroOp* op, ulong linear, ExecArgs* args)
    {
        Span<byte> bytes = stackalloc byte[32];
        Vector256<ulong> value = Reg.IsVector(op->A) && op->Class == MicroOpClass.Store ? args->VResult : Vector256.CreateScalar(args->Result);
        value.AsByte().CopyTo(bytes);
        return machine.Core.Virtual.WriteBytes(linear, bytes[..op->AccessSize]) != CoSim.Hw.Zen2Core.Privileged.WriteOutcome.Fault;
    }

    private static void WriteBack(CpuState* s, MicroOp* op, ExecArgs* args)
    {
        if (op->Dst != Reg.None && op->Class != MicroOpClass.Store)
        {
            if (!Reg.IsVector(op->Dst))
                s->Gpr[Reg.Number(op->Dst)] = op->Class == MicroOpClass.Atomic ? args->Result2 : args->Result;
            else
                Unsafe.WriteUnaligned((byte*)s + op->Dst, args->VResult);
        }

        if (op->Dst2 != Reg.None)
            s->Gpr[Reg.Number(op->Dst2)] = args->Result2;
        uint written = 0;
        FlagMask mask = op->FlagsWritten;
        written |= (mask & FlagMask.CF) != 0 ? FlagBits.CF : 0;
        written |= (mask & FlagMask.OF) != 0 ? FlagBits.OF : 0;
        written |= (uint)(mask & (FlagMask.PF | FlagMask.AF | FlagMask.ZF | FlagMask.SF));
        s->Flags = (s->Flags & ~written) | (args->Flags & written);
    }
}
