using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Memory;

/// <summary>Outcome of a timed translation.</summary>
internal enum TranslationOutcome : byte
{
    /// <summary>Translated.</summary>
    Done,

    /// <summary>A fault: vector, error code and address are in the translator.</summary>
    Fault,

    /// <summary>A store to a page that is not dirty yet: ask again, with leave to set the bit, when the store is the oldest.</summary>
    NotDirty,
}

/// <summary>
/// Timed address translation of one core: first- and second-level TLBs for instructions and data, a cache of upper table
/// entries, two page walkers that read tables through the caches. The meaning of the tables is <see cref="PageWalk"/>.
/// </summary>
internal sealed unsafe class AddressTranslation
{
    private const int UpperEntries = 64;
    private const int LargestInSecondLevel = 21;

    /// <summary>Physical addresses have 48 bits (AMD 56305): a page of which nothing is known lies at its linear address.</summary>
    private const ulong UnknownMask = (1UL << 48) - 1;

    private readonly CoreContext _core;
    private readonly CpuState* _s;
    private readonly PhysicalMemory _memory;
    private readonly CoreCaches _caches;
    private readonly TlbArray _instructionFirst;
    private readonly TlbArray _instructionSecond;
    private readonly TlbArray _dataFirst;
    private readonly TlbArray _dataSecond;
    private readonly ulong[] _upper = new ulong[UpperEntries];
    private readonly ulong[] _walkers;
    private readonly int _secondLatency;
    private readonly int _walkOverhead;

    public AddressTranslation(CoreContext core, CoreCaches caches, CoreParameters p)
    {
        _core = core;
        _s = core.State;
        _memory = core.Memory;
        _caches = caches;
        _instructionFirst = new TlbArray(1, p["itlb.l1"]);
        _dataFirst = new TlbArray(1, p["dtlb.l1"]);
        _instructionSecond = new TlbArray(p["itlb.l2.sets"], p["itlb.l2.ways"]);
        _dataSecond = new TlbArray(p["dtlb.l2.sets"], p["dtlb.l2.ways"]);
        _secondLatency = p.Cycles("tlb.l2.latency");
        _walkOverhead = p.Cycles("tlb.walk.overhead");
        _walkers = new ulong[p["tlb.walkers"]];
        core.Virtual.Flushed += OnFlushed;
        Clear();
    }

    /// <summary>Stands for the page tables when a recording drives the core; otherwise null.</summary>
    public RecordedPath? Path { get; set; }

    /// <summary>The fault of the last translation that failed.</summary>
    public uint FaultVector { get; private set; }

    /// <summary>Its error code.</summary>
    public uint FaultError { get; private set; }

