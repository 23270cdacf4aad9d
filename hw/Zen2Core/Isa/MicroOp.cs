using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// One micro-op: exactly one cache line, unmanaged, and the same for both engines. Operands are register offsets
/// (<see cref="Reg"/>). The memory operand is linear address = segment base + (base + (index shifted) + displacement).
/// </summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public unsafe struct MicroOp
{
    /// <summary>Functional engine: executes this micro-op and returns the next one, or null to leave the threaded code.</summary>
    public delegate*<CpuState*, MicroOp*, MicroOp*> Handler;

    /// <summary>Instruction pointer of the instruction that this micro-op belongs to.</summary>
    public ulong Rip;

    /// <summary>Immediate operand, sign-extended; for branches the taken target.</summary>
    public ulong Imm;

    /// <summary>Displacement, RIP-relative addresses already absolute; for branches a link that belongs to the functional engine.</summary>
    public long Disp;

    /// <summary>Destination, or <see cref="Reg.None"/>.</summary>
    public ushort Dst;

    /// <summary>Second destination, or <see cref="Reg.None"/>.</summary>
    public ushort Dst2;

    /// <summary>First source, or <see cref="Reg.None"/>.</summary>
    public ushort A;

    /// <summary>Second source, or <see cref="Reg.None"/>; not read when <see cref="MicroOpMarks.BIsImmediate"/> is set.</summary>
    public ushort B;

    /// <summary>Third source, or <see cref="Reg.None"/>.</summary>
    public ushort C;

    /// <summary>Base register of the memory operand, or <see cref="Reg.Zero"/>.</summary>
    public ushort Base;

    /// <summary>Index register of the memory operand, or <see cref="Reg.Zero"/>.</summary>
    public ushort Index;

    /// <summary>Row of <see cref="MicroOpKinds"/>: value function, class, name.</summary>
    public ushort Kind;

    /// <summary>Instruction form: the value of Iced's <c>Code</c>, the key of timing data.</summary>
    public ushort Form;

    /// <summary>Execution class, a copy of the one in the row of <see cref="Kind"/>.</summary>
    public MicroOpClass Class;

    /// <summary>Boundaries and properties.</summary>
    public MicroOpMarks Marks;

    /// <summary>Operation width in bytes: 1, 2, 4, 8 for integers, 4 to 32 for vectors.</summary>
    public byte Width;

    /// <summary>Bytes accessed by the memory operand; 0 when there is none.</summary>
    public byte AccessSize;

    /// <summary>Shift of the index register: 0-3. For branches 1 when the functional engine may link them to their target.</summary>
    public byte Scale;

    /// <summary>Segment of the memory operand.</summary>
    public SegmentIndex Segment;

    /// <summary>Address size in bytes: 2, 4 or 8.</summary>
    public byte AddressWidth;

    /// <summary>Condition code 0-15 (encoding order) of Jcc, SETcc, CMOVcc.</summary>
    public byte Condition;

    /// <summary>What kind of branch, for predictors.</summary>
    public BranchKind Branch;

    /// <summary>Arithmetic flags read.</summary>
    public FlagMask FlagsRead;

    /// <summary>Arithmetic flags written.</summary>
    public FlagMask FlagsWritten;

    /// <summary>Length of the instruction in bytes.</summary>
    public byte Length;

    /// <summary>Index of the instruction in its decoded block: the instructions before it.</summary>
    public byte InstructionIndex;

    /// <summary>For branches the <see cref="ModeKeys"/> value they were decoded under; otherwise free for the operation, e.g. a predicate.</summary>
    public byte Extra;

    /// <summary>Instruction pointer of the instruction that follows in memory.</summary>
    public readonly ulong NextRip => Rip + Length;
}

/// <summary>Boundaries and properties of a micro-op.</summary>
[Flags]
public enum MicroOpMarks : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>First micro-op of its instruction.</summary>
    First = 0x01,

    /// <summary>Last micro-op of its instruction.</summary>
    Last = 0x02,

    /// <summary>The second source is <see cref="MicroOp.Imm"/>.</summary>
    BIsImmediate = 0x04,

    /// <summary>An 8- or 16-bit (or legacy vector) result merges into <see cref="MicroOp.Dst"/>, which is therefore also a source (<see cref="ExecArgs.Old"/>).</summary>
    MergesDst = 0x08,

    /// <summary>Locked, or an exchange that implies it.</summary>
    Locked = 0x10,

    /// <summary>The decoded block ends here: the next instruction must be looked up again (mode, code or mapping may change).</summary>
    EndsBlock = 0x20,

    /// <summary>A load that a store to the same address follows: it checks for write permission.</summary>
    WriteIntent = 0x40,

    /// <summary>Not an instruction: the functional engine's link at the end of a decoded block. The detailed engine skips it.</summary>
    Pseudo = 0x80,
}

/// <summary>Kinds of branches that predictors tell apart.</summary>
public enum BranchKind : byte
{
    /// <summary>Not a branch.</summary>
    None,

    /// <summary>Conditional, relative.</summary>
    Conditional,

    /// <summary>Unconditional, relative.</summary>
    Direct,

    /// <summary>Unconditional through a register or memory.</summary>
    Indirect,

    /// <summary>Relative call.</summary>
    Call,

    /// <summary>Call through a register or memory.</summary>
    CallIndirect,

    /// <summary>Near return.</summary>
    Return,
}

/// <summary>Execution classes: how the detailed engine carries a micro-op out.</summary>
public enum MicroOpClass : byte
{
    /// <summary>Nothing to execute (NOP, PREFETCH-less hints, markers).</summary>
    Nop,

    /// <summary>Integer ALU.</summary>
    Alu,

    /// <summary>Integer multiplication.</summary>
    Mul,

    /// <summary>Integer division.</summary>
    Div,

    /// <summary>Branch: Result is the next instruction pointer.</summary>
    Branch,

    /// <summary>Address computation only (LEA).</summary>
    Lea,

    /// <summary>Load: the value function gets the raw bytes, zero-extended, in A (or VA).</summary>
    Load,

    /// <summary>Store: Result (or VResult) of the value function is what goes to memory.</summary>
    Store,

    /// <summary>Locked or plain read-modify-write as one operation: memory value in A, registers in B and C; Result goes to memory, Result2 to Dst.</summary>
    Atomic,

    /// <summary>Vector operation; which pipe is a matter of timing data.</summary>
    Vector,

    /// <summary>Reads a clock or counter at the moment it executes (RDTSC, RDTSCP, RDPRU, RDPMC).</summary>
    ReadClock,

    /// <summary>LFENCE.</summary>
    LoadFence,

    /// <summary>SFENCE.</summary>
    StoreFence,

    /// <summary>MFENCE.</summary>
    FullFence,

    /// <summary>PAUSE.</summary>
    Pause,

    /// <summary>Cache-line hint: a load address whose value is dropped and which never faults.</summary>
    Prefetch,

    /// <summary>Runs when it is the oldest instruction, by its microcode function.</summary>
    AtRetire,
}
