using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

public static unsafe partial class Machine
{
    [RuntimeImport("x86_rdtsc"), MethodImpl(MethodImplOptions.InternalCall)] private static extern RegisterPair RdtscPair();
    [RuntimeImport("x86_lfence_rdtsc"), MethodImpl(MethodImplOptions.InternalCall)] private static extern RegisterPair LfenceRdtscPair();
    [RuntimeImport("x86_rdtscp"), MethodImpl(MethodImplOptions.InternalCall)] private static extern RegisterPair RdtscpPair();

    /// <summary>RDTSC, not ordered against loads before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Rdtsc()
    {
        RegisterPair p = RdtscPair();
        return p.High << 32 | p.Low; // the instruction clears the upper halves
    }

    /// <summary>LFENCE; RDTSC: ordered after all earlier loads where LFENCE serialises dispatch.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong RdtscOrdered()
    {
        RegisterPair p = LfenceRdtscPair();
        return p.High << 32 | p.Low;
    }

    /// <summary>RDTSCP, without the value of TSC_AUX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Rdtscp()
    {
        RegisterPair p = RdtscpPair();
        return p.High << 32 | p.Low;
    }

    /// <summary>PAUSE: what a loop that waits for another processor does.</summary>
    [RuntimeImport("x86_pause"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Pause();
}
