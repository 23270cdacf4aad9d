using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <content>Code that is recorded, and code out of a recording.</content>
internal sealed unsafe partial class DecodeCache
{
    private const int LongestBlock = 1024;

    private readonly Dictionary<(ulong Rip, ulong Physical), nint> _recorded = [];
    private BlockDecoder? _decoder;

    /// <summary>Decodes a piece of code from a recording as the recorded core did: the same bytes, cut off at the same place.</summary>
    public void Add(BlockKey key, ulong secondPage, byte[] bytes)
    {
        if (bytes.Length is 0 or > LongestBlock)
            return;
        _decoder ??= new BlockDecoder(new MicroOpArena());
        byte* copy = stackalloc byte[LongestBlock];
        bytes.CopyTo(new Span<byte>(copy, bytes.Length));
        ReadOnlySpan<byte> code = new(copy, bytes.Length);
        Block? block = secondPage == Block.NoPage ? _decoder.Decode(key, key.Rip, code) : _decoder.DecodeOne(key, key.Rip, code, secondPage);
        if (block is null)
            return;
        (nint first, int count) = Convert(block);
        for (int i = 0; i < count; i++)
        {
            Decoded* d = (Decoded*)first + i;
            _recorded[(d->Rip, d->Physical)] = (nint)d;
            Enter(d);
        }
    }

    private Decoded* LookupRecorded(ulong rip, ulong physical)
    {
        if (!_recorded.TryGetValue((rip, physical), out nint found))
            return null;
        Enter((Decoded*)found);
        return (Decoded*)found;
    }

    private void Enter(Decoded* d) => _table[(d->Physical ^ (d->Physical >> 14)) % Entries] = d;

    private void NoteBlock(Block block)
    {
        if (_context.PathProbe is not { } probe)
            return;
        Span<byte> bytes = stackalloc byte[LongestBlock];
        int length = Math.Min(block.Bytes, LongestBlock);
        int inFirst = block.SecondPage == Block.NoPage ? length : Math.Min(length, (int)(PhysicalMemory.PageSize - (block.Key.Physical & (PhysicalMemory.PageSize - 1))));
        byte* first = _context.Memory.PointerTo(block.Key.Physical, out _);
        byte* second = inFirst < length ? _context.Memory.PointerTo(block.SecondPage, out _) : first;
        if (first == null || second == null)
            return;
        new ReadOnlySpan<byte>(first, inFirst).CopyTo(bytes);
        new ReadOnlySpan<byte>(second, length - inFirst).CopyTo(bytes[inFirst..]);
        probe.OnBlock(_context, block.Key, block.SecondPage, bytes[..length]);
    }
}
