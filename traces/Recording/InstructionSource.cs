using System.Buffers.Binary;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Recording;

/// <summary>
/// Makes events of instructions and micro-ops, on either engine. Their time is left to the reader, who knows it from the cycle. The bytes of an
/// instruction are told before it retires first, and again when they have changed by the time its address space comes back.
/// </summary>
public sealed unsafe class InstructionSource : IRetirementProbe
{
    private const int LongestInstruction = 15;
    private const int SeenSlots = 1 << 15;

    /// <summary>Instructions and micro-ops of a digest: few enough that a difference is found at once, many enough that digests cost nothing.</summary>
    private const ulong DigestInstructions = 1 << 14;

    private readonly RecordChannel _records;
    private readonly ulong[] _seen = new ulong[SeenSlots];
    private readonly Dictionary<ulong, UInt128> _code = [];
    private ulong _epoch = 1;
    private ulong _sinceDigest;
    private InstructionDigest _digest;

    /// <summary>Makes a source.</summary>
    /// <param name="records">Takes instructions and events, and makes the digests.</param>
    public InstructionSource(RecordChannel records) => _records = records;

    /// <summary>Asked when code is executed that is new: the name of an image and what is added to its linked addresses, once for each place; null for nothing new.</summary>
    public Func<CoreContext, ulong, (string Image, ulong Bias)?>? Locate { get; init; }

    /// <summary>Whether <see cref="TraceEvents.Digest"/> events stand between the instructions; those of an old trace have none. True by default.</summary>
    public bool WithDigests { get; init; } = true;

    /// <summary>Makes events of digests only, not of the instructions: what a replay compares first. A hash costs less than handing its values over. False by default.</summary>
    public bool OnlyDigests { get; init; }

    /// <summary>Makes events of what the pipeline takes from elsewhere; null when they are not recorded.</summary>
    public PathSource? Path { get; init; }

    /// <summary>A core has another page table: the same address may hold other code.</summary>
    public void AddressSpaceChanged()
    {
        if (++_epoch <= ushort.MaxValue)
            return;
        _epoch = 1;
        Array.Clear(_seen);
    }

    /// <inheritdoc/>
    public void OnRetire(CoreContext core, ulong rip, ulong cycle)
    {
        NoteCode(core, rip, cycle);
        if (OnlyDigests)
        {
            _digest.Add(TraceEvents.Retire.Id, core.Index, rip, cycle);
        }
        else
        {
            RecordBatch batch = _records.Current();
            batch.Advance(PackedRecord.Write(batch.Free, TraceEvents.Retire.Id, core.Index, rip, cycle));
        }

        EndDigest(core, cycle);
    }

    /// <summary>An instruction retired on the detailed engine; see <see cref="IDetailedProbe.OnRetire"/>.</summary>
    public void OnRetire(CoreContext core, ulong rip, ulong cycle, in CycleCounts cycles)
    {
        NoteCode(core, rip, cycle);
        OperandList? operands = Path?.OperandsOf(core.Index);
        Note(TraceEvents.Retire.Id, core.Index, rip, cycle, in cycles, operands is null ? default : operands.Addresses);
        operands?.Clear();
        EndDigest(core, cycle);
        Path?.Retired(core);
    }

    /// <summary>Something was delivered; see <see cref="IDetailedProbe.OnDeliver"/>.</summary>
    public void OnDeliver(CoreContext core, ulong rip, ulong cycle, in CycleCounts cycles)
    {
        Note(TraceEvents.Deliver.Id, core.Index, rip, cycle, in cycles, default);
        EndDigest(core, cycle);
        Path?.NoteContext(core);
    }

