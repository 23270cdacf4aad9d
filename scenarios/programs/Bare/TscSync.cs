using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-06. Two processors read their TSCs in turns under a lock, each after it has loaded the other's last stamp; no stamp may be below the
/// one before. The TSCs agree to the tick. Whether LFENCE keeps RDTSC behind the load depends on DE_CFG bit 1 alone.
/// </summary>
/// <remarks>The algorithm is that of operating systems when a processor comes up (Linux, arch/x86/kernel/tsc_sync.c), with its messages.</remarks>
internal static unsafe class TscSync
{
    private const uint DecodeConfiguration = 0xC001_1029;
    private const ulong LoadFenceSerialises = 2;
    private const int Rounds = 2000;

    private static Shared s_shared;
    private static int s_ready;
    private static bool s_serialise;

    /// <summary>The lock and the stamp stand in lines of their own, as lines go to and fro between the processors.</summary>
    [InlineArray(32)] private struct Shared { private ulong _first; }

    private static ulong* Lock => (ulong*)Unsafe.AsPointer(ref s_shared);

    private static ulong* LastStamp => Lock + 8;

    private static ulong* Warps => Lock + 16;

    private static ulong* MaxWarp => Lock + 17;

    internal static int Run()
    {
        s_serialise = Options.Has("de_cfg"u8);
        Out.Line(s_serialise ? "DE_CFG[1]=1 before the check: LFENCE is dispatch-serialising"u8 : "DE_CFG[1]=0 during the check: LFENCE orders loads only"u8);
        Smp.Start(1, &Second);
        Prepare();
        Meet();
        Check();
        Smp.Join();
        Out.Line("TSC synchronization [CPU#0 -> CPU#1]:"u8);
        if (*Warps == 0)
        {
            Out.Line("passed"u8);
            return 0;
        }
        Out.Line("Measured "u8, *MaxWarp, " cycles TSC warp between CPUs, turning off TSC clock."u8);
        Out.Line("tsc: Marking TSC unstable due to check_tsc_sync_source failed"u8);
        Out.Line("warps seen: "u8, *Warps, ""u8);
        return 0;
    }

    private static void Second()
    {
        Prepare();
        Meet();
        Check();
    }

    /// <summary>Both set the bit, or neither: it is each processor's own.</summary>
    private static void Prepare()
    {
        ulong value = Machine.Rdmsr(DecodeConfiguration);
        Machine.Wrmsr(DecodeConfiguration, s_serialise ? value | LoadFenceSerialises : value & ~LoadFenceSerialises);
    }

    private static void Meet()
    {
        Machine.LockAdd32(Unsafe.AsPointer(ref s_ready), 1);
        while (Volatile.Read(ref s_ready) != 2) Machine.Pause();
    }

    private static void Check()
    {
        for (int i = 0; i < Rounds; i++)
        {
            Spin gate = default;
            gate.Acquire(Lock);
            ulong before = Volatile.Read(ref *LastStamp);
            ulong now = Machine.RdtscOrdered();
            Volatile.Write(ref *LastStamp, now);
            gate.Release(Lock);
            if (before <= now) continue;
            gate.Acquire(Lock);
            ++*Warps;
            if (before - now > *MaxWarp) *MaxWarp = before - now;
            gate.Release(Lock);
        }
    }
}
