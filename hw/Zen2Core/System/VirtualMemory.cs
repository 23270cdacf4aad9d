using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Outcome of a write.</summary>
public enum WriteOutcome
{
    /// <summary>Written.</summary>
    Done,

    /// <summary>A fault is recorded in the state; nothing was written.</summary>
    Fault,

    /// <summary>Written, and decoded code was invalidated by it: the engine must not continue in code it decoded before.</summary>
    CodeChanged,
}

/// <summary>
/// One core's view of memory by linear address: software TLBs with host pointers, page walks, devices, and faults. Used by the
/// functional engine's handlers and by the microcode functions of both engines. Values are always in physical memory.
/// </summary>
public sealed unsafe class VirtualMemory : IDisposable
{
    private const int TlbSets = 3;
    private const int SupervisorSet = 0, UserSet = 1, OverriddenSet = 2;
    private const ulong PageMask = ~0xFFFUL;

    private readonly CoreContext _core;
    private readonly CpuState* _s;
    private readonly PhysicalMemory _memory;
    private readonly TlbEntry* _tlbs;
    private readonly JumpEntry* _jumps;

    /// <summary>Numbers of the TLB entries filled since the last flush, each once: a flush and a protection need look at no others.</summary>
    private readonly ushort[] _filled = new ushort[TlbEntry.Count * TlbSets];
    private int _filledCount;
    private readonly FetchTranslations _fetches = new();
    private ulong _generation;

    internal VirtualMemory(CoreContext core)
    {
        _core = core;
        _s = core.State;
        _memory = core.Memory;
        _tlbs = (TlbEntry*)NativeMemory.AlignedAlloc((nuint)(sizeof(TlbEntry) * TlbEntry.Count * TlbSets), 64);
        _jumps = (JumpEntry*)NativeMemory.AlignedAlloc((nuint)(sizeof(JumpEntry) * JumpEntry.Count), 64);
        // Entries are told apart by generation: none may come from a previous life of this memory.
        NativeMemory.Clear(_jumps, (nuint)(sizeof(JumpEntry) * JumpEntry.Count));
        _s->Host.Jumps = _jumps;
        for (int n = 0; n < TlbEntry.Count * TlbSets; n++)
            Clear(_tlbs + n);
        Flush();
    }

    /// <summary>Calls back after every flush, of one page (its linear address) or of everything (null), for timing models with TLBs of their own.</summary>
    public event Action<ulong?>? Flushed;

    /// <summary>Empties the TLBs and the jump cache: CR3, CR0, CR4, EFER or the physical map changed.</summary>
    public void Flush()
    {
        DropEntries();
        Flushed?.Invoke(null);
    }

    /// <summary>Drops the translations of one page.</summary>
    public void FlushPage(ulong linear)
    {
        for (int set = 0; set < TlbSets; set++)
        {
            // The physical page stays: the entry counts as filled.
            TlbEntry* entry = _tlbs + set * TlbEntry.Count + ((linear >> 12) & (TlbEntry.Count - 1));
            entry->ReadTag = entry->WriteTag = TlbEntry.Invalid;
        }

        // Kernels flush pages of data by the ten thousand; where code lies is only forgotten for a page that holds some.
        if (_fetches.MayHold(linear, _generation))
            DropJumps();
        Flushed?.Invoke(linear & PageMask);
    }

    /// <summary>Takes write permission for a physical page away from the TLBs: the page now holds decoded code or a monitored line.</summary>
    public void ProtectFromWrites(ulong physicalPage)
    {
        foreach (ushort n in _filled.AsSpan(0, _filledCount))
        {
            if (_tlbs[n].Physical == physicalPage)
                _tlbs[n].WriteTag = TlbEntry.Invalid;
        }
    }

