using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>What CPUID returns, in the order in which the stub stores it.</summary>
public struct CpuidResult
{
    /// <summary>The four registers.</summary>
    public uint Eax, Ebx, Ecx, Edx;
}

public static unsafe partial class Machine
{
    [RuntimeImport("x86_rdmsr"), MethodImpl(MethodImplOptions.InternalCall)] private static extern RegisterPair RdmsrPair(uint msr);
    [RuntimeImport("x86_wrmsr"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void WrmsrRaw(int unused0, uint low, uint high, uint msr);
    [RuntimeImport("x86_mwait"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void MwaitRaw(uint hint, int unused1, int unused2, uint extensions);
    [RuntimeImport("x86_cpuid"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Cpuid(uint leaf, uint subleaf, CpuidResult* result);

    /// <summary>RDMSR.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Rdmsr(uint msr)
    {
        RegisterPair p = RdmsrPair(msr);
        return p.High << 32 | p.Low;
    }

    /// <summary>WRMSR.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Wrmsr(uint msr, ulong value) => WrmsrRaw(0, (uint)value, (uint)(value >> 32), msr);

    /// <summary>CPUID.</summary>
    public static CpuidResult Cpuid(uint leaf, uint subleaf)
    {
        CpuidResult result;
        Cpuid(leaf, subleaf, &result);
        return result;
    }

    /// <summary>MONITOR on the line of an address, with no extensions.</summary>
    [RuntimeImport("x86_monitor"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Monitor(void* address);
    /// <summary>STI; MWAIT: no interrupt is lost between the two. (hint in EAX, extensions in ECX)</summary>
    [RuntimeImport("x86_sti_mwait"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void StiMwait(uint hint, uint extensions);
    /// <summary>MWAIT with interrupts as they are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Mwait(uint hint, uint extensions) => MwaitRaw(hint, 0, 0, extensions);

    /// <summary>MONITORX on the line of an address.</summary>
    [RuntimeImport("x86_monitorx"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void MonitorX(void* address);
    /// <summary>MWAITX: a timer in TSC ticks, which counts with bit 1 of the extensions, and with bit 0 interrupts end the wait though masked.</summary>
    [RuntimeImport("x86_mwaitx"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void MwaitX(uint timer, uint extensions);

    /// <summary>Reads CR0.</summary>
    [RuntimeImport("x86_read_cr0"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ReadCr0();
    /// <summary>Reads CR2, the address of the last page fault.</summary>
    [RuntimeImport("x86_read_cr2"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ReadCr2();
    /// <summary>Reads CR3.</summary>
    [RuntimeImport("x86_read_cr3"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ReadCr3();
    /// <summary>Reads CR4.</summary>
    [RuntimeImport("x86_read_cr4"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ReadCr4();
    /// <summary>Writes CR0.</summary>
    [RuntimeImport("x86_write_cr0"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void WriteCr0(ulong value);
    /// <summary>Writes CR3.</summary>
    [RuntimeImport("x86_write_cr3"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void WriteCr3(ulong value);
    /// <summary>Writes CR4.</summary>
    [RuntimeImport("x86_write_cr4"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void WriteCr4(ulong value);
    /// <summary>XGETBV.</summary>
    [RuntimeImport("x86_xgetbv"), MethodImpl(MethodImplOptions.InternalCall)] private static extern RegisterPair XgetbvPair(uint register);
    /// <summary>Reads an extended control register.</summary>
    public static ulong Xgetbv(uint register) => XgetbvPair(register).Combined;
    /// <summary>INVLPG.</summary>
    [RuntimeImport("x86_invlpg"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Invlpg(void* address);
    /// <summary>WBINVD.</summary>
    [RuntimeImport("x86_wbinvd"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Wbinvd();

    /// <summary>LIDT of the ten bytes at an address.</summary>
    [RuntimeImport("x86_lidt"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Lidt(void* operand);
    /// <summary>LGDT of the ten bytes at an address; <see cref="ReloadSegments"/> makes it effective.</summary>
    [RuntimeImport("x86_lgdt"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Lgdt(void* operand);
    /// <summary>LTR.</summary>
    [RuntimeImport("x86_ltr"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Ltr(ushort selector);
    /// <summary>Limit of a segment (LSL); unchanged garbage if the selector is not accessible.</summary>
    [RuntimeImport("x86_lsl"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint SegmentLimit(uint selector);
    /// <summary>Loads CS, DS, ES and SS; FS and GS become null, which clears their bases.</summary>
    [RuntimeImport("x86_reload_segments"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void ReloadSegments(ulong code, uint data);
    /// <summary>SWAPGS.</summary>
    [RuntimeImport("x86_swapgs"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Swapgs();

    /// <summary>CLI.</summary>
    [RuntimeImport("x86_cli"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Cli();
    /// <summary>STI.</summary>
    [RuntimeImport("x86_sti"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Sti();
    /// <summary>HLT.</summary>
    [RuntimeImport("x86_hlt"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Hlt();
    /// <summary>STI; HLT: an interrupt that is pending already ends the HLT, because STI takes effect after it.</summary>
    [RuntimeImport("x86_sti_hlt"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void StiHlt();
    /// <summary>PUSHFQ: RFLAGS.</summary>
    [RuntimeImport("x86_read_flags"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ReadFlags();
    /// <summary>POPFQ: RFLAGS.</summary>
    [RuntimeImport("x86_write_flags"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void WriteFlags(ulong flags);
    /// <summary>INT3.</summary>
    [RuntimeImport("x86_int3"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Int3();
    /// <summary>UD2.</summary>
    [RuntimeImport("x86_ud2"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Ud2();
    /// <summary>STAC: supervisor access to user pages allowed (SMAP).</summary>
    [RuntimeImport("x86_stac"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Stac();
    /// <summary>CLAC.</summary>
    [RuntimeImport("x86_clac"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Clac();
}
