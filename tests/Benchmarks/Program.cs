using System.Diagnostics;
using CoSim.Benchmarks;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;

if (args is ["idle", var cosim, var kernel, var busybox])
    return IdleCost.Run(cosim, kernel, busybox);
if (args is ["recording", var recorder])
    return RecordingCost.Run(recorder);
if (args.Length > 0)
    return LinuxComparison.Run(args);

// Prints one line per benchmark: million guest instructions per second of processor time.
const ulong warmUp = 20_000_000, measured = 400_000_000;

unsafe
{
    double[] speeds = new double[2];
    for (int way = 0; way < speeds.Length; way++)
    {
        BenchMachine machine = new(GuestMix.LoopAndCall());
        bool translates = way == 1 && machine.Core.Code.Translate(CodeCache.DefaultThreshold);
        FunctionalEngine engine = new(machine.Core, FunctionalRate.One);
        engine.Attach(0);
        engine.Run(warmUp);
        ulong executed = machine.Core.State->Executed;
        TimeSpan begin = Process.GetCurrentProcess().TotalProcessorTime;
        engine.Run(engine.NowCycles + measured);
        speeds[way] = (machine.Core.State->Executed - executed) / (Process.GetCurrentProcess().TotalProcessorTime - begin).TotalSeconds / 1e6;
        Console.WriteLine($"functional, {(translates ? "translated" : "portable")}, loop-and-call mix: {speeds[way]:F1} MIPS");
    }

    Console.WriteLine($"translated to portable: {speeds[1] / speeds[0]:F2}");

    const ulong detailedWarmUp = 1_000_000, detailedCycles = 6_000_000;
    BenchMachine detailed = new(GuestMix.LoopAndCall());
    using DetailedEngine<NoProbe> pipeline = new DetailedCores(1, Frequency.FromMegahertz(2250)).Create<NoProbe>(detailed.Core, default);
    pipeline.Attach(0);
    pipeline.Run(detailedWarmUp);
    ulong before = detailed.Core.State->Executed;
    TimeSpan start = Process.GetCurrentProcess().TotalProcessorTime;
    pipeline.Run(detailedWarmUp + detailedCycles);
    double seconds = (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
    ulong retired = detailed.Core.State->Executed - before;
    Console.WriteLine($"detailed, loop-and-call mix: {retired / seconds / 1e6:F2} MIPS, {(double)retired / detailedCycles:F2} instructions per cycle");
}

return 0;