    /// <summary>Forgets where instruction pointers lead: mappings have changed, or decoded blocks have been invalidated.</summary>
    public void DropJumps()
    {
        _generation++;
        // The tag keeps 12 bits of generation; older entries must not come back to life when it wraps.
        if ((_generation & 0xFFF) == 0)
            new Span<byte>(_jumps, sizeof(JumpEntry) * JumpEntry.Count).Clear();
        SelectTlb();
    }

    /// <summary>Chooses the TLB for the current privilege and SMAP override, and the jump-cache salt. Call after either, or the mode, changed.</summary>
    public void SelectTlb()
    {
        bool overridden = (_s->Cr4 & ControlBits.Cr4Smap) != 0 && (_s->SystemFlags & SystemFlagBits.AC) != 0;
        int set = _s->Cpl == 3 ? UserSet : overridden ? OverriddenSet : SupervisorSet;
        _s->Host.Tlb = _tlbs + set * TlbEntry.Count;
        ulong user = _s->Cpl == 3 ? 1UL : 0;
        _s->Host.JumpSalt = ((_generation & 0xFFF) << 52) ^ (user << 51) ^ ((ulong)_s->ModeKey << 43) ^ (1UL << 42);
    }

    /// <summary>Reads 1-8 bytes at the current privilege. False: the fault is recorded.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="size">1 to 8.</param>
    /// <param name="instructionsBefore">Instructions of the current block that precede this one, for the time of a device access.</param>
    /// <param name="value">Zero-extended.</param>
    public bool Read(ulong linear, int size, int instructionsBefore, out ulong value)
    {
        // What handlers look up inline, for microcode: a walk for each element of a string would be most of its cost.
        byte* direct = Direct(linear, write: false);
        bool crosses = Split(linear, size, out int first);
        if (direct != null && !crosses)
        {
            value = ReadHost(direct, size);
            return true;
        }

        value = 0;
        if (!crosses)
            return ReadWithin(linear, size, CurrentKind, instructionsBefore, out value);
        if (!EndsInside(linear, size) || !ReadWithin(linear, first, CurrentKind, instructionsBefore, out ulong low)
            || !ReadWithin(linear + (uint)first, size - first, CurrentKind, instructionsBefore, out ulong high))
        {
            return false;
        }

        value = low | (high << (first * 8));
        return true;
    }

    /// <summary>Reads as the processor itself does, from a descriptor table or TSS: supervisor whatever the privilege.</summary>
    public bool ReadSystem(ulong linear, int size, out ulong value)
    {
        value = 0;
        const AccessKind kind = AccessKind.Read | AccessKind.Implicit;
        if (!Split(linear, size, out int first))
            return ReadWithin(linear, size, kind, 0, out value);
        if (!ReadWithin(linear, first, kind, 0, out ulong low) || !ReadWithin(linear + (uint)first, size - first, kind, 0, out ulong high))
            return false;
        value = low | (high << (first * 8));
        return true;
    }

    /// <summary>Writes as the processor itself does.</summary>
    public WriteOutcome WriteSystem(ulong linear, int size, ulong value) =>
        WriteAs(linear, size, value, AccessKind.Write | AccessKind.Implicit, 0);

    /// <summary>Writes 1-8 bytes at the current privilege.</summary>
    public WriteOutcome Write(ulong linear, int size, ulong value, int instructionsBefore)
    {
        byte* direct = Direct(linear, write: true);
        if (direct == null || Split(linear, size, out _))
            return WriteAs(linear, size, value, CurrentKind | AccessKind.Write, instructionsBefore);
        WriteHost(direct, size, value);
        return WriteOutcome.Done;
    }

    /// <summary>Checks that a write of <paramref name="size"/> bytes at the current privilege would not fault; marks the pages dirty. False: the fault is recorded.</summary>
    public bool CheckWrite(ulong linear, int size) => CheckWrite(linear, size, CurrentKind);

    /// <summary>Checks that the processor itself may write a range of up to a page. False: the fault is recorded.</summary>
    internal bool CheckSystemWrite(ulong linear, int size) => CheckWrite(linear, size, AccessKind.Implicit);

