using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>What a translation is wanted for.</summary>
[Flags]
public enum AccessKind : byte
{
    /// <summary>Data read by a supervisor.</summary>
    Read = 0,

    /// <summary>Data write.</summary>
    Write = 1,

    /// <summary>At privilege level 3.</summary>
    User = 2,

    /// <summary>Instruction fetch.</summary>
    Fetch = 4,

    /// <summary>Implicit supervisor access to a descriptor table or TSS: the SMAP override does not apply.</summary>
    Implicit = 8,

    /// <summary>Do not set accessed and dirty bits: a debugger's look.</summary>
    Peek = 16,
}

/// <summary>Result of a page walk.</summary>
public unsafe struct Translation
{
    /// <summary>Physical address of the byte.</summary>
    public ulong Physical;

    /// <summary>Page-fault error code when the walk failed.</summary>
    public uint ErrorCode;

    /// <summary>log2 of the page size: 12, 21, 22 or 30.</summary>
    public byte PageShift;

    /// <summary>All levels allow writes (CR0.WP not considered).</summary>
    public bool Writable;

    /// <summary>All levels allow privilege level 3.</summary>
    public bool UserAccessible;

    /// <summary>Some level forbids execution.</summary>
    public bool NoExecute;

    /// <summary>The dirty bit is set.</summary>
    public bool Dirty;

    /// <summary>The global bit is set and enabled.</summary>
    public bool Global;

    /// <summary>PAT index: PAT, PCD and PWT of the last level.</summary>
    public byte PatIndex;

    /// <summary>Table entries read, at most 4.</summary>
    public byte Levels;

    /// <summary>Physical addresses of the table entries read, top level first.</summary>
    public fixed ulong Entries[4];
}

/// <summary>
/// The page-table walk (AMD APM vol. 2, chapter 5): 32-bit with PSE, PAE, and four levels, with permissions, accessed and dirty
/// bits and error codes. One function for both engines; timing belongs to the caller, who gets the addresses read.
/// </summary>
public static unsafe class PageWalk
{
    private const ulong Present = 1, Writable = 2, UserBit = 4, AccessedBit = 0x20, DirtyBit = 0x40, LargeBit = 0x80, GlobalBit = 0x100;
    private const ulong NoExecuteBit = 1UL << 63;

    /// <summary>Bits 52-62 are reserved in legacy PAE entries; long mode leaves them to software (AMD APM vol. 2, 5.2.3 and 5.3.3).</summary>
    private const ulong LegacyReserved = 0x7FF0_0000_0000_0000;
    private const ulong PhysicalMask = 0x0000_FFFF_FFFF_F000;

    private const uint ErrorPresent = 1, ErrorWrite = 2, ErrorUser = 4, ErrorReserved = 8, ErrorFetch = 16;

    /// <summary>Translates a canonical linear address. False: <see cref="Translation.ErrorCode"/> is the page fault's.</summary>
    /// <param name="s">Control registers and SMAP override.</param>
    /// <param name="memory">Where the tables are.</param>
    /// <param name="linear">Linear address.</param>
    /// <param name="access">What for.</param>
    /// <param name="result">The translation.</param>
    public static bool Translate(CpuState* s, PhysicalMemory memory, ulong linear, AccessKind access, out Translation result)
    {
        result = default;
        if ((s->Cr0 & ControlBits.Cr0Paging) == 0)
        {
            result.Physical = linear;
            result.PageShift = 12;
            result.Writable = result.UserAccessible = result.Dirty = true;
            return true;
        }

        if ((s->Efer & ControlBits.EferLongActive) != 0)
            return Walk64(s, memory, linear, access, s->Cr3 & PhysicalMask, 4, ref result);
        if ((s->Cr4 & ControlBits.Cr4Pae) != 0)
            return WalkPae(s, memory, linear, access, ref result);
        return Walk32(s, memory, linear, access, ref result);
    }

    private static bool WalkPae(CpuState* s, PhysicalMemory memory, ulong linear, AccessKind access, ref Translation result)
    {
        ulong pointer = s->Pdpte[(linear >> 30) & 3];
        if ((pointer & Present) == 0)
            return Fail(s, access, 0, ref result);
        return Walk64(s, memory, linear, access, pointer & PhysicalMask, 2, ref result);
    }

    private static bool Walk64(
        CpuState* s, PhysicalMemory memory, ulong linear, AccessKind access, ulong table, int levels, ref Translation result)
    {
        bool noExecuteEnabled = (s->Efer & ControlBits.EferNoExecute) != 0;
        bool writable = true, user = true, noExecute = false;
        ulong** touched = stackalloc ulong*[4];
        for (int level = levels; level >= 1; level--)
        {
            int shift = 12 + (level - 1) * 9;
            ulong address = table + (((linear >> shift) & 0x1FF) << 3);
            ulong* entry = (ulong*)memory.PointerTo(address, out _);
            result.Entries[result.Levels] = address;
            touched[result.Levels++] = entry;
            ulong value = entry != null ? *entry : ulong.MaxValue;
            if ((value & Present) == 0)
                return Fail(s, access, 0, ref result);
            bool large = level is 2 or 3 && (value & LargeBit) != 0;
            bool reserved = (value & 0x000F_0000_0000_0000) != 0
                || ((value & NoExecuteBit) != 0 && !noExecuteEnabled)
                || (levels == 2 && (value & LegacyReserved) != 0)
                || (level == 4 && (value & (LargeBit | GlobalBit)) != 0)
                || (level == 3 && !large && (value & GlobalBit) != 0)
                || (large && (value & ((1UL << shift) - 1) & ~0x1FFFUL) != 0);
            if (reserved)
                return Fail(s, access, ErrorPresent | ErrorReserved, ref result);
            writable &= (value & Writable) != 0;
            user &= (value & UserBit) != 0;
            noExecute |= (value & NoExecuteBit) != 0;
            if (level == 1 || large)
            {
                ulong offset = linear & ((1UL << shift) - 1);
                result.Physical = (value & PhysicalMask & ~((1UL << shift) - 1)) | offset;
                result.PageShift = (byte)shift;
                result.PatIndex = PatIndexOf(value, large ? 12 : 7);
                result.Dirty = (value & DirtyBit) != 0;
                result.Global = (value & GlobalBit) != 0 && (s->Cr4 & ControlBits.Cr4GlobalPages) != 0;
                break;
            }

            table = value & PhysicalMask;
        }

        result.Writable = writable;
        result.UserAccessible = user;
        result.NoExecute = noExecute;
        if (!Permitted(s, access, ref result))
            return false;
        if ((access & AccessKind.Peek) == 0)
        {
            for (int n = 0; n < result.Levels; n++)
                SetBits(touched[n], n == result.Levels - 1 && (access & AccessKind.Write) != 0, ref result);
        }

        return true;
    }

