namespace CoSim.Os;

/// <summary>Pipes in images.</summary>
public unsafe partial struct Pipe
{
    /// <summary>What tells a pipe's reading end from other files.</summary>
    internal static FileOps* ReaderOps => Text.Address(ref s_read);

    /// <summary>What tells a pipe's writing end from other files.</summary>
    internal static FileOps* WriterOps => Text.Address(ref s_write);

    internal static void Save(Pipe* p, ulong id, ImageWriter* w)
    {
        ulong held = p->_head - p->_tail;
        w->Begin(ImageRecord.Pipe, 2 + (held + 7) / 8);
        w->Word(id);
        w->Word(held);
        byte* buffer = (byte*)DirectMap.Pointer(p->_buffer);
        ulong at = p->_tail % Capacity, first = Bits.Min(held, Capacity - at);
        // The ring may be cut in the middle of a word; the writer fills up whole words only at the end.
        byte* straight = (byte*)Heap.Allocate(Capacity);
        if (straight == null) return;
        Text.Copy(straight, buffer + at, first);
        Text.Copy(straight + first, buffer, held - first);
        w->Bytes(straight, held);
        Heap.Free(straight);
    }

    /// <summary>A pipe without ends, with what the record says in it; null when memory is out or the record is wrong.</summary>
    internal static Pipe* Load(ImageReader* r)
    {
        ulong held = r->Word();
        byte* bytes = held > Capacity ? null : r->Bytes(held);
        if (bytes == null)
        {
            r->Fail();
            return null;
        }
        Pipe* p = Heap.New<Pipe>();
        if (p == null) return null;
        p->_buffer = PageAllocator.Allocate(Order);
        if (p->_buffer == 0)
        {
            Heap.Free(p);
            return null;
        }
        Text.Copy(DirectMap.Pointer(p->_buffer), bytes, held);
        p->_head = held;
        return p;
    }

    /// <summary>An end of a loaded pipe; null when memory is out.</summary>
    internal static File* LoadEnd(Pipe* p, bool writes, int flags)
    {
        File* f = AnonymousFile.CreateFile(writes ? WriterOps : ReaderOps, p, flags, "pipe:"u8, FileMode.Fifo | 0x180);
        if (f == null) return null;
        if (writes) p->_writers++;
        else p->_readers++;
        return f;
    }

    /// <summary>Frees a loaded pipe that has got no ends.</summary>
    internal static void FreeUnused(Pipe* p)
    {
        if (p->_readers == 0 && p->_writers == 0) Finish(p);
    }
}