    /// <summary>Checks that a range may be read or written at the current privilege. False: the fault is recorded.</summary>
    public bool Check(ulong linear, int size, bool write) =>
        write ? CheckWrite(linear, size)
            : Fill(linear, CurrentKind, out _) && (!Split(linear, size, out int first) || Fill(linear + (uint)first, CurrentKind, out _));

    /// <summary>Copies bytes out at the current privilege. False: the fault is recorded.</summary>
    public bool ReadBytes(ulong linear, Span<byte> destination)
    {
        if (Split(linear, destination.Length, out _) && !EndsInside(linear, destination.Length))
            return false;
        for (int n = 0; n < destination.Length;)
        {
            int size = Math.Min(8, destination.Length - n);
            if (!Read(linear + (uint)n, size, 0, out ulong value))
                return false;
            for (int k = 0; k < size; k++)
                destination[n + k] = (byte)(value >> (k * 8));
            n += size;
        }

        return true;
    }

    /// <summary>Copies bytes in at the current privilege, all or none.</summary>
    public WriteOutcome WriteBytes(ulong linear, ReadOnlySpan<byte> source)
    {
        if (!CheckWrite(linear, source.Length))
            return WriteOutcome.Fault;
        WriteOutcome outcome = WriteOutcome.Done;
        for (int n = 0; n < source.Length;)
        {
            int size = Math.Min(8, source.Length - n);
            ulong value = 0;
            for (int k = 0; k < size; k++)
                value |= (ulong)source[n + k] << (k * 8);
            WriteOutcome part = Write(linear + (uint)n, size, value, 0);
            if (part != WriteOutcome.Done)
                outcome = part;
            n += size;
        }

        return outcome;
    }

    /// <summary>Host pointer to a byte of RAM when the rest of its page may be accessed directly, or null.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="write">For writing; then the page holds no decoded code.</param>
    public byte* Direct(ulong linear, bool write)
    {
        TlbEntry* entry = _s->Host.Tlb + ((linear >> 12) & (TlbEntry.Count - 1));
        return (linear & PageMask) == (write ? entry->WriteTag : entry->ReadTag) ? (byte*)linear + entry->Addend : null;
    }

    /// <summary>Translates an instruction address. False: the fault is recorded.</summary>
    public bool TranslateFetch(ulong linear, out ulong physical)
    {
        bool user = _s->Cpl == 3;
        if (_fetches.Find(linear, _generation, user, out physical))
            return true;
        AccessKind kind = AccessKind.Fetch | (user ? AccessKind.User : AccessKind.Read);
        if (!Translate(linear, kind, out _, out physical))
            return false;
        _fetches.Note(linear, physical, _generation, user);
        return true;
    }

    /// <summary>
    /// Translates without side effects, whatever the privilege level: for debuggers, and for instructions that have checked their access
    /// already (CLFLUSH, MONITORX: a user's too, while SMAP is on).
    /// </summary>
    public bool TryPeek(ulong linear, out ulong physical) => LooksMapped(linear, out physical);

    /// <summary>Copies memory as the current page tables map it, whatever the privilege level, without side effects.</summary>
    /// <param name="linear">Linear address of the first byte.</param>
    /// <param name="destination">Receives the bytes.</param>
    /// <returns>How many bytes are mapped and are RAM or ROM, from the first one on.</returns>
    public int Peek(ulong linear, Span<byte> destination)
    {
        int done = 0;
        while (done < destination.Length)
        {
            ulong at = linear + (ulong)done;
            int length = (int)Math.Min((ulong)(destination.Length - done), PhysicalMemory.PageSize - (at & ~PageMask));
            if (!IsCanonical(at) || !LooksMapped(at, out ulong physical) || !_memory.IsMemory(physical, length))
                break;
            _memory.Read(physical, destination.Slice(done, length));
            done += length;
        }

        return done;
    }

