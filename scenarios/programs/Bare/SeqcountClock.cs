using System.Runtime.CompilerServices;
using System.Threading;
using CoSim.Guest;

namespace CoSim.Scenarios.Bare;

/// <summary>
/// HW-07. One processor keeps a clock under a sequence counter, as a timekeeper does: cycle_last is the TSC at its last update, and time is
/// what has been accumulated plus (TSC - cycle_last) * mult >> shift. The other reads it. Where the reader's RDTSC is not ordered it
/// executes before the load of the counter, and its value can be below a cycle_last that is loaded after it.
/// </summary>
/// <remarks>
/// Both processors have DE_CFG[1] set, and the timekeeper orders its own reading. Options: <c>rdtsc_ordered</c> (the reader executes LFENCE before
/// RDTSC, too), <c>negative-motion</c> (a delta whose upper bit is set counts as 0, as in Linux' vdso_calc_ns). Without either the reader takes the
/// difference as unsigned, as kernels did.
/// </remarks>
internal static unsafe class SeqcountClock
{
    private const uint DecodeConfiguration = 0xC001_1029;
    private const ulong LoadFenceSerialises = 2;
    private const ulong Mult = 7_456_540; // of 2250 MHz, shift 24
    private const uint OtherComplex = 4; // the first core of the second core complex: a line takes 81 ns from there
    private const int Shift = 24, Reads = 2_000;
    private const ulong Hour = 3_600_000_000_000;

    private static ClockPage s_page, s_handle;
    private static int s_stop;
    private static long s_least;
    private static bool s_ordered, s_clamped;

    [InlineArray(16)] private struct ClockPage { private ulong _first; }

    /// <summary>
    /// What the reader knows the clock by: a pointer, which shares its cache line with a counter that the timekeeper's processor writes all the
    /// time. The load of the pointer waits for the line, and the loads that depend on it too; an RDTSC behind them depends on nothing.
    /// </summary>
    private static ulong* Handle => (ulong*)Unsafe.AsPointer(ref s_handle);

    private static uint* Sequence => (uint*)Unsafe.AsPointer(ref s_page);

    private static ulong* CycleLast => (ulong*)Unsafe.AsPointer(ref s_page) + 1;

    private static ulong* Accumulated => CycleLast + 1;

    internal static int Run()
    {
        s_ordered = Options.Has("rdtsc_ordered"u8);
        s_clamped = Options.Has("negative-motion"u8);
        Machine.Wrmsr(DecodeConfiguration, Machine.Rdmsr(DecodeConfiguration) | LoadFenceSerialises);
        s_least = long.MaxValue;
        *Handle = (ulong)Sequence;
        Update();
        Smp.Start(OtherComplex, &Keep);
        while (Volatile.Read(ref *Sequence) < 8) Machine.Pause();
        ulong last = Now(), forward = 0, hours = 0, backward = 0, worst = 0;
        for (int i = 0; i < Reads; i++)
        {
            ulong now = Now();
            if (now < last)
            {
                backward++;
                if (last - now > worst) worst = last - now;
            }
            else if (now - last > forward)
            {
                forward = now - last;
            }
            if (now - last > Hour && now > last) hours++;
            last = now;
            for (int n = 0; n < 60 + i % 32; n++) Machine.Pause();
        }
        Volatile.Write(ref s_stop, 1);
        Smp.Join();
        Out.Line("reads: "u8, Reads, ""u8);
        Out.Write("smallest TSC - cycle_last: "u8);
        Out.Signed(s_least);
        Out.Line(" cycles"u8);
        Out.Line("updates: "u8, *Sequence / 2, ""u8);
        Out.Line("clock went backwards: "u8, backward, " times"u8);
        Out.Line("largest step backwards: "u8, worst, " ns"u8);
        Out.Line("jumped by more than an hour: "u8, hours, " times"u8);
        Out.Line("largest step forwards: "u8, forward, " ns"u8);
        return 0;
    }

    /// <summary>The timekeeper's processor.</summary>
    private static void Keep()
    {
        Machine.Wrmsr(DecodeConfiguration, Machine.Rdmsr(DecodeConfiguration) | LoadFenceSerialises);
        while (Volatile.Read(ref s_stop) == 0)
        {
            Update();
            for (int i = 0; i < 24; i++)
            {
                Machine.Pause();
                Volatile.Write(ref Handle[1], Handle[1] + 1);
            }
        }
    }

    private static void Update()
    {
        uint sequence = *Sequence;
        Volatile.Write(ref *Sequence, sequence + 1);
        ulong now = Machine.RdtscOrdered();
        ulong delta = *CycleLast == 0 ? 0 : now - *CycleLast;
        Volatile.Write(ref *CycleLast, now);
        Volatile.Write(ref *Accumulated, *Accumulated + delta * Mult);
        Volatile.Write(ref *Sequence, sequence + 2);
    }

    /// <summary>The reader: the shape of a vDSO's do_hres.</summary>
    private static ulong Now()
    {
        for (; ; )
        {
            ulong* clock = (ulong*)Volatile.Read(ref *Handle);
            uint sequence = Volatile.Read(ref *(uint*)clock);
            if ((sequence & 1) != 0) continue;
            ulong cycles = s_ordered ? Machine.RdtscOrdered() : Machine.Rdtsc();
            ulong last = Volatile.Read(ref clock[1]);
            ulong delta = cycles - last;
            ulong accumulated = Volatile.Read(ref clock[2]);
            if (s_clamped && (delta & 1UL << 62) != 0) delta = 0;
            // A delta beyond what 64 bits can hold is multiplied in 128, as kernels do since a long idle time must not overflow.
            ulong high = System.Math.BigMul(delta, Mult, out ulong low);
            ulong sum = low + accumulated;
            if (sum < low) high++;
            ulong time = high << (64 - Shift) | sum >> Shift;
            if (Volatile.Read(ref *(uint*)clock) == sequence)
            {
                if ((long)(cycles - last) < s_least) s_least = (long)(cycles - last);
                return time;
            }
        }
    }
}
