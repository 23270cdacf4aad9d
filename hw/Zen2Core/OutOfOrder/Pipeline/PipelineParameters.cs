using CoSim.Hw.Zen2Core.Data;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>Widths, depths and penalties of one core's pipeline, read once from the parameter file.</summary>
internal sealed class PipelineParameters(CoreParameters p)
{
    public readonly int FetchBytes = p["fetch.bytes"];
    public readonly int DecodeWidth = p["fetch.instructions.decode"];
    public readonly int OpCacheWidth = p["fetch.instructions.opcache"];
    public readonly int DecodeDepth = p.Cycles("frontend.depth.decode");
    public readonly int OpCacheDepth = p.Cycles("frontend.depth.opcache");
    public readonly int DecoderResteer = p.Cycles("frontend.depth.resteer.decode");
    public readonly int QueueMacroOps = p["frontend.queue"];
    public readonly int DispatchInstructions = p["dispatch.instructions"];
    public readonly int DispatchMacroOps = p["dispatch.macroops"];
    public readonly int RetireMacroOps = p["retire.macroops"];
    public readonly int RobMacroOps = p["rob.macroops"];
    public readonly int IntegerRegisters = p["prf.integer.rename"];
    public readonly int VectorRegisters = p["prf.vector.rename"];
    public readonly int AluEntries = p["scheduler.alu"];
    public readonly int AddressEntries = p["scheduler.agu"];
    public readonly int VectorEntries = p["scheduler.fp"] + p["scheduler.fp.nonscheduling"];
    public readonly int Loads = p["queue.load"];
    public readonly int Stores = p["queue.store"];
    public readonly int IndexedPenalty = p.Cycles("load.latency.indexed");
    public readonly int VectorLoadPenalty = p.Cycles("load.latency.vector");
    public readonly int Forward = p.Cycles("load.forward");
    public readonly int Mirror = p.Cycles("memfile.latency");
    public readonly int LineCrossing = p.Cycles("load.misaligned.line");
    public readonly int StoreLineCrossing = p.Cycles("store.misaligned.line");
    public readonly int SplitLock = p.Cycles("cost.atomic.split");
    public readonly int Alias = p.Cycles("load.alias4k");
    public readonly int OrderClear = p.Cycles("memory.violation");
    public readonly int IndirectBubble = p.Cycles("btb.indirect.bubble");
    public readonly int CodeResync = p.Cycles("cost.smc.resync");
    public readonly int LoadFence = p.Cycles("cost.lfence");
    public readonly int FullFence = p.Cycles("cost.mfence");
    public readonly int Atomic = p.Cycles("cost.atomic");
    public readonly int LocalDevice = p.Cycles("cost.mmio.local");
    public readonly int DeviceWrite = p.Cycles("cost.mmio.write");
    public readonly int Interrupt = p.Cycles("cost.interrupt");
    public readonly int Exception = p.Cycles("cost.exception");
    public readonly int Wake = p.Cycles("wake.hlt");
    public readonly int StringBytes = p["string.bytes"];
    public readonly int Divide = p.Cycles("divide.base");
    public readonly int OpCacheSets = p["opcache.sets"];
    public readonly int OpCacheWays = p["opcache.ways"];
    public readonly int OpCacheOps = p["opcache.ops"];
}
