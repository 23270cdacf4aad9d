using CoSim.Guest;

namespace CoSim.Os.Programs.ClockStudy;

/// <summary>Calls clock_gettime between markers.</summary>
public static unsafe class Measurement
{
    /// <summary>Calls before the measured ones: they bring caches, predictors and lazily mapped pages into their steady state.</summary>
    private const int WarmUpCalls = 16;

    private const uint PathVdso = 0, CacheCold = 1;

    /// <summary>Measures every clock, path and cache state under a clocksource in the namespace of this process.</summary>
    /// <returns>0, or 1 when something could not be measured.</returns>
    public static int RunAll(Plan* plan, uint source, uint space)
    {
        int status = 0;
        for (int path = 0; path < plan->Paths.Count; path++)
            for (int clock = 0; clock < plan->Clocks.Count; clock++)
                for (int cache = 0; cache < plan->Caches.Count; cache++)
                    status |= Run(plan, plan->Clocks[clock], source, space, plan->Paths[path], plan->Caches[cache]);
        return status;
    }

    private static int Run(Plan* plan, uint clock, uint source, uint space, uint path, uint cache)
    {
        long* time = plan->Time;
        ulong span = clock | source << 8 | space << 16 | path << 20 | cache << 24;
        if (path == PathVdso && plan->VdsoClockGettime == null)
        {
            Text.Complain(Linux.Text("clockstudy: no vDSO for span "u8), Linux.Text(""u8), (long)span);
            return 1;
        }
        // The tick must not fall into the first calls because writing to the console took so long: warm up right before.
        if (plan->Detailed) Marker.Detailed(0);
        long error = 0;
        for (int i = 0; i < WarmUpCalls; i++) error |= Call(plan, WarmUpSpan, clock, path, time);
        for (uint i = 0; i < plan->Calls; i++)
        {
            if (cache == CacheCold) Marker.Cold(0);
            error |= Call(plan, span | (ulong)i << 32, clock, path, time);
        }
        if (plan->Detailed) Marker.Functional(0);
        if (error != 0)
        {
            Text.Complain(Linux.Text("clockstudy: clock_gettime failed, span "u8), Linux.Text(""u8), (long)span);
            return 1;
        }
        Report(clock, source, space, path, cache, time);
        return 0;
    }

    /// <summary>The span of warm-up calls, which the simulator ignores: all ones.</summary>
    private const ulong WarmUpSpan = ulong.MaxValue;

    // Warm-up calls take the same way as measured ones, so that the predictors have seen all of it.
    private static long Call(Plan* plan, ulong span, uint clock, uint path, long* time) => path == PathVdso
        ? Marker.MeasureCall(span, plan->VdsoClockGettime, clock, time)
        : Marker.MeasureSystemCall(span, Linux.ClockGettimeNumber, clock, time);

    private static void Report(uint clock, uint source, uint space, uint path, uint cache, long* time)
    {
        byte* line = Text.Line;
        byte* at = Number(line, "clock "u8, clock);
        at = Text.Append(at, source == 0 ? Linux.Text(" tsc"u8) : source == 1 ? Linux.Text(" hpet"u8) : Linux.Text(" acpi_pm"u8));
        at = Text.Append(at, space == 0 ? Linux.Text(" root"u8) : Linux.Text(" child"u8));
        at = Text.Append(at, path == 0 ? Linux.Text(" vdso"u8) : Linux.Text(" syscall"u8));
        at = Text.Append(at, cache == 0 ? Linux.Text(" warm"u8) : Linux.Text(" cold"u8));
        at = Number(at, ": "u8, time[0]);
        at = Number(at, " s "u8, time[1]);
        Text.Append(at, Linux.Text(" ns\n"u8));
        Text.Print(line);
    }

    private static byte* Number(byte* to, System.ReadOnlySpan<byte> before, long value) => Text.AppendNumber(Text.Append(to, Linux.Text(before)), value);
}
