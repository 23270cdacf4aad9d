using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>One decoded instruction at one address: its micro-ops, what the pipeline knows of them, and what it needs to dispatch.</summary>
internal unsafe struct Decoded
{
    public MicroOp* Ops;
    public OpInfo* Infos;

    /// <summary>Offset in CS.</summary>
    public ulong Rip;

    /// <summary>Physical address of the first byte.</summary>
    public ulong Physical;

    /// <summary>Physical page of the last byte, when that is another page; otherwise all ones.</summary>
    public ulong SecondPage;

    /// <summary>Target of a direct branch.</summary>
    public ulong Target;

    public byte ModeKey;
    public byte Count;
    public byte Length;
    public byte MacroOps;
    public BranchKind Branch;
    public byte Loads;
    public byte Stores;
    public byte AluOps;
    public byte AddressOps;
    public byte VectorOps;
    public byte IntegerTargets;
    public byte VectorTargets;

    /// <summary>The same instruction as one operation that runs alone, when this one is micro-ops on x87 and MMX registers; else null.</summary>
    public Decoded* Whole;

    /// <summary>What it does with the x87 and MMX registers.</summary>
    public StackUse Stack;

    /// <summary>1 plus the code of a marker instruction; 0 for every other instruction.</summary>
    public byte Marker;

    /// <summary>The branch counters count it.</summary>
    public bool Transfers;

    /// <summary>CMP or TEST: a conditional branch right behind it becomes part of its macro-op.</summary>
    public bool FusesWithBranch;

    /// <summary>Nothing younger dispatches before this instruction has retired.</summary>
    public bool BlocksYounger;

    /// <summary>It runs as a whole by the functional engine's handlers when it is the oldest.</summary>
    public bool Microcoded;

    /// <summary>It dispatches only when everything older has retired (LFENCE while it is dispatch-serialising).</summary>
    public bool IsLoadFence;

    /// <summary>PAUSE.</summary>
    public bool IsPause;

    /// <summary>What its microcode takes once it is the oldest, and the cause that its cycles go to.</summary>
    public ushort MicrocodeCycles;
    public CycleCause MicrocodeCause;

    /// <summary>Its microcode touches memory or must be ordered behind it: retired stores are written first.</summary>
    public bool MicrocodeDrains;

    /// <summary>Index of the block that it was decoded with, for <see cref="DecodeCache.IsValid"/>.</summary>
    public int Block;

    /// <summary>Instruction pointer of the instruction that follows in memory.</summary>
    public readonly ulong Next => Rip + Length;
}

/// <summary>An instruction between fetch and dispatch.</summary>
internal unsafe struct FetchEntry
{
    public Decoded* Instruction;

    /// <summary>Where fetch went on after it.</summary>
    public ulong PredictedNext;

    /// <summary>Its step on a recorded path; -1 on a wrong path.</summary>
    public long Step;

    /// <summary>The cycle of its fetch.</summary>
    public ulong Fetched;

    /// <summary>The first cycle in which it may dispatch.</summary>
    public ulong Decodable;

    /// <summary>CR2 of a fault on its bytes.</summary>
    public ulong FaultAddress;

    public uint FaultVector;
    public uint FaultError;

    /// <summary>Index of its branch record, or -1.</summary>
    public int Branch;

    /// <summary>Why the front end delivered nothing before it.</summary>
    public CycleCause Delay;
}

/// <summary>A branch in flight: what it was predicted from, to train with and to go back to.</summary>
internal struct BranchRecord
{
    public Prediction.BranchHistory History;
    public Prediction.ReturnStack.Checkpoint Returns;
    public Prediction.DirectionLookup Direction;
    public bool HasDirection;
}

/// <summary>A load in program order.</summary>
internal struct LoadEntry
{
    public long Sequence;
    public ulong Physical;
    public ulong PhysicalSecond;

    /// <summary>Bytes; 0 until the address is known and the load has been sent to memory or to a store.</summary>
    public byte Size;

    /// <summary>The load has its value.</summary>
    public bool Performed;

    /// <summary>Its value came from this core's own store queue.</summary>
    public bool Forwarded;
}

/// <summary>A store in program order, from dispatch until it has been written.</summary>
internal struct StoreEntry
{
    public long Sequence;

    /// <summary>Address of its instruction.</summary>
    public ulong Rip;
    public ulong Physical;
    public ulong PhysicalSecond;
    public ulong Data;
    public System.Runtime.Intrinsics.Vector256<ulong> Wide;
    public byte Size;

    /// <summary>Its base register, when there is no index.</summary>
    public ushort Base;
    public bool AddressKnown;
    public bool DataKnown;
    public bool Retired;
    public bool Device;

    /// <summary>Ownership of its line has been asked for.</summary>
    public bool Asked;

    /// <summary>When ownership comes.</summary>
    public ulong OwnedAt;
}
