namespace CoSim.Os;

/// <summary>A loadable segment.</summary>
public struct ElfSegment
{
    public ulong Offset, Address, FileBytes, MemoryBytes;
    public uint Flags;              // PF_X 1, PF_W 2, PF_R 4
}

/// <summary>What the loader needs of an ELF64 executable's headers. Needs nothing of the kernel, so that it can be tested on the host.</summary>
public unsafe struct ElfImage
{
    public const int MaxSegments = 16;
    private const int HeaderBytes = 64, ProgramHeaderBytes = 56;
    private const uint PtLoad = 1, PtInterpreter = 3, PtProgramHeaders = 6;

    [System.Runtime.CompilerServices.InlineArray(MaxSegments)]
    private struct SegmentArray { private ElfSegment _first; }

    private SegmentArray _segments;
    public int SegmentCount;

    /// <summary>ET_DYN: may be placed anywhere.</summary>
    public bool Relocatable;
    public ulong Entry;

    /// <summary>Address of the program headers in memory (before relocation), their size and number.</summary>
    public ulong HeadersAddress;
    public ushort HeadersCount, HeaderSize;

    /// <summary>File range of the interpreter's path; length 0 if there is none.</summary>
    public ulong InterpreterOffset, InterpreterLength;

    /// <summary>Lowest and one past the highest address, page aligned.</summary>
    public ulong Low, High;

    /// <summary>Loadable segment <paramref name="i"/>, in ascending order of address.</summary>
    public static ElfSegment* Segment(ElfImage* e, int i) => (ElfSegment*)&e->_segments + i;

    /// <summary>
    /// Parses the start of a file (<paramref name="available"/> bytes of it). False if it is not an x86-64 executable that can be loaded:
    /// bad magic or class, headers outside the given bytes, overlapping or unordered segments, sizes that overflow.
    /// </summary>
    public static bool Parse(byte* file, ulong available, ElfImage* e)
    {
        *e = default;
        if (available < HeaderBytes || *(uint*)file != 0x464C457F || file[4] != 2 || file[5] != 1) return false;
        ushort type = *(ushort*)(file + 16), machine = *(ushort*)(file + 18);
        if (type != 2 && type != 3 || machine != 62) return false;
        e->Relocatable = type == 3;
        e->Entry = *(ulong*)(file + 24);
        ulong headers = *(ulong*)(file + 32);
        e->HeaderSize = *(ushort*)(file + 54);
        e->HeadersCount = *(ushort*)(file + 56);
        if (e->HeaderSize != ProgramHeaderBytes || e->HeadersCount == 0) return false;
        if (headers > available || (ulong)e->HeadersCount * ProgramHeaderBytes > available - headers) return false;
        e->Low = ulong.MaxValue;
        for (int i = 0; i < e->HeadersCount; i++)
        {
            byte* p = file + headers + i * ProgramHeaderBytes;
            uint kind = *(uint*)p;
            ElfSegment s;
            s.Flags = *(uint*)(p + 4);
            s.Offset = *(ulong*)(p + 8);
            s.Address = *(ulong*)(p + 16);
            s.FileBytes = *(ulong*)(p + 32);
            s.MemoryBytes = *(ulong*)(p + 40);
            if (kind == PtInterpreter)
            {
                e->InterpreterOffset = s.Offset;
                e->InterpreterLength = s.FileBytes;
            }
            if (kind == PtProgramHeaders) e->HeadersAddress = s.Address;
            if (kind == PtLoad && s.MemoryBytes != 0 && !AddSegment(e, &s)) return false;
        }
        if (e->SegmentCount == 0) return false;
        for (int i = 0; e->HeadersAddress == 0 && i < e->SegmentCount; i++)
        {
            ElfSegment* s = Segment(e, i);
            if (s->Offset <= headers && headers - s->Offset < s->FileBytes) e->HeadersAddress = s->Address + (headers - s->Offset);
        }
        return true;
    }

    private static bool AddSegment(ElfImage* e, ElfSegment* s)
    {
        const ulong End = 0x7FFF_FFFF_F000;
        if (e->SegmentCount == MaxSegments || s->FileBytes > s->MemoryBytes) return false;
        if (s->Address >= End || s->MemoryBytes > End - s->Address || s->Offset > ulong.MaxValue - s->FileBytes - 4096) return false;
        if (s->FileBytes != 0 && (s->Address & 4095) != (s->Offset & 4095)) return false;
        ulong low = s->Address & ~4095UL, high = s->Address + s->MemoryBytes + 4095 & ~4095UL;
        if (e->SegmentCount > 0 && low < e->High) return false; // PT_LOAD entries ascend (System V ABI, chapter 5)
        if (low < e->Low) e->Low = low;
        e->High = high;
        *Segment(e, e->SegmentCount++) = *s;
        return true;
    }
}
