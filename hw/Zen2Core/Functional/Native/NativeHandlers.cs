using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>Handlers of block entries, and those to which only translated code jumps.</summary>
internal static unsafe class NativeHandlers
{
    /// <summary>Counts an execution and runs the block's micro-ops; the last count translates it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MicroOp* Count(CpuState* s, MicroOp* op)
    {
        BlockEntry* entry = (BlockEntry*)op;
        if (--entry->Countdown <= 0)
            return Translate(s, op);
        MicroOp* first = op + 1;
        return first->Handler(s, first);
    }

    /// <summary>Entry of a block that is not translated.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MicroOp* Pass(CpuState* s, MicroOp* op)
    {
        MicroOp* first = op + 1;
        return first->Handler(s, first);
    }

    /// <summary>
    /// A linkable jump of translated code that is not linked, or that met the limit; it has counted its instructions. Like
    /// <see cref="BranchHandlers.TakeSlow"/>, and links the jump to its target's translation if there is one.
    /// </summary>
    /// <param name="s">The state.</param>
    /// <param name="op">The branch, or the end of the block.</param>
    /// <param name="site">The number of the jump.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static MicroOp* Take(CpuState* s, MicroOp* op, nint site)
    {
        MicroOp* target = (MicroOp*)op->Disp;
        if (target == null || s->Executed >= s->Host.Limit)
            target = BranchHandlers.TakeSlow(s, op);
        if (target != null)
            CoreContext.Of(s).Code.LinkTranslation((int)site, target);
        return target;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static MicroOp* Translate(CpuState* s, MicroOp* op)
    {
        CoreContext.Of(s).Code.Translate(op);
        return op;
    }
}
