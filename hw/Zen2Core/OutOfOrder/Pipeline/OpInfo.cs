using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>Where a micro-op goes from dispatch.</summary>
internal enum OpRoute : byte
{
    /// <summary>Nowhere: it is complete as soon as its sources are (NOP, zero idiom, eliminated move).</summary>
    Rename,

    /// <summary>One of the four ALU schedulers.</summary>
    Alu,

    /// <summary>The AGU scheduler: loads and prefetches.</summary>
    Load,

    /// <summary>The AGU scheduler: stores.</summary>
    Store,

    /// <summary>The floating-point scheduler.</summary>
    Vector,

    /// <summary>It executes when it is the oldest: locked operations, fences, microcode.</summary>
    Oldest,
}

/// <summary>Sources of a micro-op, by role: the index into <see cref="OpInfo.Source"/>.</summary>
internal static class SourceRole
{
    public const int A = 0;
    public const int B = 1;
    public const int C = 2;
    public const int Old = 3;
    public const int Base = 4;
    public const int Index = 5;
    public const int Carry = 6;
    public const int Overflow = 7;
    public const int OtherFlags = 8;
    public const int Count = 9;

    /// <summary>The roles that a memory address needs.</summary>
    public const int AddressMask = (1 << Base) | (1 << Index);

    /// <summary>The flag groups.</summary>
    public const int FlagsMask = (1 << Carry) | (1 << Overflow) | (1 << OtherFlags);
}

/// <summary>Destinations of a micro-op, by role: the index into <see cref="OpInfo.Target"/>.</summary>
internal static class TargetRole
{
    public const int First = 0;
    public const int Second = 1;
    public const int Carry = 2;
    public const int Overflow = 3;
    public const int OtherFlags = 4;
    public const int Count = 5;
}

/// <summary>
/// Names of what is renamed: the unified register numbers of <see cref="Isa.Reg"/>, then three groups of arithmetic flags,
/// which AMD renames apart from each other (carry, overflow, and the rest), then the x87 and MMX registers, which instructions
/// name relative to the top of the stack.
/// </summary>
internal static class Renamed
{
    public const int Carry = Isa.Reg.UnifiedCount;
    public const int Overflow = Carry + 1;
    public const int OtherFlags = Carry + 2;

    /// <summary>The first of the eight x87 and MMX registers.</summary>
    public const int Stack = Carry + 3;
    public const int Count = Stack + 8;
}

/// <summary>What the detailed engine knows of a micro-op beyond its meaning; worked out once, when it is decoded.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct OpInfo
{
    /// <summary>Value function, or null.</summary>
    public delegate*<Isa.ExecArgs*, Isa.MicroOp*, void> Value;

    /// <summary>Renamed name of each source by <see cref="SourceRole"/>; meaningful where <see cref="Sources"/> has the bit.</summary>
    public fixed byte Source[SourceRole.Count];

    /// <summary>Renamed name of each destination by <see cref="TargetRole"/>.</summary>
    public fixed byte Target[TargetRole.Count];

    /// <summary>A bit for each source role that is used.</summary>
    public ushort Sources;

    /// <summary>RFLAGS bits of the flag groups that it writes.</summary>
    public uint FlagTargets;

    /// <summary>A bit for each destination role that is used.</summary>
    public byte Targets;

    /// <summary>What it does with the x87 and MMX registers; 0 when nothing.</summary>
    public Isa.StackUse Stack;

    /// <summary>How it is carried out; AtRetire for every instruction that has a microcode part.</summary>
    public Isa.MicroOpClass Class;

    /// <summary>The second source is the immediate.</summary>
    public bool Immediate;

    /// <summary>Where it goes.</summary>
    public OpRoute Route;

    /// <summary>Cycles from issue to the result; for loads beyond the address, only what the form adds.</summary>
    public byte Latency;

    /// <summary>Hundredths of a cycle that it keeps its pipe: 100, and more for what is not pipelined or stands for several operations.</summary>
    public ushort Busy;

    /// <summary>ALUs 0-3 or floating-point pipes 0-3 that can take it.</summary>
    public byte Pipes;

    /// <summary>Dispatch and retire slots, and reorder-buffer entries, that it costs; 0 when it is part of its neighbour's macro-op.</summary>
    public byte MacroOps;

    /// <summary>Cycles during which nothing younger may dispatch: the microcode sequencer's turn.</summary>
    public ushort Hold;

    /// <summary>True when the first destination is a vector register.</summary>
    public bool VectorTarget;

    /// <summary>True when sources by role A, B, C or Old are vector registers.</summary>
    public bool VectorSource;
}
