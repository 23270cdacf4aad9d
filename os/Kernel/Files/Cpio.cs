namespace CoSim.Os;

/// <summary>One member of a cpio archive in the "newc" format (magic 070701 or 070702).</summary>
public unsafe struct CpioEntry
{
    public uint Inode, Mode, Uid, Gid, Links, Mtime, DeviceMajor, DeviceMinor;
    public byte* Name;              // without leading "./" and "/"
    public int NameLength;
    public byte* Data;
    public ulong Size;
}

/// <summary>Walks concatenated newc archives. Needs nothing of the kernel, so that it can be tested on the host.</summary>
public unsafe struct CpioReader
{
    private const int HeaderBytes = 110;
    private readonly byte* _start;
    private readonly ulong _length;

    /// <summary>Byte offset of the next header.</summary>
    public ulong Position;

    /// <summary>Set when the archive is damaged at <see cref="Position"/>.</summary>
    public bool Damaged;

    /// <summary>Reads <paramref name="length"/> bytes at <paramref name="start"/>.</summary>
    public CpioReader(byte* start, ulong length)
    {
        _start = start;
        _length = length;
        Position = 0;
        Damaged = false;
    }

    /// <summary>The next member. False at the end or when damaged. Trailers and the zeros between archives are skipped.</summary>
    public bool Next(CpioEntry* e)
    {
        for (; ; )
        {
            while (Position < _length && _start[Position] == 0) Position++;
            if (Position >= _length) return false;
            byte* h = _start + Position;
            if (_length - Position < HeaderBytes || h[0] != '0' || h[1] != '7' || h[2] != '0' || h[3] != '7' || h[4] != '0' || h[5] != '1' && h[5] != '2') return Fail();
            uint nameSize = 0, size = 0, ignored = 0;
            bool ok = Field(h, 0, ref e->Inode) && Field(h, 1, ref e->Mode) && Field(h, 2, ref e->Uid) && Field(h, 3, ref e->Gid) && Field(h, 4, ref e->Links)
                && Field(h, 5, ref e->Mtime) && Field(h, 6, ref size) && Field(h, 7, ref ignored) && Field(h, 8, ref ignored)
                && Field(h, 9, ref e->DeviceMajor) && Field(h, 10, ref e->DeviceMinor) && Field(h, 11, ref nameSize);
            ulong dataAt = Position + (HeaderBytes + (ulong)nameSize + 3 & ~3UL);
            ulong next = dataAt + ((ulong)size + 3 & ~3UL);
            if (!ok || nameSize == 0 || dataAt > _length || size > _length - dataAt || h[HeaderBytes + nameSize - 1] != 0) return Fail();
            e->Name = h + HeaderBytes;
            e->NameLength = (int)nameSize - 1;
            e->Data = _start + dataAt;
            e->Size = size;
            Position = next;
            if (IsTrailer(e)) continue;
            while (e->NameLength > 0 && (e->Name[0] == '/' || e->Name[0] == '.' && (e->NameLength == 1 || e->Name[1] == '/')))
            {
                e->Name++;
                e->NameLength--;
            }
            return true;
        }
    }

    private bool Fail()
    {
        Damaged = true;
        return false;
    }

    private static bool IsTrailer(CpioEntry* e)
    {
        System.ReadOnlySpan<byte> trailer = "TRAILER!!!"u8;
        if (e->NameLength != trailer.Length) return false;
        for (int i = 0; i < trailer.Length; i++) if (e->Name[i] != trailer[i]) return false;
        return true;
    }

    private static bool Field(byte* header, int index, ref uint value)
    {
        uint v = 0;
        byte* p = header + 6 + index * 8;
        for (int i = 0; i < 8; i++)
        {
            byte c = p[i];
            uint d = c >= '0' && c <= '9' ? (uint)(c - '0') : c >= 'a' && c <= 'f' ? (uint)(c - 'a' + 10) : c >= 'A' && c <= 'F' ? (uint)(c - 'A' + 10) : 16;
            if (d == 16) return false;
            v = v << 4 | d;
        }
        value = v;
        return true;
    }
}
