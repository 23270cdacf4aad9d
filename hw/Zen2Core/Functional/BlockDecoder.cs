using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Iced.Intel;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Turns bytes into blocks of micro-ops.</summary>
internal sealed unsafe class BlockDecoder : IDisposable
{
    /// <summary>Instructions of a block at most.</summary>
    public const int MaxInstructions = 64;

    private const int MaxOps = 384;

    private readonly MicroOpArena _arena;
    private readonly CrackContext _context = new();
    private readonly SpanReader _reader = new();
    private readonly Decoder[] _decoders;

    public BlockDecoder(MicroOpArena arena)
    {
        _arena = arena;
        _decoders = [Make(16), Make(32), Make(64)];
    }

    /// <summary>Computes flags that nothing reads too, so that the state is precise inside blocks as well.</summary>
    public bool KeepAllFlags { get; set; }

    /// <summary>Micro-ops to leave free before a block's first: 1 where blocks have a <see cref="Native.BlockEntry"/>, else 0.</summary>
    public int EntryOps { get; set; }

    /// <summary>Linear addresses that only the first instruction of a block may have; null for none.</summary>
    public IReadOnlySet<ulong>? Watched { get; set; }

    /// <summary>Puts a <see cref="BoundaryHandlers">boundary</see> before every instruction.</summary>
    public bool MarkBoundaries { get; set; }

    /// <summary>Puts a <see cref="PlaceHandlers">place</see> before the instructions that it marks; null for none.</summary>
    public PlaceWatch? Places { get; set; }

    private int WatchOps => (MarkBoundaries ? MaxInstructions : 0) + (Places is null ? 0 : MaxInstructions);

    /// <summary>Decodes as much as fits a block. Null when the very first instruction needs bytes beyond the span.</summary>
    public Block? Decode(BlockKey key, ulong linear, ReadOnlySpan<byte> bytes)
    {
        MicroOp* ops = _arena.Reserve(EntryOps + MaxOps + WatchOps + CrackContext.Capacity + 1) + EntryOps;
        Decoder decoder = Start(key, bytes);
        ulong mask = ModeKeys.InstructionPointerMask(key.ModeKey);
        int count = 0, instructions = 0, used = 0, watching = 0;
        bool ended = false;

        // Boundaries and places do not count: a block is as long with them as without.
        while (!ended && instructions < MaxInstructions && count - watching < MaxOps && used < bytes.Length)
        {
            if (instructions > 0 && IsWatched(linear + (uint)used))
                break;
            decoder.IP = (key.Rip + (uint)used) & mask;
            _reader.Position = used;
            decoder.Decode(out Instruction instruction);
            if (decoder.LastError == DecoderError.NoMoreBytes)
            {
                if (instructions == 0)
                    return null;
                break;
            }

            Crack(in instruction, used, key.ModeKey);
            if (MarkBoundaries)
            {
                BoundaryHandlers.Emit(ops + count++, instruction.IP & mask, linear + (uint)used, instructions);
                watching++;
            }

            if (Places is { } places && places.Marks(linear + (uint)used, bytes[used..]))
            {
                PlaceHandlers.Emit(ops + count++, instruction.IP & mask, instructions);
                watching++;
            }

            ended = Append(ops, ref count, instructions++);
            used = _reader.Position;
        }

        if (!ended)
        {
            ulong next = (key.Rip + (uint)used) & mask;
            BranchEmit.BlockEnd(ops + count, next, key.ModeKey, instructions);
            if ((next ^ key.Rip) >> 12 == 0)
                ops[count].Scale = BranchHandlers.Linkable;
            count++;
        }

        if (!KeepAllFlags)
            DeadFlags.Eliminate(ops, count);
        _arena.Commit(EntryOps + count);
        return new Block(key, ops, count, used, Block.NoPage) { Linear = linear, Watched = IsWatched(linear) };
    }