    /// <summary>Its CR2.</summary>
    public ulong FaultAddress { get; private set; }

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        _instructionFirst.Clear();
        _instructionSecond.Clear();
        _dataFirst.Clear();
        _dataSecond.Clear();
        Array.Fill(_upper, ulong.MaxValue);
        Array.Clear(_walkers);
    }

    /// <summary>Translates a data address.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="write">For a store.</param>
    /// <param name="commit">The access will happen: the dirty bit may be set.</param>
    /// <param name="now">The reference cycle.</param>
    /// <param name="physical">The physical address.</param>
    /// <param name="extra">Cycles beyond those of a first-level hit.</param>
    public TranslationOutcome Data(ulong linear, bool write, bool commit, ulong now, out ulong physical, out int extra)
    {
        AccessKind kind = (write ? AccessKind.Write : AccessKind.Read) | (_s->Cpl == 3 ? AccessKind.User : AccessKind.Read);
        return Translate(_dataFirst, _dataSecond, linear, kind, commit, now, out physical, out extra);
    }

    /// <summary>Translates an instruction address.</summary>
    public TranslationOutcome Fetch(ulong linear, ulong now, out ulong physical, out int extra)
    {
        AccessKind kind = AccessKind.Fetch | (_s->Cpl == 3 ? AccessKind.User : AccessKind.Read);
        return Translate(_instructionFirst, _instructionSecond, linear, kind, true, now, out physical, out extra);
    }

    internal void Save(StateWriter writer)
    {
        _instructionFirst.Save(writer);
        _instructionSecond.Save(writer);
        _dataFirst.Save(writer);
        _dataSecond.Save(writer);
        foreach (ulong entry in _upper)
        {
            writer.UInt64(entry);
        }

        foreach (ulong busyUntil in _walkers)
        {
            writer.UInt64(busyUntil);
        }
    }

    internal void Restore(StateReader reader)
    {
        _instructionFirst.Restore(reader);
        _instructionSecond.Restore(reader);
        _dataFirst.Restore(reader);
        _dataSecond.Restore(reader);
        for (int i = 0; i < _upper.Length; i++)
        {
            _upper[i] = reader.UInt64();
        }

        for (int i = 0; i < _walkers.Length; i++)
        {
            _walkers[i] = reader.UInt64();
        }
    }

    private TranslationOutcome Translate(
        TlbArray first, TlbArray second, ulong linear, AccessKind kind, bool commit, ulong now, out ulong physical, out int extra)
    {
        extra = 0;
        physical = linear;
        if (Path != null)
        {
            return TranslateRecorded(first, second, linear, kind, commit, now, out physical, out extra);
        }

        if (_s->Mode == CpuMode.Long64 && !VirtualMemory.IsCanonical(linear))
        {
            FaultVector = ExceptionVector.GeneralProtection;
            FaultError = 0;
            return TranslationOutcome.Fault;
        }

        if ((_s->Cr0 & ControlBits.Cr0Paging) == 0)
        {
            return TranslationOutcome.Done;
        }

        bool write = (kind & AccessKind.Write) != 0;
        int index = LookupBoth(first, second, linear, kind, ref extra);
        if (index >= 0)
        {
            ref TlbTranslation entry = ref first[index];
            if (Allowed(in entry, kind))
            {
                physical = entry.Physical | (linear & ((1UL << entry.Shift) - 1));
                if (!write || entry.Dirty)
                {
                    return TranslationOutcome.Done;
                }

                if (!commit)
                {
                    return TranslationOutcome.NotDirty;
                }
            }
        }

        return Walk(first, second, linear, kind, commit, now, out physical, ref extra);
    }

    /// <summary>The index of a translation in the first level, where it is brought to if only the second has it; -1 when neither has.</summary>
    private int LookupBoth(TlbArray first, TlbArray second, ulong linear, AccessKind kind, ref int extra)
    {
        int index = Lookup(first, linear);
        if (index < 0)
        {
            DataMisses += (kind & AccessKind.Fetch) != 0 ? 0u : 1;
            index = Lookup(second, linear);
            if (index >= 0)
            {
                extra = _secondLatency;
                first.Insert(second[index]);
                index = first.Find(second[index].Key);
            }
        }

        return index;
    }

    /// <summary>The same TLBs and walkers, with what the recorded core found in its tables. A recorded path has no faults in it, so that permissions are not looked at.</summary>
    private TranslationOutcome TranslateRecorded(
        TlbArray first, TlbArray second, ulong linear, AccessKind kind, bool commit, ulong now, out ulong physical, out int extra)
    {
        extra = 0;
        physical = linear;
        if (!Path!.Paging)
            return TranslationOutcome.Done;
        bool write = (kind & AccessKind.Write) != 0;
        int index = LookupBoth(first, second, linear, kind, ref extra);
        if (index >= 0)
        {
            ref TlbTranslation entry = ref first[index];
            physical = entry.Physical | (linear & ((1UL << entry.Shift) - 1));
            if (!write || entry.Dirty)
                return TranslationOutcome.Done;
            if (!commit)
                return TranslationOutcome.NotDirty;
        }

        if (!Path.TryTranslate(linear, out Translation t))
        {
            if ((kind & AccessKind.Fetch) != 0)
                return TranslationOutcome.Fault;
            Path.Unknown++;
            physical = linear & UnknownMask;
            return TranslationOutcome.Done;
        }

        if (write && commit && !t.Dirty)
        {
            Path.SetDirty(linear, t);
            t.Dirty = true;
        }

        extra += WalkTime(linear, ref t, now + (ulong)extra);
        physical = t.Physical;
        Remember(first, second, linear, in t);
        return write && !commit && !t.Dirty ? TranslationOutcome.NotDirty : TranslationOutcome.Done;
    }

    private TranslationOutcome Walk(
        TlbArray first, TlbArray second, ulong linear, AccessKind kind, bool commit, ulong now, out ulong physical, ref int extra)
    {
        bool write = (kind & AccessKind.Write) != 0;

        // Speculation may set accessed bits, never dirty bits (AMD APM volume 2, section 5.4.2): a store that is not yet
        // certain is checked for permission without side effects, and translated as a read.
        bool mapped = write && !commit
            ? PageWalk.Translate(_s, _memory, linear, kind | AccessKind.Peek, out Translation t)
            : PageWalk.Translate(_s, _memory, linear, kind, out t);
        if (mapped && write && !commit && t.Dirty)
        {
            // What is remembered of a page serves committed stores too, so its accessed bits must be set by now.
            PageWalk.Translate(_s, _memory, linear, kind & ~AccessKind.Write, out _);
        }

        extra += WalkTime(linear, ref t, _caches.Clock.Later(now, (ulong)extra));
        physical = t.Physical;
        if (!mapped)
        {
            FaultVector = ExceptionVector.PageFault;
            FaultError = t.ErrorCode;
            FaultAddress = linear;
            return TranslationOutcome.Fault;
        }

        _core.PathProbe?.OnWalk(_core, linear, in t, write && commit);
        Remember(first, second, linear, in t);
        return write && !commit && !t.Dirty ? TranslationOutcome.NotDirty : TranslationOutcome.Done;
    }

    private static void Remember(TlbArray first, TlbArray second, ulong linear, in Translation t)
    {
        int shift = t.PageShift;
        TlbTranslation entry = new()
        {
            Key = TlbTranslation.KeyOf(linear, shift),
            Physical = t.Physical & ~((1UL << shift) - 1),
            Writable = t.Writable,
            User = t.UserAccessible,
            NoExecute = t.NoExecute,
            Dirty = t.Dirty,
        };
        first.Insert(in entry);
        if (shift > LargestInSecondLevel)
        {
            // 1 GiB pages are split into 2 MiB ones in the second level (WikiChip).
            entry.Key = TlbTranslation.KeyOf(linear, LargestInSecondLevel);
            entry.Physical = t.Physical & ~((1UL << LargestInSecondLevel) - 1);
        }

        second.Insert(in entry);
    }

    /// <summary>The walk reads one table entry after the other; upper levels that the walker remembers cost nothing.</summary>
    private int WalkTime(ulong linear, ref Translation t, ulong now)
    {
        int walker = 0;
        for (int i = 1; i < _walkers.Length; i++)
        {
            walker = _walkers[i] < _walkers[walker] ? i : walker;
        }

        ulong at = _caches.Clock.Later(Math.Max(now, _walkers[walker]), (ulong)_walkOverhead);
        for (int level = 0; level < t.Levels; level++)
        {
            ulong entry = t.Entries[level];
            bool last = level == t.Levels - 1;
            ref ulong remembered = ref _upper[(entry >> 3) % UpperEntries];
            if (!last && remembered == entry)
            {
                continue;
            }

            AccessResult read = _caches.Load(entry >> CacheArray.LineShift, at);
            at = Math.Max(read.ReadyAt, at);
            if (!last)
            {
                remembered = entry;
            }
        }

        _walkers[walker] = at;
        return (int)(_caches.Clock.At(at) - _caches.Clock.At(now));
    }

    /// <summary>Data translations that the first-level TLB did not have, since the engine was made.</summary>
    public ulong DataMisses { get; private set; }

    private static int Lookup(TlbArray tlb, ulong linear)
    {
        int index = tlb.FindAgain(TlbTranslation.KeyOf(linear, 12));
        index = index >= 0 ? index : tlb.FindAgain(TlbTranslation.KeyOf(linear, 21));
        index = index >= 0 ? index : tlb.Find(TlbTranslation.KeyOf(linear, 12));
        index = index >= 0 ? index : tlb.Find(TlbTranslation.KeyOf(linear, 21));
        index = index >= 0 ? index : tlb.Find(TlbTranslation.KeyOf(linear, 30));
        return index >= 0 ? index : tlb.Find(TlbTranslation.KeyOf(linear, 22));
    }

    /// <summary>Whether an entry allows the access; if not, the walk decides, and words the fault.</summary>
    private bool Allowed(in TlbTranslation entry, AccessKind kind)
    {
        bool user = (kind & AccessKind.User) != 0;
        if (user && !entry.User)
        {
            return false;
        }

        if ((kind & AccessKind.Fetch) != 0)
        {
            return !entry.NoExecute && (user || !entry.User || (_s->Cr4 & ControlBits.Cr4Smep) == 0);
        }

        if (!user && entry.User && (_s->Cr4 & ControlBits.Cr4Smap) != 0 && (_s->SystemFlags & SystemFlagBits.AC) == 0)
        {
            return false;
        }

        return (kind & AccessKind.Write) == 0 || entry.Writable || (!user && (_s->Cr0 & ControlBits.Cr0WriteProtect) == 0);
    }

    internal void OnFlushed(ulong? page)
    {
        _core.PathProbe?.OnFlush(_core, page);
        if (page is not { } linear)
        {
            Clear();
            return;
        }

        _instructionFirst.Drop(linear);
        _instructionSecond.Drop(linear);
        _dataFirst.Drop(linear);
        _dataSecond.Drop(linear);
        Array.Fill(_upper, ulong.MaxValue);
    }
}
