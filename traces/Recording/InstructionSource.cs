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

    private readonly IEventSink _sink;
    private readonly (ulong Rip, uint Epoch)[] _seen = new (ulong, uint)[SeenSlots];
    private readonly Dictionary<ulong, UInt128> _code = [];
    private uint _epoch = 1;
    private InstructionDigest _digest;

    /// <summary>Makes a source.</summary>
    /// <param name="sink">Takes the events.</param>
    public InstructionSource(IEventSink sink) => _sink = sink;

    /// <summary>Asked when code is executed that is new: the name of an image and what is added to its linked addresses, once for each place; null for nothing new.</summary>
    public Func<CoreContext, ulong, (string Image, ulong Bias)?>? Locate { get; init; }

    /// <summary>Whether <see cref="TraceEvents.Digest"/> events stand between the instructions; those of an old trace have none. True by default.</summary>
    public bool WithDigests { get; init; } = true;

    /// <summary>Makes events of digests only, not of the instructions: what a replay compares first. False by default.</summary>
    public bool OnlyDigests { get; init; }

    /// <summary>Makes events of what the pipeline takes from elsewhere; null when they are not recorded.</summary>
    public PathSource? Path { get; init; }

    /// <summary>A core has another page table: the same address may hold other code.</summary>
    public void AddressSpaceChanged() => _epoch++;

    /// <inheritdoc/>
    public void OnRetire(CoreContext core, ulong rip, ulong cycle)
    {
        NoteCode(core, rip, cycle);
        _digest.Add(TraceEvents.Retire.Id, core.Index, rip, cycle);
        if (!OnlyDigests)
        {
            TraceEvent e = At(TraceEvents.Retire, core, rip, cycle);
            _sink.Add(in e);
        }

        EndDigest(core, cycle);
    }

    /// <summary>An instruction retired on the detailed engine; see <see cref="IDetailedProbe.OnRetire"/>.</summary>
    public void OnRetire(CoreContext core, ulong rip, ulong cycle, in CycleCounts cycles)
    {
        NoteCode(core, rip, cycle);
        if (Path?.TakeOperands(core.Index) is { } operands)
            AddOperands(core, rip, cycle, operands);
        Add(TraceEvents.Retire, core, rip, cycle, in cycles);
        Path?.Retired(core);
    }

    private void AddOperands(CoreContext core, ulong rip, ulong cycle, OperandList operands)
    {
        foreach (ulong address in operands.Addresses)
            _digest.Add(address);
        if (!OnlyDigests)
        {
            TraceEvent e = At(TraceEvents.Operands, core, rip, cycle);
            e.Values[InstructionLayout.OperandCount] = (ulong)operands.Count;
            Span<ulong> values = e.Values;
            operands.Addresses.CopyTo(values[InstructionLayout.FirstOperand..]);
            _sink.Add(in e);
        }

        operands.Clear();
    }

    /// <summary>Something was delivered; see <see cref="IDetailedProbe.OnDeliver"/>.</summary>
    public void OnDeliver(CoreContext core, ulong rip, ulong cycle, in CycleCounts cycles)
    {
        Add(TraceEvents.Deliver, core, rip, cycle, in cycles);
        Path?.NoteContext(core);
    }

    /// <summary>A micro-op retired; see <see cref="IDetailedProbe.OnMicroOp"/>.</summary>
    public void OnMicroOp(CoreContext core, ulong rip, int index, in StageCycles stages)
    {
        if (index == 0)
            NoteCode(core, rip, stages.Retire);
        _digest.Add(TraceEvents.MicroOp.Id, core.Index, rip, ((ulong)index << 56) ^ stages.Retire);
        _digest.Add(in stages);
        if (OnlyDigests)
            return;
        TraceEvent e = At(TraceEvents.MicroOp, core, rip, (ulong)index);
        e.Values[InstructionLayout.Fetch] = stages.Fetch;
        e.Values[InstructionLayout.Fetch + 1] = stages.Decode;
        e.Values[InstructionLayout.Fetch + 2] = stages.Dispatch;
        e.Values[InstructionLayout.Fetch + 3] = stages.Ready;
        e.Values[InstructionLayout.Fetch + 4] = stages.Issue;
        e.Values[InstructionLayout.Fetch + 5] = stages.Complete;
        e.Values[InstructionLayout.Retire] = stages.Retire;
        e.Values[InstructionLayout.Port] = (ulong)stages.Port;
        e.Values[InstructionLayout.Slots] = (ulong)stages.MacroOps;
        _sink.Add(in e);
    }

    private static TraceEvent At(EventKind kind, CoreContext core, ulong rip, ulong third)
    {
        TraceEvent e = new(kind, default);
        e.Values[InstructionLayout.Core] = (ulong)core.Index;
        e.Values[InstructionLayout.Rip] = rip;
        e.Values[InstructionLayout.Cycle] = third;
        return e;
    }

    /// <summary>The run ends: what has not gone into a digest event goes into the last.</summary>
    /// <param name="time">When.</param>
    public void Finish(SimTime time) => EndDigest(time);

    private void EndDigest(CoreContext core, ulong cycle)
    {
        if (_digest.Count >= DigestInstructions)
            EndDigest(core.Clock.TimeOf(cycle));
    }

    private void EndDigest(SimTime time)
    {
        if (_digest.Count == 0 || !WithDigests)
            return;
        TraceEvent e = new(TraceEvents.Digest, time);
        e.Values[0] = _digest.Count;
        e.Values[1] = _digest.Hash;
        _digest = default;
        _sink.Add(in e);
    }

    private void Add(EventKind kind, CoreContext core, ulong rip, ulong cycle, in CycleCounts cycles)
    {
        _digest.Add(kind.Id, core.Index, rip, cycle);
        _digest.Add(in cycles);
        if (OnlyDigests)
        {
            EndDigest(core, cycle);
            return;
        }

        TraceEvent e = At(kind, core, rip, cycle);
        Span<ulong> values = e.Values;
        ((ReadOnlySpan<ulong>)cycles).CopyTo(values[InstructionLayout.FirstCause..]);
        _sink.Add(in e);
        EndDigest(core, cycle);
    }

    private void NoteCode(CoreContext core, ulong rip, ulong cycle)
    {
        ref (ulong Rip, uint Epoch) slot = ref _seen[(rip ^ (rip >> 15)) & (SeenSlots - 1)];
        if (slot.Rip == rip && slot.Epoch == _epoch)
            return;
        slot = (rip, _epoch);
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
            _sink.Add(in image);
        }

        TraceEvent e = new(TraceEvents.Code, core.Clock.TimeOf(cycle));
        e.Values[0] = (ulong)core.Index;
        e.Values[1] = rip;
        e.Values[2] = (ulong)ModeKeys.CodeBits(s->ModeKey);
        e.Values[3] = (ulong)length;
        e.Values[4] = (ulong)code;
        e.Values[5] = (ulong)(code >> 64);
        _sink.Add(in e);
    }
}
