using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Ways for a handler to leave the threaded code.</summary>
internal static unsafe class Leave
{
    /// <summary>Records a fault of <paramref name="op"/>; instructions before it in the block have retired.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static MicroOp* Fault(CpuState* s, MicroOp* op, uint vector, uint errorCode)
    {
        s->Host.FaultVector = vector;
        s->Host.FaultError = errorCode;
        return AtFault(s, op);
    }

    /// <summary>Leaves with a fault that is recorded already.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static MicroOp* AtFault(CpuState* s, MicroOp* op)
    {
        s->Executed += op->InstructionIndex;
        s->Rip = op->Rip;
        return null;
    }

    /// <summary>Finishes the instruction of <paramref name="op"/>, which has itself been carried out, and leaves behind it: decoded code may have changed.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static MicroOp* AfterInstruction(CpuState* s, MicroOp* op)
    {
        while ((op->Marks & MicroOpMarks.Last) == 0)
        {
            MicroOp* next = op + 1;
            ulong before = s->Executed;
            MicroOp* after = next->Handler(s, next);
            if (after == null || s->Executed != before)
            {
                // A branch, which has counted itself (its target may be decoded right behind it); or a fault, which has not
                // retired the instruction.
                if (after != null)
                    s->Rip = after->Rip;
                return null;
            }

            op = next;
        }

        s->Executed += (uint)op->InstructionIndex + 1;
        s->Rip = op->NextRip & ModeKeys.InstructionPointerMask(s->ModeKey);
        return null;
    }
}
