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
        Mnemonic mnemonic = ((Code)d->Ops->Form).Mnemonic();
        if (mnemonic is Mnemonic.Cmpxchg or Mnemonic.Bt or Mnemonic.Bts or Mnemonic.Btr or Mnemonic.Btc && d->AluOps > 1)
        {
            OccupySeveral(d, mnemonic, memory);
            return;
        }

        if (d->Count - d->Loads - d->Stores != 1 || d->Branch != BranchKind.None || !timings.TryGet((Code)d->Ops->Form, memory, out FormTiming timing) || timing.Throughput == 0)
            return;
        if (d->VectorOps == 1)
            OccupyVector(d, Single(d, OpRoute.Vector), timing, memory);
        else if (d->AluOps == 1)
            OccupyAlu(d, timing, memory);
    }

    private void OccupyVector(Decoded* d, OpInfo* info, FormTiming timing, bool memory)
    {
        if (timing.VectorPipes == 0 && !memory)
        {
            int pipes = Math.Clamp(((timing.MacroOps * Hundred) + (timing.Throughput / 2)) / timing.Throughput, 1, 4);
            info->Pipes = pipes switch { 1 => 0b0100, 2 => 0b0110, 3 => 0b0111, _ => AnyVectorPipe };
        }

        if (memory && d->Loads == 1 && info->Stack == StackUse.Serial && timing is { VectorPipes: 0, MacroOps: 1, Throughput: <= 50, Latency: <= 8 } && info->FlagTargets == 0)
        {
            // The load itself places the bytes (VPBROADCASTQ).
            info->Route = OpRoute.Rename;
            info->Latency = 0;
            d->VectorOps--;
            return;
        }

        // With memory only transfers from general-purpose registers are other operations: what takes longer there takes the pipes as
        // long as the whole form, and has the latency that is left without the load.
        if (memory && d->Loads == 1 && info->Stack == StackUse.Serial && timing.Latency > 0)
            info->Latency = Math.Min(info->Latency, WithoutLoad(timing.Latency));
        if (memory && timing.VectorPipes != 0)
            (info->Pipes, info->Busy) = ((byte)timing.VectorPipes, Hundred);
        info->Busy = Math.Max(info->Busy, Occupancy(timing.Throughput * BitOperations.PopCount((uint)info->Pipes)));
    }

    /// <summary>Measured latencies of forms with memory operands begin with a load into a vector register.</summary>
    private byte WithoutLoad(int latency) => (byte)Math.Clamp(latency - _load - _vectorLoad, 1, byte.MaxValue);

    private static void OccupyAlu(Decoded* d, FormTiming timing, bool memory)
    {
        // Memory forms of up to three macro-ops are a load or a store and the operation; the stack pointer's adjustment is no operation.
        // What reads flags that the one before writes was measured as a chain of those.
        OpInfo* info = Single(d, OpRoute.Alu);
        MicroOp* op = d->Ops + (info - d->Infos);
        if (((Code)op->Form).Mnemonic() is Mnemonic.Rcl or Mnemonic.Rcr)
        {
            // Their throughput was measured as a chain of carries; results alone follow each other as often as their latency says.
            info->Busy = timing.MacroOps > 1 ? Occupancy(info->Latency * Hundred * BitOperations.PopCount((uint)info->Pipes)) : info->Busy;
            return;
        }

        if (memory && timing.MacroOps > 3 && (info->Sources & FlagSources) != 0)
        {
            // BSF and BSR keep flags, so that independent ones are a chain: from memory it is a cycle longer.
            info->Latency = (byte)Math.Clamp(timing.Throughput / Hundred, info->Latency, byte.MaxValue);
        }

        if (op->Class != MicroOpClass.Alu || op->Dst == Reg.Rsp || (info->Sources & FlagSources) != 0 || timing.MacroOps <= (memory ? 3 : 1))
            return;
        info->Busy = Math.Max(info->Busy, Occupancy(timing.Throughput * BitOperations.PopCount((uint)info->Pipes)));
    }

    /// <summary>
    /// CMPXCHG, whose throughput is the chain through the accumulator: a comparison and a conditional move. Bit tests with a bit string in
    /// memory, which have more operations than here: the first keeps its pipe for the rest.
    /// </summary>
    private void OccupySeveral(Decoded* d, Mnemonic mnemonic, bool memory)
    {
        if (!timings.TryGet((Code)d->Ops->Form, memory, out FormTiming timing) || timing.Throughput < Hundred)
            return;
        bool first = true;
        for (int i = 0; i < d->Count; i++)
        {
            OpInfo* info = d->Infos + i;
            if (info->Route != OpRoute.Alu)
                continue;
            bool compares = mnemonic == Mnemonic.Cmpxchg && info->FlagTargets != 0;
            info->Latency = (byte)(compares ? Math.Max(1, (timing.Throughput / Hundred) - 1) : 1);
            if (first && mnemonic != Mnemonic.Cmpxchg)
                info->Busy = (ushort)Math.Max(Hundred, (timing.Throughput * BitOperations.PopCount((uint)info->Pipes)) - ((d->AluOps - 1) * Hundred));
            first = false;
        }
    }

    private static OpInfo* Single(Decoded* d, OpRoute route)
    {
        OpInfo* info = d->Infos;
        while (info->Route != route)
            info++;
        return info;
    }

    /// <summary>Hundredths of a cycle; whole cycles for what is that but for the rounding of the tables (three pipes at 0.33).</summary>
    private static ushort Occupancy(int hundredths)
    {
        const int rounding = 4;
        int whole = (hundredths + (Hundred / 2)) / Hundred * Hundred;
        return (ushort)Math.Clamp(Math.Abs(hundredths - whole) <= rounding ? whole : hundredths, Hundred, ushort.MaxValue);
    }
}
