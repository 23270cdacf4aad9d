namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>Why a core cycle passed: every cycle of every core has exactly one cause.</summary>
public enum CycleCause : byte
{
    /// <summary>At least one instruction retired.</summary>
    Retiring,

    /// <summary>The front end waited for a line of instructions.</summary>
    InstructionCache,

    /// <summary>The front end waited for a translation of the instruction address.</summary>
    InstructionTlb,

    /// <summary>Decoding, dispatch width, or the way through the pipeline, with nothing else to blame.</summary>
    Decode,

    /// <summary>Bubbles after a taken branch, or a redirect by the decoder.</summary>
    BranchBubble,

    /// <summary>Refilling the pipeline after a misprediction or a memory-order clear.</summary>
    BranchMisprediction,

    /// <summary>The oldest instruction waits for a result of its own or an older computation.</summary>
    Dependency,

    /// <summary>The oldest instruction was ready, but its pipe was busy.</summary>
    ExecutionPort,

    /// <summary>The oldest load waits for the first-level cache or for a forwarded store.</summary>
    L1,

    /// <summary>The oldest load waits for the second-level cache.</summary>
    L2,

    /// <summary>The oldest load waits for the third-level cache.</summary>
    L3,

    /// <summary>The oldest load waits for another complex's cache.</summary>
    RemoteCache,

    /// <summary>The oldest load waits for DRAM.</summary>
    Dram,

    /// <summary>The oldest load or store waits for a data translation.</summary>
    DataTlb,

    /// <summary>The store queue is full or must drain, or a load waits for a store that it cannot be forwarded from.</summary>
    StoreBuffer,

    /// <summary>A fence, a serialising instruction, PAUSE, or a locked operation.</summary>
    Serialisation,

    /// <summary>An access to a device's memory or to an I/O port.</summary>
    Device,

    /// <summary>A microcoded instruction runs.</summary>
    Microcode,

    /// <summary>An interrupt or an exception is being delivered.</summary>
    Delivery,

    /// <summary>Halted, waiting, or not started yet.</summary>
    Halted,
}

/// <summary>Facts about <see cref="CycleCause"/>.</summary>
public static class CycleCauses
{
    /// <summary>How many causes there are.</summary>
    public const int Count = (int)CycleCause.Halted + 1;
}
