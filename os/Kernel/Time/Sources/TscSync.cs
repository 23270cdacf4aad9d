using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Checks at the start of a CPU that its TSC agrees with the boot CPU's: both read in turns under a lock, and no read may
/// be below the one before (timekeeping reference, section 7). Rome has no TSC_ADJUST, so a difference cannot be repaired.
/// </summary>
internal static unsafe class TscSync
{
    private const int Cpus = 2;
    private const int MaxLoops = 10_000_000;

    private static SpinLock s_lock;
    private static ulong s_last, s_maxWarp;
    private static int s_warps, s_randomWarps, s_started, s_stopped;

    /// <summary>The boot CPU's part, while <paramref name="cpu"/> runs <see cref="Target"/>.</summary>
    internal static void Source(int cpu)
    {
        if (!Needed) return;
        while (Atomic.Load32(Text.Address(ref s_started)) != Cpus - 1) Machine.Pause();
        Atomic.Store32(Text.Address(ref s_stopped), 0);
        Atomic.Store32(Text.Address(ref s_started), Cpus);
        CheckWarp(TimeoutMs);
        while (Atomic.Load32(Text.Address(ref s_stopped)) != Cpus - 1) Machine.Pause();

        if (s_warps != 0)
        {
            Log.Print("TSC synchronization [CPU#0 -> CPU#%d]:"u8, (ulong)cpu);
            Log.Print("Measured %llu cycles TSC warp between CPUs, turning off TSC clock."u8, s_maxWarp);
            if (s_randomWarps != 0) Log.Print("TSC warped randomly between CPUs"u8);
            Clocksources.MarkTscUnstable("check_tsc_sync_source failed"u8);
        }
        s_warps = s_randomWarps = 0;
        s_maxWarp = 0;
        s_last = 0;
        Atomic.Store32(Text.Address(ref s_started), 0);
        Atomic.Store32(Text.Address(ref s_stopped), Cpus);
    }

    /// <summary>The starting CPU's part.</summary>
    internal static void Target()
    {
        if (!Needed) return;
        Atomic.Store32(Text.Address(ref s_started), Cpus - 1);
        while (Atomic.Load32(Text.Address(ref s_started)) != Cpus) Machine.Pause();
        CheckWarp(TimeoutMs);
        Atomic.Store32(Text.Address(ref s_stopped), Cpus - 1);
        while (Atomic.Load32(Text.Address(ref s_stopped)) != Cpus) Machine.Pause();
    }

    private static bool Needed => Tsc.Khz != 0 && !Tsc.Unstable && !TimeOptions.TscReliable;

    // All CPUs are in one package with a CPU that has been checked, for which a short look is enough.
    private const uint TimeoutMs = 2;

    private static void CheckWarp(uint ms)
    {
        ulong end = Machine.RdtscOrdered() + (ulong)Tsc.Khz * ms;
        int seen = 0;
        for (int i = 0; ; i++)
        {
            s_lock.Acquire();
            ulong previous = s_last;
            ulong now = Machine.RdtscOrdered();
            s_last = now;
            s_lock.Release();
            if ((i & 7) == 0)
            {
                if (now > end || i > MaxLoops) return;
                Machine.Pause();
            }
            if (previous <= now) continue;
            s_lock.Acquire();
            if (previous - now > s_maxWarp) s_maxWarp = previous - now;
            // One CPU sees time go backwards when the counters differ; both do when a counter jumps to and fro.
            if (seen != s_warps) s_randomWarps++;
            seen = ++s_warps;
            s_lock.Release();
        }
    }
}