    /// <summary>Translates for a debugger, whatever the privilege level, without side effects.</summary>
    public bool TryFind(ulong linear, out ulong physical)
    {
        physical = 0;
        return IsCanonical(linear) && LooksMapped(linear, out physical);
    }

    /// <summary>As the user or as the supervisor: SMAP keeps the latter out of the former's pages.</summary>
    private bool LooksMapped(ulong linear, out ulong physical)
    {
        bool mapped = PageWalk.Translate(_s, _memory, linear, AccessKind.Peek | AccessKind.User, out Translation found)
            || PageWalk.Translate(_s, _memory, linear, AccessKind.Peek | AccessKind.Implicit, out found);
        physical = found.Physical;
        return mapped;
    }

    /// <summary>True for addresses that 48-bit paging can express.</summary>
    public static bool IsCanonical(ulong linear) => (ulong)((long)(linear << 16) >> 16) == linear;

    /// <inheritdoc/>
    public void Dispose()
    {
        NativeMemory.AlignedFree(_tlbs);
        NativeMemory.AlignedFree(_jumps);
    }

    private byte* PointerTo(ulong physical, out bool writable)
    {
        byte* host = _memory.PointerTo(physical, out writable);
        return _core.HidesMemory && _core.Hides(physical) ? null : host;
    }

    private AccessKind CurrentKind => _s->Cpl == 3 ? AccessKind.User : AccessKind.Read;

    // A range that leaves the canonical addresses raises #GP, whatever its first page is like. False: the fault is recorded.
    private bool EndsInside(ulong linear, int size)
    {
        if (_s->Mode != CpuMode.Long64 || IsCanonical(linear + (uint)size - 1) || !IsCanonical(linear))
            return true;
        _s->Host.FaultVector = ExceptionVector.GeneralProtection;
        _s->Host.FaultError = 0;
        return false;
    }

    private static bool Split(ulong linear, int size, out int first)
    {
        first = (int)(0x1000 - (linear & 0xFFF));
        return first < size;
    }

    private bool ReadWithin(ulong linear, int size, AccessKind kind, int instructionsBefore, out ulong value)
    {
        value = 0;
        if (!Fill(linear, kind, out ulong physical))
            return false;
        byte* host = PointerTo(physical, out _);
        value = host != null ? ReadHost(host, size) : _core.ReadDevice(physical, size, instructionsBefore);
        if (_core.WatchesData && (kind & AccessKind.Implicit) == 0)
            _core.NoteAccess(linear, size, write: false);
        return true;
    }

    private bool CheckWrite(ulong linear, int size, AccessKind kind)
    {
        kind |= AccessKind.Write;
        if (!Split(linear, size, out int first))
            return Translate(linear, kind, out _, out _);

        // A fault in the second page reports the start of that page.
        return EndsInside(linear, size) && Translate(linear, kind, out _, out _) && Translate(linear + (uint)first, kind, out _, out _);
    }

    private WriteOutcome WriteAs(ulong linear, int size, ulong value, AccessKind kind, int instructionsBefore)
    {
        if (!Split(linear, size, out int first))
            return WriteWithin(linear, size, value, kind, instructionsBefore);
        if (!CheckWrite(linear, size, kind))
            return WriteOutcome.Fault;
        WriteOutcome low = WriteWithin(linear, first, value, kind, instructionsBefore);
        WriteOutcome high = WriteWithin(linear + (uint)first, size - first, value >> (first * 8), kind, instructionsBefore);
        return low == WriteOutcome.CodeChanged ? low : high;
    }

    private WriteOutcome WriteWithin(ulong linear, int size, ulong value, AccessKind kind, int instructionsBefore)
    {
        if (!Fill(linear, kind, out ulong physical))
            return WriteOutcome.Fault;
        if (_core.WatchesData && (kind & AccessKind.Implicit) == 0)
            _core.NoteAccess(linear, size, write: true);
        byte* host = PointerTo(physical, out bool writable);
        if (host == null)
        {
            _core.WriteDevice(physical, size, value, instructionsBefore);
            return WriteOutcome.Done;
        }

        if (!writable)
            return WriteOutcome.Done;
        WriteHost(host, size, value);
        return _core.NoteStore(physical, size) ? WriteOutcome.CodeChanged : WriteOutcome.Done;
    }

