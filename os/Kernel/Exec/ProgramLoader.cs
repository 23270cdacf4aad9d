namespace CoSim.Os;

/// <summary>An executable mapped into a new address space that is not in use yet.</summary>
public unsafe struct LoadedProgram
{
    public ulong Entry;             // where user mode starts: the program's or the interpreter's entry
    public ulong ProgramEntry, HeadersAddress, InterpreterBase;
    public ushort HeadersCount, HeaderSize;

    /// <summary>Parts of pages behind file data that must be cleared once the address space is loaded.</summary>
    public ulong Clear0, Clear0Length, Clear1, Clear1Length;
}

/// <summary>Maps ELF files.</summary>
public static unsafe class ProgramLoader
{
    private const ulong PieBase = 0x5555_5555_4000, InterpreterBase = 0x7FFF_F7DD_0000 - 0x1000_0000;

    /// <summary>Maps an executable (and its interpreter). <paramref name="head"/> is the file's first bytes. 0 or -errno.</summary>
    public static int Load(AddressSpace* mm, Dentry* file, byte* head, ulong headBytes, LoadedProgram* p)
    {
        *p = default;
        ElfImage* image = Heap.New<ElfImage>();
        if (image == null) return -Errno.ENOMEM;
        int r = ElfImage.Parse(head, headBytes, image) ? 0 : -Errno.ENOEXEC;
        if (r == 0)
        {
            ulong bias = image->Relocatable ? PieBase : 0;
            r = Map(mm, file, image, bias, &p->Clear0, &p->Clear0Length);
            p->ProgramEntry = p->Entry = image->Entry + bias;
            p->HeadersAddress = image->HeadersAddress + bias;
            p->HeadersCount = image->HeadersCount;
            p->HeaderSize = image->HeaderSize;
            mm->BrkStart = mm->Brk = image->High + bias;
            SetBounds(mm, image, bias);
            if (r == 0 && image->InterpreterLength != 0) r = LoadInterpreter(mm, file, image, p);
        }
        Heap.Free(image);
        return r;
    }

    private static int LoadInterpreter(AddressSpace* mm, Dentry* file, ElfImage* program, LoadedProgram* p)
    {
        if (program->InterpreterLength > 256) return -Errno.ENOEXEC;
        byte* path = (byte*)Heap.Allocate(264);
        byte* head = (byte*)Heap.Allocate(1024);
        ElfImage* image = Heap.New<ElfImage>();
        int r = -Errno.ENOMEM;
        if (path != null && head != null && image != null)
        {
            PageCache.ReadKernel(file->Inode, path, program->InterpreterLength, program->InterpreterOffset);
            Vfs.Walk w;
            r = Vfs.Resolve(Vfs.Root, path, true, &w);
            if (r == 0)
            {
                if (w.Entry == null) r = -Errno.ENOENT;
                else
                {
                    long n = PageCache.ReadKernel(w.Entry->Inode, head, 1024, 0);
                    r = ElfImage.Parse(head, (ulong)n, image) ? Map(mm, w.Entry, image, image->Relocatable ? InterpreterBase : 0, &p->Clear1, &p->Clear1Length) : -Errno.ENOEXEC;
                    p->InterpreterBase = image->Relocatable ? InterpreterBase : 0;
                    p->Entry = image->Entry + p->InterpreterBase;
                }
                w.Release();
            }
        }
        Heap.Free(path);
        Heap.Free(head);
        Heap.Free(image);
        return r;
    }

    private static void SetBounds(AddressSpace* mm, ElfImage* e, ulong bias)
    {
        for (int i = 0; i < e->SegmentCount; i++)
        {
            ElfSegment* s = ElfImage.Segment(e, i);
            bool code = (s->Flags & 1) != 0;
            ulong start = s->Address + bias, end = start + s->FileBytes;
            if (code && mm->CodeStart == 0) mm->CodeStart = start;
            if (code) mm->CodeEnd = end;
            if ((s->Flags & 2) == 0) continue;
            if (mm->DataStart == 0) mm->DataStart = start;
            mm->DataEnd = end;
        }
    }

    private static int Map(AddressSpace* mm, Dentry* file, ElfImage* e, ulong bias, ulong* clear, ulong* clearLength)
    {
        mm->Lock.Acquire();
        int r = 0;
        for (int i = 0; i < e->SegmentCount && r == 0; i++) r = MapSegment(mm, file, ElfImage.Segment(e, i), bias, clear, clearLength);
        mm->Lock.Release();
        return r;
    }

    private static int MapSegment(AddressSpace* mm, Dentry* file, ElfSegment* s, ulong bias, ulong* clear, ulong* clearLength)
    {
        ulong start = Bits.AlignDown(s->Address + bias, 4096), end = Bits.AlignUp(s->Address + bias + s->MemoryBytes, 4096);
        ulong fileEnd = s->FileBytes == 0 ? start : Bits.AlignUp(s->Address + bias + s->FileBytes, 4096);
        if (end > KernelMap.UserEnd || start < AddressSpace.LowestAddress || !AddressSpace.IsFree(mm, start, end)) return -Errno.ENOEXEC;
        Vma v = default;
        v.Prot = ((s->Flags & 4) != 0 ? MapFlags.ProtRead : 0) | ((s->Flags & 2) != 0 ? MapFlags.ProtWrite : 0) | ((s->Flags & 1) != 0 ? MapFlags.ProtExec : 0);
        if (fileEnd > start)
        {
            v.Kind = VmaKind.File;
            v.Start = start;
            v.End = fileEnd;
            v.Inode = file->Inode;
            v.Dentry = file;
            v.FileOffset = s->Offset - (s->Address & 4095);
            if (AddressSpace.Insert(mm, &v) == null) return -Errno.ENOMEM;
        }
        if (end > fileEnd)
        {
            v.Kind = VmaKind.Anonymous;
            v.Start = fileEnd;
            v.End = end;
            v.Inode = null;
            v.Dentry = null;
            v.FileOffset = 0;
            if (AddressSpace.Insert(mm, &v) == null) return -Errno.ENOMEM;
        }
        ulong dataEnd = s->Address + bias + s->FileBytes;
        if (s->MemoryBytes > s->FileBytes && (s->Flags & 2) != 0 && dataEnd < fileEnd)
        {
            *clear = dataEnd;
            *clearLength = fileEnd - dataEnd;
        }
        return 0;
    }
}
