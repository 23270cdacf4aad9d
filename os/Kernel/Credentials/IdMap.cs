using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>A range of ids: <see cref="Count"/> ids from <see cref="First"/> on in a user namespace are those from <see cref="Lower"/> on outside.</summary>
public struct IdExtent { public uint First, Lower, Count; }

[InlineArray(IdMap.MaxExtents)]
public struct IdExtents { private IdExtent _first; }

/// <summary>
/// /proc/PID/uid_map or gid_map (user_namespaces(7)). In a namespace's own map the outside ids are those of the initial namespace.
/// </summary>
public unsafe struct IdMap
{
    /// <summary>Linux allows 340 lines; more than this many are refused as it refuses its 341st.</summary>
    public const int MaxExtents = 32;

    /// <summary>What has no mapping.</summary>
    public const uint Invalid = uint.MaxValue;

    /// <summary>What stands for ids without a mapping (/proc/sys/kernel/overflowuid).</summary>
    public const uint Overflow = 65534;

    public int Count;
    private IdExtents _extents;

    private static IdExtent* At(IdMap* map, int i) => (IdExtent*)Text.Address(ref map->_extents) + i;

    /// <summary>Extent of a map below <see cref="Count"/>.</summary>
    public static IdExtent Extent(IdMap* map, int i) => *At(map, i);

    /// <summary>Adds a line. False when the map is full, or the line overlaps another.</summary>
    public static bool Add(IdMap* map, IdExtent e)
    {
        if (map->Count == MaxExtents) return false;
        for (int i = 0; i < map->Count; i++)
        {
            IdExtent* o = At(map, i);
            if (Overlap(o->First, o->Count, e.First, e.Count) || Overlap(o->Lower, o->Count, e.Lower, e.Count)) return false;
        }
        *At(map, map->Count++) = e;
        return true;
    }

    private static bool Overlap(uint a, uint n, uint b, uint m) => a < (ulong)b + m && b < (ulong)a + n;

    /// <summary>The id of the initial namespace for one of this namespace, or <see cref="Invalid"/>.</summary>
    public static uint Down(IdMap* map, uint id) => DownRange(map, id, 1);

    /// <summary>The same for a range, all of which one extent must hold.</summary>
    public static uint DownRange(IdMap* map, uint id, uint count)
    {
        for (int i = 0; i < map->Count; i++)
        {
            IdExtent* e = At(map, i);
            if (id >= e->First && (ulong)id + count <= (ulong)e->First + e->Count) return e->Lower + (id - e->First);
        }
        return Invalid;
    }

    /// <summary>The id of this namespace for one of the initial one, or <see cref="Invalid"/>.</summary>
    public static uint Up(IdMap* map, uint id)
    {
        for (int i = 0; i < map->Count; i++)
        {
            IdExtent* e = At(map, i);
            if (id >= e->Lower && id - e->Lower < e->Count) return e->First + (id - e->Lower);
        }
        return Invalid;
    }

    /// <summary>The same for showing: ids without a mapping become <see cref="Overflow"/>.</summary>
    public static uint UpMunged(IdMap* map, uint id)
    {
        uint up = Up(map, id);
        return up == Invalid ? Overflow : up;
    }

    /// <summary>Replaces what the lines' outside ids mean: from ids of <paramref name="parent"/> to those of the initial namespace.</summary>
    public static bool Translate(IdMap* map, IdMap* parent)
    {
        for (int i = 0; i < map->Count; i++)
        {
            uint lower = DownRange(parent, At(map, i)->Lower, At(map, i)->Count);
            if (lower == Invalid) return false;
            At(map, i)->Lower = lower;
        }
        return true;
    }

    /// <summary>Parses lines of three unsigned numbers: first id inside, first id outside, count. 0 or -EINVAL.</summary>
    public static int Parse(byte* text, int length, IdMap* map)
    {
        *map = default;
        byte* end = text + length;
        while (text < end && *text != 0)
        {
            byte* line = text;
            while (text < end && *text != '\n' && *text != 0) text++;
            IdExtent e;
            if (!ParseLine(line, text, &e)) return -Errno.EINVAL;
            if (e.First == Invalid || e.Lower == Invalid || e.First + e.Count <= e.First || e.Lower + e.Count <= e.Lower || !Add(map, e)) return -Errno.EINVAL;
            if (text < end && *text == '\n') text++;
        }
        return map->Count == 0 ? -Errno.EINVAL : 0;
    }

    private static bool ParseLine(byte* p, byte* end, IdExtent* e)
    {
        ulong a, b, c;
        if (!Number(ref p, end, out a) || p == end || !IsBlank(*p) || !Number(ref p, end, out b) || p == end || !IsBlank(*p) || !Number(ref p, end, out c)) return false;
        while (p < end && IsBlank(*p)) p++;
        e->First = (uint)a;
        e->Lower = (uint)b;
        e->Count = (uint)c;
        return p == end;
    }

    private static bool Number(ref byte* p, byte* end, out ulong value)
    {
        while (p < end && IsBlank(*p)) p++;
        return Text.ParseUnsigned(ref p, end, out value);
    }

    private static bool IsBlank(byte c) => c is (byte)' ' or (byte)'\t';
}