    /// <summary>Translates, and enters RAM pages into the TLB of the access.</summary>
    private bool Fill(ulong linear, AccessKind kind, out ulong physical)
    {
        if (!Translate(linear, kind, out Translation t, out physical))
            return false;
        byte* page = PointerTo(physical & PageMask, out bool writable);
        if (page == null || (_core.WatchesData && _core.WatchesPage(linear & PageMask)))
            return true;
        bool user = (kind & AccessKind.User) != 0;
        TlbEntry* set = user ? _tlbs + UserSet * TlbEntry.Count
            : (kind & AccessKind.Implicit) != 0 ? _tlbs + SupervisorSet * TlbEntry.Count : _s->Host.Tlb;
        if (!user && _s->Cpl == 3)
            set = _tlbs + SupervisorSet * TlbEntry.Count;
        TlbEntry* entry = set + ((linear >> 12) & (TlbEntry.Count - 1));
        bool writeAllowed = t.Writable || (!user && (_s->Cr0 & ControlBits.Cr0WriteProtect) == 0);
        byte* flags = _memory.FlagsOf(physical);
        if (entry->Physical == ulong.MaxValue)
            _filled[_filledCount++] = (ushort)(entry - _tlbs);
        entry->ReadTag = linear & PageMask;
        entry->WriteTag = writable && t.Dirty && writeAllowed && *flags == 0 ? linear & PageMask : TlbEntry.Invalid;
        entry->Addend = (nint)(page - (byte*)(linear & PageMask));
        entry->Physical = physical & PageMask;
        return true;
    }

    private bool Translate(ulong linear, AccessKind kind, out Translation translation, out ulong physical)
    {
        if (_s->Mode == CpuMode.Long64 && !IsCanonical(linear))
        {
            translation = default;
            physical = 0;
            _s->Host.FaultVector = ExceptionVector.GeneralProtection;
            _s->Host.FaultError = 0;
            return false;
        }

        bool mapped = PageWalk.Translate(_s, _memory, linear, kind, out translation);
        physical = translation.Physical;
        if (!mapped)
        {
            _s->Host.FaultVector = ExceptionVector.PageFault;
            _s->Host.FaultError = translation.ErrorCode;
            _s->Host.FaultAddress = linear;
        }

        return mapped;
    }

    /// <summary>Empties the software TLBs and the jump cache without telling timing models: nothing that a core can see has changed.</summary>
    internal void DropEntries()
    {
        DropPages();
        DropJumps();
    }

    /// <summary>Empties the software TLBs alone.</summary>
    internal void DropPages()
    {
        foreach (ushort n in _filled.AsSpan(0, _filledCount))
            Clear(_tlbs + n);
        _filledCount = 0;
    }

    private static void Clear(TlbEntry* entry)
    {
        entry->ReadTag = entry->WriteTag = TlbEntry.Invalid;
        entry->Physical = ulong.MaxValue;
    }

    private static ulong ReadHost(byte* host, int size)
    {
        switch (size)
        {
            case 1: return *host;
            case 2: return *(ushort*)host;
            case 4: return *(uint*)host;
            case 8: return *(ulong*)host;
        }

        ulong value = 0;
        for (int n = 0; n < size; n++)
            value |= (ulong)host[n] << (n * 8);
        return value;
    }

    private static void WriteHost(byte* host, int size, ulong value)
    {
        switch (size)
        {
            case 1: *host = (byte)value; return;
            case 2: *(ushort*)host = (ushort)value; return;
            case 4: *(uint*)host = (uint)value; return;
            case 8: *(ulong*)host = value; return;
        }

        for (int n = 0; n < size; n++)
            host[n] = (byte)(value >> (n * 8));
    }
}
