using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>
/// Finds flag results that nobody can see: overwritten before any reader, with nothing in between that may fault, branch or
/// leave the block. Their micro-ops get handlers that do not compute them. The detailed engine is not concerned.
/// </summary>
internal static unsafe class DeadFlags
{
    [ThreadStatic]
    private static nint[]? s_without;

    /// <summary>Notes the flag-free handlers of an instruction's micro-ops.</summary>
    public static void Remember(MicroOp* ops, int start, CrackContext context)
    {
        nint[] without = s_without ??= new nint[512];
        for (int n = 0; n < context.Count; n++)
            without[start + n] = context.HandlerWithoutFlags(n);
    }

    /// <summary>Replaces handlers in a finished block.</summary>
    public static void Eliminate(MicroOp* ops, int count)
    {
        nint[] without = s_without ??= new nint[512];
        FlagMask live = FlagMask.All;
        for (int n = count - 1; n >= 0; n--)
        {
            MicroOp* op = ops + n;
            if ((op->Marks & MicroOpMarks.Pseudo) == 0
                && op->FlagsWritten != FlagMask.None && (op->FlagsWritten & live) == 0 && without[n] != 0)
            {
                op->Handler = (delegate*<CpuState*, MicroOp*, MicroOp*>)without[n];
            }

            bool visible = op->Class is not (MicroOpClass.Alu or MicroOpClass.Mul or MicroOpClass.Lea or MicroOpClass.Nop);
            live = visible ? FlagMask.All : (live & ~op->FlagsWritten) | op->FlagsRead;
        }
    }
}
