using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>CLFLUSH, CLFLUSHOPT, CLWB: checked like a byte load; timing models hear which line goes.</summary>
internal static unsafe class CacheLineMicrocode
{
    /// <summary>Flushes the line of the memory operand.</summary>
    public static MicrocodeResult Flush(CoreContext core, CpuState* s, MicroOp* op)
    {
        Span<byte> touched = stackalloc byte[1];
        if (!MicrocodeMemory.Address(s, op, out ulong linear) || !Isa.X87.MicrocodeMemory.Read(core, op, linear, touched)
            || !core.Virtual.TryPeek(linear, out ulong physical))
        {
            return MicrocodeResult.Fault;
        }

        core.OnLineFlushed(physical & ~63UL);
        return MicrocodeResult.Done;
    }
}
