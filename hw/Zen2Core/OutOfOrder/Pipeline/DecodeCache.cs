using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>
/// Instructions as the pipeline needs them, made from the decoded blocks that all engines share. Micro-ops are copied, so that
/// what is in flight never changes under the pipeline; an instruction stays usable after its block has become invalid.
/// </summary>
internal sealed unsafe partial class DecodeCache : IDisposable
{
    private const int Entries = 1 << 16;
    private const int ChunkBytes = 1 << 20;

    private readonly CoreContext _context;
    private readonly OpInfoBuilder _builder;
    private readonly Decoded*[] _table = new Decoded*[Entries];
    private readonly List<Block> _blocks = [];
    private readonly Dictionary<Block, (nint First, int Count)> _converted = [];
    private readonly List<nint> _chunks = [];
    private int _used = ChunkBytes;

    public DecodeCache(CoreContext context, InstructionTimings timings, CoreParameters parameters)
    {
        _context = context;
        _builder = new OpInfoBuilder(timings, parameters);
    }

    /// <summary>Stands for memory when a recording drives the core; otherwise null.</summary>
    public RecordedPath? Path { get; set; }

    /// <summary>Bytes held for instructions, dead ones included.</summary>
    public long Bytes => (long)_chunks.Count * ChunkBytes;

    /// <summary>
    /// The instruction at an address whose first byte has been translated; null when its bytes cannot be fetched, and then the
    /// fault is recorded in the core's state.
    /// </summary>
    public Decoded* Lookup(ulong rip, ulong physical)
    {
        byte mode = _context.State->ModeKey;
        ref Decoded* entry = ref _table[(physical ^ (physical >> 14)) % Entries];
        Decoded* d = entry;
        if (d != null && d->Rip == rip && d->Physical == physical && (d->ModeKey == mode || Path != null) && d->SecondPage == Block.NoPage && IsValid(d))
        {
            return d;
        }

        if (Path != null)
        {
            return LookupRecorded(rip, physical);
        }

        Block? block = _context.Code.Find(_context, rip);
        if (block is null)
        {
            return null;
        }

        (nint First, int Count) known = ConvertOnce(block);
        Decoded* first = (Decoded*)known.First;
        for (int i = 0; i < known.Count; i++)
        {
            ulong address = first[i].Physical;
            _table[(address ^ (address >> 14)) % Entries] = first + i;
        }

        return first;
    }

    /// <summary>False after the code of an instruction was written to.</summary>
    public bool IsValid(Decoded* instruction) => instruction->Block < 0 || _blocks[instruction->Block].Valid;

    /// <summary>The block that an instruction comes from, and its place among the instructions of that block.</summary>
    public (Block Block, int Place) OriginOf(Decoded* instruction)
    {
        Block block = _blocks[instruction->Block];
        return (block, (int)(instruction - (Decoded*)_converted[block].First));
    }

    /// <summary>The instruction at a place of a block (<see cref="OriginOf"/>).</summary>
    public Decoded* At(Block block, int place)
    {
        (nint first, _) = ConvertOnce(block);
        return (Decoded*)first + place;
    }

    /// <summary>Forgets everything. No instruction may be in flight.</summary>
    public void Clear()
    {
        Array.Clear(_table);
        _blocks.Clear();
        _converted.Clear();
        foreach (nint chunk in _chunks)
        {
            NativeMemory.AlignedFree((void*)chunk);
        }

        _chunks.Clear();
        _used = ChunkBytes;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Clear();
        _decoder?.Dispose();
    }

    private (nint First, int Count) ConvertOnce(Block block)
    {
        if (!_converted.TryGetValue(block, out (nint First, int Count) known))
        {
            known = Convert(block);
            _converted.Add(block, known);
        }

        return known;
    }

    private (nint First, int Count) Convert(Block block)
    {
        int ops = 0;
        int instructions = 0;
        for (int i = 0; i < block.Count && (block.First[i].Marks & MicroOpMarks.Pseudo) == 0; i++)
        {
            ops += IsWatch(block.First + i) ? 0 : 1;
            instructions += (block.First[i].Marks & MicroOpMarks.Last) != 0 ? 1 : 0;
        }

        MicroOp* copies = (MicroOp*)Reserve(ops * sizeof(MicroOp));
        OpInfo* infos = (OpInfo*)Reserve(ops * sizeof(OpInfo));
        Decoded* decoded = (Decoded*)Reserve(instructions * sizeof(Decoded));
        int index = _blocks.Count;
        _blocks.Add(block);
        NoteBlock(block);
        int start = 0;
        int n = 0;
        MicroOp* from = block.First;
        for (int i = 0; i < ops; i++)
        {
            while (IsWatch(from))
                from++;
            copies[i] = *from++;

            // Each instruction stands alone here: microcode must not count instructions of a block before it.
            copies[i].InstructionIndex = 0;
            if ((copies[i].Marks & MicroOpMarks.Last) == 0)
            {
                continue;
            }

            Decoded* d = decoded + n++;
            *d = default;
            d->Ops = copies + start;
            d->Infos = infos + start;
            d->Rip = copies[start].Rip;
            d->Physical = block.Key.Physical + (d->Rip - block.Key.Rip);
            d->SecondPage = block.SecondPage;
            d->ModeKey = block.Key.ModeKey;
            d->Block = index;
            _builder.Fill(d, i - start + 1);
            if (d->Microcoded && d->Count == 1 && i == start && MicroOpKinds.Row(d->Ops->Kind).Stack != StackUse.Serial)
                Split(d);
            else if (_builder.HasLateCarry(d))
                _builder.SplitCarry(d, (MicroOp*)Reserve((d->Count + OpInfoBuilder.CarryOps) * sizeof(MicroOp)), (OpInfo*)Reserve((d->Count + OpInfoBuilder.CarryOps) * sizeof(OpInfo)));
            start = i + 1;
        }

        return ((nint)decoded, instructions);
    }

    /// <summary>Boundaries and places belong to the functional engine; this one looks at retirement.</summary>
    private static bool IsWatch(MicroOp* op) => op->Kind == BoundaryHandlers.Kind || op->Kind == PlaceHandlers.Kind;

    /// <summary>Turns an instruction of the x87 and MMX registers into micro-ops, and keeps it as it was beside them.</summary>
    private void Split(Decoded* d)
    {
        Decoded* whole = (Decoded*)Reserve(sizeof(Decoded));
        *whole = *d;
        d->Whole = whole;
        d->Ops = (MicroOp*)Reserve(OpInfoBuilder.StackOps * sizeof(MicroOp));
        d->Infos = (OpInfo*)Reserve(OpInfoBuilder.StackOps * sizeof(OpInfo));
        _builder.FillStack(d, whole->Ops);
    }

    private byte* Reserve(int bytes)
    {
        bytes = (bytes + 63) & ~63;
        if (_used + bytes > ChunkBytes)
        {
            _chunks.Add((nint)NativeMemory.AlignedAlloc(ChunkBytes, 64));
            _used = 0;
        }

        byte* memory = (byte*)_chunks[^1] + _used;
        _used += bytes;
        return memory;
    }
}
