using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>
/// The start of the per-CPU area behind the GS base, as the entry stubs know it. A kernel's own area begins with this;
/// it must lie in the upper half of the address space.
/// </summary>
public struct PerCpuHeader
{
    /// <summary>GS:[0]: the area's own address.</summary>
    public ulong Self;
    /// <summary>GS:[8]: top of the current task's kernel stack, 16-byte aligned; SYSCALL starts there. Same value as TSS.RSP0.</summary>
    public ulong KernelStack;
    /// <summary>GS:[16]: scratch of the system call entry.</summary>
    public ulong UserStack;
}

public static unsafe partial class Machine
{
    /// <summary>MSR of the active GS base, and of the one that SWAPGS exchanges it with.</summary>
    public const uint MsrGsBase = 0xC0000101, MsrKernelGsBase = 0xC0000102;
    /// <summary>MSR of the FS base: a thread's TLS pointer.</summary>
    public const uint MsrFsBase = 0xC0000100;

    /// <summary>Loads GS:[offset].</summary>
    [RuntimeImport("x86_gs_load64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong GsLoad64(ulong offset);
    /// <summary>Loads GS:[offset].</summary>
    [RuntimeImport("x86_gs_load32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint GsLoad32(ulong offset);
    /// <summary>Stores GS:[offset].</summary>
    [RuntimeImport("x86_gs_store64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void GsStore64(ulong offset, ulong value);
    /// <summary>Stores GS:[offset].</summary>
    [RuntimeImport("x86_gs_store32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void GsStore32(ulong offset, uint value);
    /// <summary>Adds to GS:[offset] in one instruction, which no interrupt can split.</summary>
    [RuntimeImport("x86_gs_add64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void GsAdd64(ulong offset, ulong value);
    /// <summary>Adds to GS:[offset] in one instruction, which no interrupt can split.</summary>
    [RuntimeImport("x86_gs_add32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void GsAdd32(ulong offset, uint value);
    /// <summary>The address of this processor's area.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void* PerCpu() => (void*)GsLoad64(0);
}
