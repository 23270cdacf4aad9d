using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>What a micro-op in the reorder buffer is doing.</summary>
internal enum OpState : byte
{
    /// <summary>Some source is not there.</summary>
    Waiting,

    /// <summary>In a scheduler with every source; waits for a pipe.</summary>
    Ready,

    /// <summary>A load or store with an address that cannot go on: an older store, a fence, or being the oldest decides.</summary>
    Blocked,

    /// <summary>A load whose bytes are here; it waits for the rest of the register that they go into.</summary>
    Merging,

    /// <summary>Under way; an event will complete it.</summary>
    Executing,

    /// <summary>Its result is there.</summary>
    Done,
}

/// <summary>One micro-op in flight.</summary>
internal unsafe struct RobEntry
{
    public MicroOp* Op;
    public OpInfo* Info;
    public Decoded* Instruction;

    /// <summary>Producer of each source: sequence number times two, plus one for a second result; <see cref="FromState"/> when it is architectural.</summary>
    public fixed long Producer[SourceRole.Count];

    /// <summary>What each destination's name stood for before: put back on recovery.</summary>
    public fixed long Previous[TargetRole.Count];

    public ulong Result;
    public ulong Result2;
    public ulong FaultAddress;

    /// <summary>Linear and physical address of a memory operand.</summary>
    public ulong Linear;
    public ulong Physical;

    /// <summary>Where the operand's second page begins, if it crosses one.</summary>
    public ulong PhysicalSecond;

    /// <summary>For branches: where fetch went on, and where the program does.</summary>
    public ulong PredictedNext;
    public ulong ActualNext;

    /// <summary>Its instruction's step on a recorded path; -1 on a wrong path.</summary>
    public long Step;

    public ulong Fetched;
    public ulong Decodable;
    public ulong Dispatched;
    public ulong ReadyAt;
    public ulong Issued;
    public ulong Completed;

    public uint Stamp;
    public uint Flags;
    public uint Mxcsr;
    public uint FaultVector;
    public uint FaultError;

    /// <summary>First of the sources (as slot times <see cref="SourceRole.Count"/> plus role) that wait for this result; -1 when none.</summary>
    public int FirstWaiter;

    /// <summary>Index of its branch record, or -1.</summary>
    public int Branch;

    /// <summary>Places in the load or store queue (running numbers).</summary>
    public uint LoadNumber;
    public uint StoreNumber;

    public byte AddressWaits;
    public byte OtherWaits;

    /// <summary>The ALU whose scheduler holds it; for loads and vector micro-ops the pipe that it issued to.</summary>
    public byte Scheduler;
    public OpState State;

    /// <summary>Which part of its work the next event ends; see the stages in the memory part.</summary>
    public byte Stage;

    /// <summary>Its place among its instruction's micro-ops.</summary>
    public byte Index;

    /// <summary>Physical register that is ST(0) for its instruction; 0 for MMX.</summary>
    public byte Top;

    /// <summary>The top of the stack and the tags before and behind an operation of the x87 and MMX registers, and what it raised.</summary>
    public byte TopBefore, TopAfter;
    public ushort TagsBefore, TagsAfter, StackStatus;

    /// <summary>Dispatch, retire and reorder-buffer cost after fusion.</summary>
    public byte MacroOps;

    /// <summary>What a waiting load waits for, for attribution.</summary>
    public CycleCause WaitCause;

    /// <summary>Another core wrote what this load has read while an older load had not: fetch again from here.</summary>
    public bool OrderViolated;

    /// <summary>The operand is not ordinary memory.</summary>
    public bool Device;

    /// <summary>A store's data is there.</summary>
    public bool DataReady;

    /// <summary>No fault.</summary>
    public const uint NoFault = uint.MaxValue;

    /// <summary>No fault either: the instruction must run again as a whole.</summary>
    public const uint Assist = NoFault - 1;

    /// <summary>The value is in the architectural state.</summary>
    public const long FromState = -1;
}
