using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Isa.X87;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// The architectural state of one core, in native memory at a stable, 64-byte aligned address, shared by both engines and
/// precise at every instruction boundary. The first part is what a snapshot holds; the part after <see cref="Host"/> belongs
/// to the running process only.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct CpuState
{
    /// <summary>General-purpose registers and micro temporaries; see <see cref="Reg"/> for the numbering.</summary>
    public fixed ulong Gpr[Reg.GprCount];

    /// <summary>Vector registers, four quadwords each, lowest first.</summary>
    public fixed ulong Vec[Reg.VectorCount * 4];

    /// <summary>Instruction pointer (offset in CS) of the next instruction.</summary>
    public ulong Rip;

    /// <summary>Arithmetic flags at their RFLAGS positions; no other bit is ever set (<see cref="FlagBits"/>).</summary>
    public uint Flags;

    /// <summary>The other RFLAGS bits (<see cref="SystemFlagBits"/>).</summary>
    public uint SystemFlags;

    /// <summary>SSE control and status.</summary>
    public uint Mxcsr;

    /// <summary>x87 control, status and abridged-by-XSAVE tag words; owned by Isa/X87.</summary>
    public X87State X87;

    private fixed ulong _segments[8 * 2];

    /// <summary>Global descriptor table register.</summary>
    public TableRegister Gdtr;

    /// <summary>Interrupt descriptor table register.</summary>
    public TableRegister Idtr;

    /// <summary>CR0.</summary>
    public ulong Cr0;

    /// <summary>CR2: the last page-fault linear address.</summary>
    public ulong Cr2;

    /// <summary>CR3.</summary>
    public ulong Cr3;

    /// <summary>CR4.</summary>
    public ulong Cr4;

    /// <summary>XCR0.</summary>
    public ulong Xcr0;

    /// <summary>
    /// PKRU. Protection keys are absent and no instruction names it, but CPUID leaf Dh lists its state component (dump of a 7742), so XRSTOR
    /// loads it and XSAVE stores it.
    /// </summary>
    public ulong Pkru;

    /// <summary>Debug registers DR0-DR7 (DR4 and DR5 alias DR6 and DR7 and are not stored).</summary>
    public fixed ulong Dr[8];

    /// <summary>EFER (MSR C000_0080h).</summary>
    public ulong Efer;

    /// <summary>PDPTE registers of legacy PAE paging, loaded by MOV CR3.</summary>
    public fixed ulong Pdpte[4];

    /// <summary>MSR values by the slot that the MSR table assigns.</summary>
    public fixed ulong Msr[MsrSlots];

    /// <summary>Instructions retired since reset, string iterations counted once per instruction.</summary>
    public ulong Executed;

    /// <summary>Reference cycles spent by the functional engine beyond its instructions: access latencies, PAUSE and the like.</summary>
    public ulong StallCycles;

    /// <summary>Reference cycles since reset that passed while the core was halted or waited.</summary>
    public ulong HaltedCycles;

    /// <summary>Core cycles per <see cref="SpeedDivide"/> reference cycles in the P-state in force; 0 for one per cycle.</summary>
    public uint SpeedMultiply;

    /// <summary>See <see cref="SpeedMultiply"/>.</summary>
    public uint SpeedDivide;

    /// <summary>Reference cycles, halted ones not counted, when the P-state in force was taken.</summary>
    public ulong SpeedFrom;

    /// <summary>Core cycles, halted ones not counted, by then.</summary>
    public ulong SpeedCycles;

    /// <summary>What the functional engine has left over of stalls: parts of a reference cycle, <see cref="SpeedMultiply"/> of which are one.</summary>
    public ulong SpeedRemainder;

    /// <summary>TSC minus core cycles since reset, while both run at the same rate: see <see cref="CoreContext.TscAt"/>.</summary>
    public ulong TscOffset;

    /// <summary>The core cycle from which on the TSC runs at a rate of its own.</summary>
    public ulong TscRateFrom;

    /// <summary>TSC ticks per <see cref="TscRateDivide"/> core cycles; 0 for one per cycle.</summary>
    public uint TscRateMultiply;

    /// <summary>See <see cref="TscRateMultiply"/>.</summary>
    public uint TscRateDivide;

    /// <summary>
    /// Value of <see cref="Executed"/> for which RFLAGS.RF holds: the instruction behind the IRET that loaded it. Later the flag
    /// counts as clear, so that nothing has to clear it after every instruction.
    /// </summary>
    public ulong ResumeAt;

    /// <summary>State of the generator behind RDRAND and RDSEED.</summary>
    public ulong RandomState;

    /// <summary>Monitored physical line of MONITOR/MONITORX; all ones when none.</summary>
    public ulong MonitorLine;

    /// <summary>MWAITX timeout as a TSC value; all ones when none.</summary>
    public ulong WaitDeadline;

    /// <summary>Debug status bits (DR6 layout) of traps that wait for the end of the instruction.</summary>
    public uint PendingDebug;

    /// <summary>This core's local APIC identifier.</summary>
    public uint ApicId;

    /// <summary>Cached operating mode.</summary>
    public CpuMode Mode;

    /// <summary>Current privilege level, 0-3.</summary>
    public byte Cpl;

    /// <summary>What the core is doing.</summary>
    public ActivityState Activity;

    /// <summary>Not 0 while interrupts are held off for one instruction: 1 after STI, 2 after a load of SS, which holds debug traps off too.</summary>
    public byte InterruptShadow;

    /// <summary>1 between the delivery of an NMI and the next IRET.</summary>
    public byte NmiBlocked;

    /// <summary>Decode mode, the key of decoded code: bits 0-1 code size (0: 16, 1: 32, 2: 64), bits 2-3 stack size, likewise.</summary>
    public byte ModeKey;

    /// <summary>1 when MWAIT was told that interrupts end the wait even when masked (ECX bit 0).</summary>
    public byte WaitInterruptBreaks;

    /// <summary>1 in system management mode.</summary>
    public byte InSmm;

    /// <summary><see cref="NmiBlocked"/> as it was before the SMI.</summary>
    public byte SmmNmiBlocked;

    /// <summary>The part that is never saved.</summary>
    public HostState Host;

    /// <summary>Number of MSR slots.</summary>
    public const int MsrSlots = 512;

    /// <summary>Segment register <paramref name="index"/> of <paramref name="state"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ref SegmentRegister Segment(CpuState* state, SegmentIndex index) =>
        ref ((SegmentRegister*)state->_segments)[(int)index];

    /// <summary>RFLAGS as software sees it.</summary>
    public readonly ulong RFlags => Flags | (ResumeAt == Executed ? SystemFlags : SystemFlags & ~SystemFlagBits.RF) | SystemFlagBits.AlwaysOne;

    /// <summary>Splits <paramref name="value"/> into the arithmetic and the other flags; bits outside <see cref="SystemFlagBits.Writable"/>, VM, VIF and VIP are dropped.</summary>
    public void SetRFlags(ulong value)
    {
        Flags = (uint)value & FlagBits.All;
        SystemFlags = (uint)value & (SystemFlagBits.Writable | SystemFlagBits.VM | SystemFlagBits.VIF | SystemFlagBits.VIP) & ~FlagBits.All;
    }

    /// <summary>
    /// The x87 tag word as FNSTENV stores it: valid 0, zero 1, special 2 or empty 3 for each physical register, register 0 in bits 1:0
    /// (AMD64 APM volume 1, revision 3.23, 6.2.4).
    /// </summary>
    public static ushort X87TagWord(CpuState* state) => X87Image.FullTags(state);

    /// <summary>Allocates a zeroed state at a 64-byte boundary; free it with <see cref="Free"/>.</summary>
    public static CpuState* Allocate()
    {
        CpuState* state = (CpuState*)NativeMemory.AlignedAlloc((nuint)sizeof(CpuState), 64);
        NativeMemory.Clear(state, (nuint)sizeof(CpuState));
        return state;
    }

    /// <summary>Frees what <see cref="Allocate"/> returned.</summary>
    public static void Free(CpuState* state) => NativeMemory.AlignedFree(state);

    /// <summary>Bytes from the start of the state that a snapshot holds.</summary>
    public static int ArchitecturalBytes
    {
        get
        {
            CpuState probe;
            return (int)((byte*)&probe.Host - (byte*)&probe);
        }
    }
}

/// <summary>x87 state (AMD APM vol. 1, 6.2): eight physical registers and the environment.</summary>
[StructLayout(LayoutKind.Sequential)]
public unsafe struct X87State
{
    /// <summary>Physical registers R0-R7: even words the 64-bit significand, odd words sign and exponent in bits 0-15. MM0-MM7 alias the significands.</summary>
    public fixed ulong Registers[16];

    /// <summary>Control word.</summary>
    public ushort Control;

    /// <summary>Status word, with TOP in bits 11-13.</summary>
    public ushort Status;

    /// <summary>Full tag word, two bits per physical register.</summary>
    public ushort Tag;

    /// <summary>Last instruction opcode, 11 bits.</summary>
    public ushort Opcode;

    /// <summary>Last instruction pointer.</summary>
    public ulong InstructionPointer;

    /// <summary>Last data pointer.</summary>
    public ulong DataPointer;

    /// <summary>Selectors of the last instruction and data pointers (CS low, DS high half).</summary>
    public uint Selectors;

    private readonly uint _pad;
}
