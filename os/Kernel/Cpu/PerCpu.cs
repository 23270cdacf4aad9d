using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// One CPU's private data, reached through GS. The entry stubs know the first three fields by offset (guest/README.md); the
/// kernel reads Self and Current with one instruction.
/// </summary>
public unsafe struct PerCpu
{
    public PerCpu* Self;            // gs:[0]
    public ulong KernelStackTop;    // gs:[8]  stack of the running task, for SYSCALL entry
    public ulong UserRsp;           // gs:[16] scratch of SYSCALL entry
    public Task* Current;           // gs:[24]

    /// <summary>gs:[32]. Set by wakeups, ticks and the reschedule IPI; looked at on the way back to user mode and by the idle loop.</summary>
    public int NeedResched;

    /// <summary>Logical number, 0 is the boot CPU.</summary>
    public uint Id;

    /// <summary>Local APIC id (x2APIC: 32 bits).</summary>
    public uint ApicId;
    public uint AcpiId;
    public bool Online;
    public int ReadyFlag;           // set by the CPU itself when it may be given work

    /// <summary>Nesting of hardware interrupt handlers.</summary>
    public int InterruptDepth;

    public RunQueue RunQueue;

    /// <summary>The task that the last switch left; <see cref="Scheduler.FinishSwitch"/> consumes it.</summary>
    public Task* Previous;
    public ulong Cr3;               // page table root loaded now
    public AddressSpace* LoadedMm;
    public Tss* Tss;
    public ulong* Gdt;
    public ulong FsBase, GsBase;    // user bases loaded now

    /// <summary>Accounting in nanoseconds, for /proc/stat.</summary>
    public ulong UserNs, SystemNs, IdleNs, IrqNs;
    public ulong LastAccountNs;
    public ulong Interrupts, Switches, Shootdowns, ReschedIpis, TimerInterrupts;

    /// <summary>Belongs to os/Kernel/Time: hrtimer bases, clock event device, tick state of this CPU.</summary>
    public void* TimeData;
}

/// <summary>Access to per-CPU data and to the interrupt flag.</summary>
public static unsafe class Cpu
{
    /// <summary>Most CPUs the kernel brings up.</summary>
    public const int Max = 64;

    [InlineArray(Max)]
    private struct Pointers { private ulong _first; }

    private static Pointers s_areas;

    /// <summary>CPUs listed by firmware (at most <see cref="Max"/>), whether or not they came up.</summary>
    public static int Possible;

    /// <summary>CPUs running.</summary>
    public static int OnlineCount;

    /// <summary>The area of the CPU that executes this.</summary>
    public static PerCpu* Current
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (PerCpu*)Machine.GsLoad64(0);
    }

    /// <summary>The running task.</summary>
    public static Task* CurrentTask
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (Task*)Machine.GsLoad64(24);
    }

    /// <summary>Whether this CPU should schedule; one load.</summary>
    public static uint NeedResched
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Machine.GsLoad32(32);
    }

    /// <summary>Logical number of this CPU.</summary>
    public static int Id => (int)Current->Id;

    /// <summary>The area of CPU <paramref name="cpu"/>, or null if there is none.</summary>
    public static PerCpu* At(int cpu) => (PerCpu*)((ulong*)Text.Address(ref s_areas))[cpu];

    /// <summary>Registers the area of a CPU.</summary>
    public static void Set(int cpu, PerCpu* area) => ((ulong*)Text.Address(ref s_areas))[cpu] = (ulong)area;

    /// <summary>Masks interrupts. Returns RFLAGS from before.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong IrqSave()
    {
        ulong flags = Machine.ReadFlags();
        Machine.Cli();
        return flags;
    }

    /// <summary>Unmasks interrupts if they were unmasked in <paramref name="flags"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void IrqRestore(ulong flags)
    {
        if ((flags & 0x200) != 0) Machine.Sti();
    }
}