    /// <summary>Decodes the one instruction that crosses into another page.</summary>
    public Block DecodeOne(BlockKey key, ulong linear, ReadOnlySpan<byte> bytes, ulong secondPage)
    {
        MicroOp* ops = _arena.Reserve(EntryOps + CrackContext.Capacity + 3) + EntryOps;
        Decoder decoder = Start(key, bytes);
        decoder.IP = key.Rip;
        decoder.Decode(out Instruction instruction);
        Crack(in instruction, 0, key.ModeKey);
        int count = 0;
        if (MarkBoundaries)
            BoundaryHandlers.Emit(ops + count++, key.Rip, linear, 0);
        if (Places is { } places && places.Marks(linear, bytes))
            PlaceHandlers.Emit(ops + count++, key.Rip, 0);
        if (!Append(ops, ref count, 0))
        {
            ulong next = (key.Rip + (uint)instruction.Length) & ModeKeys.InstructionPointerMask(key.ModeKey);
            BranchEmit.BlockEnd(ops + count++, next, key.ModeKey, 1);
        }

        // The mapping of the second page is checked at every entry, so nothing may enter but through the engine's lookup.
        for (int n = 0; n < count; n++)
        {
            if (ops[n].Branch != BranchKind.None || (ops[n].Marks & MicroOpMarks.Pseudo) != 0)
                ops[n].Scale = 0;
        }

        _arena.Commit(EntryOps + count);
        return new Block(key, ops, count, instruction.Length, secondPage) { Linear = linear, Watched = IsWatched(linear) };
    }

    /// <summary>A block for an address that holds no memory: its fetch returns nothing that decodes.</summary>
    public Block Undefined(BlockKey key, ulong linear)
    {
        ReadOnlySpan<byte> bytes = [0xFF, 0xFF];
        return Decode(key, linear, bytes)!;
    }

    /// <inheritdoc/>
    public void Dispose() => _context.Dispose();

    private bool IsWatched(ulong linear) => Watched is not null && Watched.Contains(linear);

    private Decoder Make(int bits) => Decoder.Create(bits, _reader, DecoderOptions.AMD);

    private Decoder Start(BlockKey key, ReadOnlySpan<byte> bytes)
    {
        _reader.Set(bytes);
        return _decoders[key.ModeKey & 3];
    }

    private void Crack(in Instruction instruction, int at, byte modeKey)
    {
        _context.Begin(in instruction, _reader.PointerTo(at), modeKey);
        Cracker row = FormTable.Row(instruction.Code) ?? (IsTooLong(in instruction, at, modeKey) ? LengthGate.TooLong : FormTable.Undefined);
        if (ModeKeys.CodeBits(modeKey) != 64 && VectorGate.IsQuadwordElement(in instruction, _reader.PointerTo(at)))
            row = FormTable.Undefined;
        if ((modeKey & ModeKeys.VectorBits) != 0 && VectorGate.Refuses(in instruction, modeKey) is { } refusal)
            row = refusal;
        if (instruction.Encoding == EncodingKind.VEX && ModeKeys.CodeBits(modeKey) == 16)
            row = VectorGate.ProtectedOnly(row);
        row(_context);
        _context.Finish();
    }

    // What does not decode in 15 bytes, but would with one prefix less, is too long rather than undefined.
    private bool IsTooLong(in Instruction instruction, int at, byte modeKey)
    {
        if (instruction.Code != Code.INVALID || _reader.Position - at != LengthGate.MaxLength || !LengthGate.IsPrefix(*_reader.PointerTo(at)))
            return false;
        int end = _reader.Position;
        Decoder decoder = _decoders[modeKey & 3];
        _reader.Position = at + 1;
        decoder.Decode(out Instruction shorter);
        int length = _reader.Position - (at + 1);
        _reader.Position = end;
        return length == LengthGate.MaxLength && (shorter.Code != Code.INVALID || LengthGate.IsPrefix(*_reader.PointerTo(at + 1)));
    }

    private bool Append(MicroOp* ops, ref int count, int instructionIndex)
    {
        for (int n = 0; n < _context.Count; n++)
        {
            MicroOp* op = ops + count++;
            *op = _context.Ops[n];
            op->InstructionIndex = (byte)instructionIndex;
        }

        DeadFlags.Remember(ops, count - _context.Count, _context);
        return (ops[count - 1].Marks & MicroOpMarks.EndsBlock) != 0;
    }

    private sealed class SpanReader : CodeReader
    {
        private byte* _bytes;
        private int _length;

        public int Position { get; set; }

        /// <summary>Reads from guest memory or the stack of a caller: nothing that the garbage collector moves.</summary>
        public void Set(ReadOnlySpan<byte> bytes)
        {
            _bytes = (byte*)Unsafe.AsPointer(ref MemoryMarshal.GetReference(bytes));
            _length = bytes.Length;
            Position = 0;
        }

        public byte* PointerTo(int position) => _bytes + position;

        public override int ReadByte() => Position < _length ? _bytes[Position++] : -1;
    }
}
