using System.Runtime.InteropServices;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>What the engines of this process keep beside the architectural state; rebuilt after a restore.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct HostState
{
    /// <summary>The software TLB in force: depends on privilege and on the SMAP override.</summary>
    public TlbEntry* Tlb;

    /// <summary>Per-core cache from instruction pointer to decoded block.</summary>
    public JumpEntry* Jumps;

    /// <summary>Mixed into the tag of <see cref="Jumps"/>; changes with the mode, the privilege and every TLB flush.</summary>
    public ulong JumpSalt;

    /// <summary>The functional engine leaves its threaded code at the first block end with <see cref="CpuState.Executed"/> at or above this.</summary>
    public ulong Limit;

    /// <summary>A branch whose link is filled in when its target has been decoded, or null.</summary>
    public MicroOp* PendingLink;

    /// <summary>While translated code runs, the arithmetic flags: bit 0 overflow, bits 8-15 the others as LAHF gives them.</summary>
    public ulong NativeFlags;

    /// <summary>
    /// What translated code adds to instructions executed and stall cycles for the core cycle, while <see cref="ClockRuns"/>; kept by
    /// the functional engine.
    /// </summary>
    public ulong ClockBias;

    /// <summary>1 while an instruction is a cycle and nobody wants to hear of clocks that are read; else 0.</summary>
    public ulong ClockRuns;

    /// <summary>What is looked at before every instruction while boundaries are watched; null while they are not.</summary>
    public BoundaryWindow* Boundaries;

    /// <summary>GC handle of the core context, as an integer.</summary>
    public nint Context;

    /// <summary>Where an engine keeps the operand in memory that it has read, or will write, by itself; null: it is in memory.</summary>
    public byte* Operand;

    /// <summary>Vector of the fault raised by the micro-op that just ran, or <see cref="NoFault"/>.</summary>
    public uint FaultVector;

    /// <summary>Error code of that fault.</summary>
    public uint FaultError;

    /// <summary>CR2 for a page fault; set together with <see cref="FaultVector"/>, written to CR2 on delivery.</summary>
    public ulong FaultAddress;

    /// <summary>Value of <see cref="FaultVector"/> when there is none.</summary>
    public const uint NoFault = 0xFFFF_FFFF;
}

/// <summary>
/// One entry of the software TLB, indexed by the low bits of the linear page number. A tag is a linear page address, or a
/// value that no page has (bit 0 set) when that kind of access must take the slow path.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public struct TlbEntry
{
    /// <summary>Linear page that may be read through <see cref="Addend"/>.</summary>
    public ulong ReadTag;

    /// <summary>Linear page that may be written; never a page that holds decoded code.</summary>
    public ulong WriteTag;

    /// <summary>Host address minus linear address.</summary>
    public nint Addend;

    /// <summary>Physical page address.</summary>
    public ulong Physical;

    /// <summary>Entries of one software TLB.</summary>
    public const int Count = 1024;

    /// <summary>A tag that matches no page.</summary>
    public const ulong Invalid = 1;
}

/// <summary>One entry of the jump cache.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct JumpEntry
{
    /// <summary>Instruction pointer exclusive-or the salt.</summary>
    public ulong Tag;

    /// <summary>First micro-op of the block.</summary>
    public MicroOp* Target;

    /// <summary>Entries of one jump cache.</summary>
    public const int Count = 4096;

    /// <summary>Index of the entry for an instruction pointer.</summary>
    public static nuint Slot(ulong rip) => (nuint)((rip ^ (rip >> 11)) & (Count - 1));
}
