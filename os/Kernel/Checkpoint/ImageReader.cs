namespace CoSim.Os;

/// <summary>
/// Reads records from memory. It never reads outside the image: after a mistake <see cref="Bad"/> is set and everything reads as zero.
/// </summary>
internal unsafe struct ImageReader
{
    private readonly byte* _start;
    private readonly byte* _end;
    private byte* _at;
    private byte* _bodyEnd;

    /// <summary>Whether the image is damaged; <see cref="Position"/> says where.</summary>
    internal bool Bad;

    /// <summary>Records begun.</summary>
    internal ulong Records;

    internal ImageReader(byte* start, ulong length)
    {
        this = default;
        _start = _at = _bodyEnd = start;
        _end = start + length;
    }

    /// <summary>Byte of the image that is read next.</summary>
    internal readonly ulong Position => (ulong)(_at - _start);

    /// <summary>Bytes of the record's body that have not been read.</summary>
    internal readonly ulong Left => (ulong)(_bodyEnd - _at);

    /// <summary>Goes to the next record, past what was not read of this one. False at the end and in a damaged image.</summary>
    internal bool Next(out ImageRecord kind)
    {
        kind = 0;
        if (Bad) return false;
        _at = _bodyEnd;
        if (_at == _end) return false;
        if ((ulong)(_end - _at) < ImageFormat.RecordHead) return Fail();
        ulong head = *(ulong*)_at, length = head >> 32;
        _at += ImageFormat.RecordHead;
        if ((length & 7) != 0 || length > (ulong)(_end - _at)) return Fail();
        _bodyEnd = _at + length;
        kind = (ImageRecord)(uint)head;
        Records++;
        return true;
    }

    internal ulong Word()
    {
        if (Left < 8)
        {
            Fail();
            return 0;
        }
        ulong value = *(ulong*)_at;
        _at += 8;
        return value;
    }

    internal long Signed() => (long)Word();

    internal int Int() => (int)Word();

    internal bool Flag() => Word() != 0;

    /// <summary>Bytes in place, filled up to a whole word; null in a damaged image.</summary>
    internal byte* Bytes(ulong count)
    {
        ulong stored = (count + 7) & ~7UL;
        if (count > Left || stored > Left)
        {
            Fail();
            return null;
        }
        byte* p = _at;
        _at += stored;
        return p;
    }

    /// <summary>Notes a mistake. Returns false.</summary>
    internal bool Fail()
    {
        Bad = true;
        _at = _at > _end ? _end : _at;
        _bodyEnd = _at;
        return false;
    }
}
