using System.Numerics;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <content>How long instructions keep their pipes, so that independent ones follow each other as often as measured.</content>
internal sealed unsafe partial class OpInfoBuilder
{
    private const int Hundred = 100;
    private const int FlagSources = (1 << SourceRole.Carry) | (1 << SourceRole.Overflow) | (1 << SourceRole.OtherFlags);

    /// <summary>
    /// An instruction that is one operation here and several, or a long one, in the processor: its operation keeps a pipe as long as all
    /// of those would, by the measured reciprocal throughput. Where the tables do not say which pipes, a transfer or shuffle is assumed.
    /// </summary>
    private void Occupy(Decoded* d)
    {
        bool memory = d->Loads + d->Stores > 0;
        if (d->Count - d->Loads - d->Stores != 1 || d->Branch != BranchKind.None || !timings.TryGet((Code)d->Ops->Form, memory, out FormTiming timing) || timing.Throughput == 0)
            return;
        if (d->VectorOps == 1)
            OccupyVector(Single(d, OpRoute.Vector), timing, memory);
        else if (d->AluOps == 1)
            OccupyAlu(d, timing, memory);
    }

    private static void OccupyVector(OpInfo* info, FormTiming timing, bool memory)
    {
        if (timing.VectorPipes == 0 && !memory)
        {
            int pipes = Math.Clamp(((timing.MacroOps * Hundred) + (timing.Throughput / 2)) / timing.Throughput, 1, 4);
            info->Pipes = pipes switch { 1 => 0b0100, 2 => 0b0110, 3 => 0b0111, _ => AnyVectorPipe };
        }

        int count = BitOperations.PopCount((uint)info->Pipes);
        if (count > 1)
            info->Busy = Math.Max(info->Busy, Cycles(timing.Throughput * count));
    }

    private static void OccupyAlu(Decoded* d, FormTiming timing, bool memory)
    {
        // Memory forms of up to three macro-ops are a load or a store and the operation; the stack pointer's adjustment is no operation.
        // What reads flags that the one before writes was measured as a chain of those.
        OpInfo* info = Single(d, OpRoute.Alu);
        MicroOp* op = d->Ops + (info - d->Infos);
        if (op->Class != MicroOpClass.Alu || op->Dst == Reg.Rsp || (info->Sources & FlagSources) != 0 || timing.MacroOps <= (memory ? 3 : 1))
            return;
        info->Busy = Math.Max(info->Busy, Cycles(timing.Throughput * BitOperations.PopCount((uint)info->Pipes)));
    }

    private static OpInfo* Single(Decoded* d, OpRoute route)
    {
        OpInfo* info = d->Infos;
        while (info->Route != route)
            info++;
        return info;
    }

    /// <summary>Whole cycles of hundredths, halves down: a pipe can start one operation more often than that only by chance.</summary>
    private static byte Cycles(int hundredths) => (byte)Math.Clamp((hundredths + (Hundred / 2) - 1) / Hundred, 1, byte.MaxValue);
}
