using System.Numerics;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Recording;

/// <summary>Makes events of batches again, and fills in the digests that stand between the instructions.</summary>
/// <param name="sink">Takes the events.</param>
internal sealed class RecordUnpacker(IEventSink sink)
{
    private InstructionDigest _digest;

    // One of a kind, used again and again: most of it stays zero.
    private TraceEvent _retire = new(TraceEvents.Retire, default);
    private TraceEvent _deliver = new(TraceEvents.Deliver, default);
    private TraceEvent _operands = new(TraceEvents.Operands, default);
    private TraceEvent _microOp = new(TraceEvents.MicroOp, default);

    /// <summary>Hands the events of a batch on, until the sink's owner takes no more.</summary>
    public void Read(RecordBatch batch)
    {
        ReadOnlySpan<ulong> words = batch.Words;
        int events = 0;
        while (words.Length > 0)
        {
            ulong first = words[0];
            if (first == PackedRecord.WholeEvent)
            {
                AddEvent(in batch.Event(events++));
                words = words[1..];
            }
            else if (PackedRecord.Kind(first) == TraceEvents.MicroOp.Id)
            {
                AddMicroOp(words);
                words = words[PackedRecord.MicroOpWords..];
            }
            else
            {
                int causes = BitOperations.PopCount(PackedRecord.Causes(first)), operands = PackedRecord.Operands(first);
                AddInstruction(words, causes, words.Slice(3 + causes, operands));
                words = words[(3 + causes + operands)..];
            }
        }
    }

    private void AddEvent(in TraceEvent e)
    {
        if (e.Kind != TraceEvents.Digest || _digest.Count == 0)
        {
            sink.Add(in e);
            return;
        }

        TraceEvent digest = e;
        digest.Values[0] = _digest.Count;
        digest.Values[1] = _digest.Hash;
        _digest = default;
        sink.Add(in digest);
    }

    private void AddInstruction(ReadOnlySpan<ulong> words, int causes, ReadOnlySpan<ulong> operands)
    {
        ulong first = words[0], rip = words[1], cycle = words[2];
        int core = PackedRecord.Core(first);
        foreach (ulong address in operands)
            _digest.Add(address);
        _digest.Add(PackedRecord.Kind(first), core, rip, cycle);
        words = words.Slice(3, causes);
        int number = 0;
        for (uint mask = PackedRecord.Causes(first); mask != 0; mask &= mask - 1)
            _digest.Add(BitOperations.TrailingZeroCount(mask), words[number++]);
        if (operands.Length > 0)
        {
            Place(ref _operands, core, rip, cycle);
            Span<ulong> list = _operands.Values;
            list[InstructionLayout.OperandCount] = (ulong)operands.Length;
            list = list.Slice(InstructionLayout.FirstOperand, InstructionLayout.MostOperands);
            list.Clear();
            operands.CopyTo(list);
            sink.Add(in _operands);
        }

        ref TraceEvent e = ref PackedRecord.Kind(first) == TraceEvents.Deliver.Id ? ref _deliver : ref _retire;
        Place(ref e, core, rip, cycle);
        Span<ulong> values = e.Values;
        values = values.Slice(InstructionLayout.FirstCause, CycleCauses.Count);
        values.Clear();
        number = 0;
        for (uint mask = PackedRecord.Causes(first); mask != 0; mask &= mask - 1)
            values[BitOperations.TrailingZeroCount(mask)] = words[number++];
        sink.Add(in e);
    }

    private void AddMicroOp(ReadOnlySpan<ulong> words)
    {
        ulong first = words[0], rip = words[1];
        int core = PackedRecord.Core(first), index = PackedRecord.Index(first);
        StageCycles stages = new(words[2], words[3], words[4], words[5], words[6], words[7], words[8], PackedRecord.Port(first), PackedRecord.Slots(first));
        _digest.Add(TraceEvents.MicroOp.Id, core, rip, ((ulong)index << 56) ^ stages.Retire);
        _digest.Add(in stages);
        Place(ref _microOp, core, rip, (ulong)index);
        Span<ulong> values = _microOp.Values;
        words.Slice(2, 7).CopyTo(values[InstructionLayout.Fetch..]);
        values[InstructionLayout.Port] = (ulong)stages.Port;
        values[InstructionLayout.Slots] = (ulong)stages.MacroOps;
        sink.Add(in _microOp);
    }

    private static void Place(ref TraceEvent e, int core, ulong rip, ulong third)
    {
        e.Values[InstructionLayout.Core] = (ulong)core;
        e.Values[InstructionLayout.Rip] = rip;
        e.Values[InstructionLayout.Cycle] = third;
    }
}