    /// <summary>A micro-op retired; see <see cref="IDetailedProbe.OnMicroOp"/>.</summary>
    public void OnMicroOp(CoreContext core, ulong rip, int index, in StageCycles stages)
    {
        if (index == 0)
            NoteCode(core, rip, stages.Retire);
        _sinceDigest++;
        if (OnlyDigests)
        {
            _digest.Add(TraceEvents.MicroOp.Id, core.Index, rip, ((ulong)index << 56) ^ stages.Retire);
            _digest.Add(in stages);
            return;
        }

        RecordBatch batch = _records.Current();
        PackedRecord.Write(batch.Free, TraceEvents.MicroOp.Id, core.Index, rip, index, in stages);
        batch.Advance(PackedRecord.MicroOpWords);
    }

    /// <summary>The run ends: what has not gone into a digest event goes into the last.</summary>
    /// <param name="time">When.</param>
    public void Finish(SimTime time)
    {
        if (_sinceDigest > 0)
            EndDigest(time);
    }

    /// <summary>A retirement or a delivery of the detailed engine, into the digest or as a record.</summary>
    private void Note(byte kind, int core, ulong rip, ulong cycle, in CycleCounts cycles, ReadOnlySpan<ulong> operands)
    {
        if (OnlyDigests)
        {
            foreach (ulong address in operands)
                _digest.Add(address);
            _digest.Add(kind, core, rip, cycle);
            _digest.Add(in cycles);
            return;
        }

        RecordBatch batch = _records.Current();
        Span<ulong> record = batch.Free;
        int words = PackedRecord.Write(record, kind, core, rip, cycle);
        words = PackedRecord.WriteCauses(record, words, in cycles);
        if (!operands.IsEmpty)
            words = PackedRecord.WriteOperands(record, words, operands);
        batch.Advance(words);
    }

    private void EndDigest(CoreContext core, ulong cycle)
    {
        if (++_sinceDigest >= DigestInstructions)
            EndDigest(core.Clock.TimeOf(cycle));
    }

    /// <summary>Marks the place of a digest. Of instructions that were handed over the other side of the channel knows the hash.</summary>
    private void EndDigest(SimTime time)
    {
        _sinceDigest = 0;
        if (!WithDigests)
            return;
        TraceEvent e = new(TraceEvents.Digest, time);
        e.Values[0] = _digest.Count;
        e.Values[1] = _digest.Hash;
        _digest = default;
        _records.Add(in e);
    }

    private void NoteCode(CoreContext core, ulong rip, ulong cycle)
    {
        // Of an address 48 bits matter, the others repeat the last.
        ulong now = (rip << 16) | _epoch;
        ref ulong slot = ref _seen[(rip ^ (rip >> 15)) & (SeenSlots - 1)];
        if (slot == now)
            return;
        slot = now;
        ReadCode(core, rip, cycle);
    }

    private void ReadCode(CoreContext core, ulong rip, ulong cycle)
    {
        Span<byte> bytes = stackalloc byte[LongestInstruction + 1];
        bytes.Clear();
        CpuState* s = core.State;
        ulong linear = s->Mode == CpuMode.Long64 ? rip : (uint)(CpuState.Segment(s, SegmentIndex.Cs).Base + rip);
        int length = core.Virtual.Peek(linear, bytes[..LongestInstruction]);
        if (length <= 0)
            return;
        bytes[length..].Clear();
        UInt128 code = BinaryPrimitives.ReadUInt128LittleEndian(bytes);
        if (_code.TryGetValue(rip, out UInt128 before) && before == code)
            return;
        _code[rip] = code;
        if (Locate?.Invoke(core, rip) is { } found)
        {
            TraceEvent image = new(TraceEvents.Image, core.Clock.TimeOf(cycle)) { Text = found.Image };
            image.Values[0] = found.Bias;
            _records.Add(in image);
        }

        TraceEvent e = new(TraceEvents.Code, core.Clock.TimeOf(cycle));
        e.Values[0] = (ulong)core.Index;
        e.Values[1] = rip;
        e.Values[2] = (ulong)ModeKeys.CodeBits(s->ModeKey);
        e.Values[3] = (ulong)length;
        e.Values[4] = (ulong)code;
        e.Values[5] = (ulong)(code >> 64);
        _records.Add(in e);
    }
}