    private static bool Walk32(CpuState* s, PhysicalMemory memory, ulong linear, AccessKind access, ref Translation result)
    {
        ulong directoryAddress = (s->Cr3 & 0xFFFF_F000) + (((linear >> 22) & 0x3FF) << 2);
        uint* directory = (uint*)memory.PointerTo(directoryAddress, out _);
        result.Entries[result.Levels++] = directoryAddress;
        uint value = directory != null ? *directory : uint.MaxValue;
        if ((value & Present) == 0)
            return Fail(s, access, 0, ref result);
        bool writable = (value & Writable) != 0, user = (value & UserBit) != 0;
        uint* last = directory;
        if ((value & LargeBit) != 0 && (s->Cr4 & ControlBits.Cr4PageSizeExtensions) != 0)
        {
            if ((value & (1 << 21)) != 0)
                return Fail(s, access, ErrorPresent | ErrorReserved, ref result);
            result.Physical = (value & 0xFFC0_0000) | ((ulong)(value & 0x1F_E000) << 19) | (linear & 0x3F_FFFF);
            result.PageShift = 22;
            result.PatIndex = PatIndexOf(value, 12);
        }
        else
        {
            ulong entryAddress = (value & 0xFFFF_F000) + (((linear >> 12) & 0x3FF) << 2);
            last = (uint*)memory.PointerTo(entryAddress, out _);
            result.Entries[result.Levels++] = entryAddress;
            value = last != null ? *last : uint.MaxValue;
            if ((value & Present) == 0)
                return Fail(s, access, 0, ref result);
            writable &= (value & Writable) != 0;
            user &= (value & UserBit) != 0;
            result.Physical = (value & 0xFFFF_F000) | (linear & 0xFFF);
            result.PageShift = 12;
            result.PatIndex = PatIndexOf(value, 7);
        }

        result.Writable = writable;
        result.UserAccessible = user;
        result.Dirty = (value & DirtyBit) != 0;
        result.Global = (value & GlobalBit) != 0 && (s->Cr4 & ControlBits.Cr4GlobalPages) != 0;
        if (!Permitted(s, access, ref result))
            return false;
        if ((access & AccessKind.Peek) == 0)
        {
            if (directory != null)
                *directory |= (uint)AccessedBit;
            if (last != null && (access & AccessKind.Write) != 0)
                *last |= (uint)(AccessedBit | DirtyBit);
            else if (last != null)
                *last |= (uint)AccessedBit;
            result.Dirty |= (access & AccessKind.Write) != 0;
        }

        return true;
    }

    private static void SetBits(ulong* entry, bool dirty, ref Translation result)
    {
        if (entry == null)
            return;
        ulong value = *entry | AccessedBit | (dirty ? DirtyBit : 0);
        if (value != *entry)
            *entry = value;
        result.Dirty |= dirty;
    }

    private static byte PatIndexOf(ulong value, int patBit) => (byte)(((value >> 3) & 3) | (((value >> patBit) & 1) << 2));

    private static bool Permitted(CpuState* s, AccessKind access, ref Translation t)
    {
        bool userMode = (access & AccessKind.User) != 0;
        bool allowed = true;
        if ((access & AccessKind.Fetch) != 0)
        {
            allowed = !t.NoExecute;
            if (!userMode && t.UserAccessible && (s->Cr4 & ControlBits.Cr4Smep) != 0)
                allowed = false;
        }
        else
        {
            if ((access & AccessKind.Write) != 0 && !t.Writable && (userMode || (s->Cr0 & ControlBits.Cr0WriteProtect) != 0))
                allowed = false;
            bool overridden = (s->SystemFlags & SystemFlagBits.AC) != 0 && (access & AccessKind.Implicit) == 0;
            if (!userMode && t.UserAccessible && (s->Cr4 & ControlBits.Cr4Smap) != 0 && !overridden)
                allowed = false;
        }

        if (userMode && !t.UserAccessible)
            allowed = false;
        return allowed || Fail(s, access, ErrorPresent, ref t);
    }

    private static bool Fail(CpuState* s, AccessKind access, uint error, ref Translation result)
    {
        if ((access & AccessKind.Write) != 0)
            error |= ErrorWrite;
        if ((access & AccessKind.User) != 0)
            error |= ErrorUser;
        // The fetch bit is reported only when something can forbid execution (AMD APM vol. 2, 8.4.2).
        bool fetchReported = (s->Efer & ControlBits.EferNoExecute) != 0 || (s->Cr4 & ControlBits.Cr4Smep) != 0;
        if ((access & AccessKind.Fetch) != 0 && fetchReported)
            error |= ErrorFetch;
        result.ErrorCode = error;
        return false;
    }
}
