using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// Writes records and hands them, a block at a time, to the simulator (guest request 08). On other machines the request does
/// nothing and the image is lost.
/// </summary>
internal unsafe struct ImageWriter
{
    private const int BlockOrder = 4;
    private const ulong BlockBytes = KernelMap.PageSize << BlockOrder;

    private ulong _physical;
    private byte* _block;           // u64 length, then that many bytes
    private ulong _used;

    internal ulong Records;

    /// <summary>Allocates the block. False when memory is out.</summary>
    internal bool Open()
    {
        _physical = PageAllocator.Allocate(BlockOrder);
        if (_physical == 0) return false;
        _block = (byte*)DirectMap.Pointer(_physical);
        _used = 8;
        return true;
    }

    /// <summary>Starts a record with a body of <paramref name="words"/> 64-bit words, which must follow.</summary>
    internal void Begin(ImageRecord kind, ulong words)
    {
        Word((uint)kind | words * 8 << 32);
        Records++;
    }

    internal void Word(ulong value)
    {
        if (_used == BlockBytes) Flush();
        *(ulong*)(_block + _used) = value;
        _used += 8;
    }

    internal void Word(long value) => Word((ulong)value);

    internal void Word(bool value) => Word(value ? 1UL : 0);

    /// <summary>Bytes, filled up with zeros to a whole word.</summary>
    internal void Bytes(void* from, ulong count)
    {
        byte* p = (byte*)from;
        while (count > 0)
        {
            if (_used == BlockBytes) Flush();
            ulong chunk = Bits.Min(count, BlockBytes - _used);
            Text.Copy(_block + _used, p, chunk);
            _used += chunk;
            p += chunk;
            count -= chunk;
        }
        while ((_used & 7) != 0) _block[_used++] = 0;
    }

    private void Flush()
    {
        *(ulong*)_block = _used - 8;
        if (_used > 8) Hand();
        _used = 8;
    }

    private readonly void Hand()
    {
        Machine.Mfence(); // the bytes must be in memory, not on their way there
        Marker.Data(_physical);
    }

    /// <summary>Hands over what is left, and after a complete image a block without bytes.</summary>
    internal void Close(bool complete)
    {
        if (complete)
        {
            Flush();
            *(ulong*)_block = 0;
            Hand();
        }
        PageAllocator.Free(_physical, BlockOrder);
    }
}
