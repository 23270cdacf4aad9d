using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>
/// What stands before the first micro-op of a block when blocks may be translated, in the shape of a micro-op: links and the jump
/// cache lead here. Its handler counts executions, later enters the translation. The micro-ops behind it stay as they were
/// decoded, so whoever steps through instructions one at a time never meets translated code.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct BlockEntry
{
    /// <summary>Offset of <see cref="Body"/>: translated code reads it.</summary>
    public const int BodyOffset = 32;

    /// <summary>See <see cref="MicroOp.Handler"/>.</summary>
    [FieldOffset(0)]
    public delegate*<CpuState*, MicroOp*, MicroOp*> Handler;

    /// <summary>Instruction pointer of the block.</summary>
    [FieldOffset(8)]
    public ulong Rip;

    /// <summary>Executions left before the block is translated.</summary>
    [FieldOffset(16)]
    public long Countdown;

    /// <summary>Of an invalid block: the entry of its successor, or null.</summary>
    [FieldOffset(24)]
    public MicroOp* Successor;

    /// <summary>Where translated code jumps to: the translation, or the stub that runs <see cref="Handler"/>.</summary>
    [FieldOffset(BodyOffset)]
    public nint Body;

    /// <summary>Number of the block in its cache.</summary>
    [FieldOffset(40)]
    public int Number;
}
