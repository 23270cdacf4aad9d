using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// Inputs and outputs of a value function: what the detailed engine hands to a micro-op when it issues. Register values are
/// whole 64-bit (or 256-bit) registers; the value function selects high bytes, truncates, and returns whole registers again,
/// merged with <see cref="Old"/> where the form merges.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct ExecArgs
{
    /// <summary>First source; for loads and atomics the memory value, zero-extended.</summary>
    public ulong A;

    /// <summary>Second source, or the immediate.</summary>
    public ulong B;

    /// <summary>Third source.</summary>
    public ulong C;

    /// <summary>Previous value of the destination, when <see cref="MicroOpMarks.MergesDst"/> is set.</summary>
    public ulong Old;

    /// <summary>New value of the destination register; for branches the next instruction pointer; for stores and atomics the memory value.</summary>
    public ulong Result;

    /// <summary>New value of the second destination; for atomics of <see cref="MicroOp.Dst"/>.</summary>
    public ulong Result2;

    /// <summary>Arithmetic flags: in, then out.</summary>
    public uint Flags;

    /// <summary>MXCSR in; status bits may be set on the way out (or-ed into MXCSR when the micro-op retires).</summary>
    public uint Mxcsr;

    /// <summary>0, or <see cref="FaultBit"/> plus the exception vector.</summary>
    public uint Fault;

    /// <summary>Error code of the fault.</summary>
    public uint ErrorCode;

    /// <summary>The core's state, for what is not renamed and changes only at serialising points (segment bases, control registers).</summary>
    public CpuState* State;

    /// <summary>First vector source, or loaded vector.</summary>
    public Vector256<ulong> VA;

    /// <summary>Second vector source.</summary>
    public Vector256<ulong> VB;

    /// <summary>Third vector source.</summary>
    public Vector256<ulong> VC;

    /// <summary>Previous value of the vector destination.</summary>
    public Vector256<ulong> VOld;

    /// <summary>Vector result, whole register.</summary>
    public Vector256<ulong> VResult;

    /// <summary>A state in which x87 and MMX instructions are tried out: only what they read and write means anything.</summary>
    public CpuState* Scratch;

    /// <summary>x87 tag word before the instruction.</summary>
    public ushort StackTags;

    /// <summary>What an x87 instruction raised in the status word, and its conditions.</summary>
    public ushort StackStatus;

    /// <summary>Physical register that is ST(0) before the instruction.</summary>
    public byte StackTop;

    /// <summary>Set in <see cref="Fault"/> when there is one.</summary>
    public const uint FaultBit = 0x100;

    /// <summary>Set in <see cref="Fault"/> when the instruction must be run again as a whole, on the precise state.</summary>
    public const uint AssistBit = 0x200;
}
