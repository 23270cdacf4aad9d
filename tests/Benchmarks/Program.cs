using System.Diagnostics;
using CoSim.Benchmarks;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;

// Prints one line per benchmark: million guest instructions per second of processor time.
const ulong warmUp = 20_000_000, measured = 400_000_000;

unsafe
{
    BenchMachine machine = new(GuestMix.LoopAndCall());
    FunctionalEngine engine = new(machine.Core, FunctionalRate.One);
    engine.Attach(0);
    engine.Run(warmUp);
    ulong before = machine.Core.State->Executed;
    TimeSpan start = Process.GetCurrentProcess().TotalProcessorTime;
    engine.Run(engine.NowCycles + measured);
    double seconds = (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
    Console.WriteLine($"functional, loop-and-call mix: {(machine.Core.State->Executed - before) / seconds / 1e6:F1} MIPS");

    const ulong detailedWarmUp = 1_000_000, detailedCycles = 6_000_000;
    BenchMachine detailed = new(GuestMix.LoopAndCall());
    using DetailedEngine<NoProbe> pipeline = new DetailedCores(1, Frequency.FromMegahertz(2250)).Create<NoProbe>(detailed.Core, default);
    pipeline.Attach(0);
    pipeline.Run(detailedWarmUp);
    before = detailed.Core.State->Executed;
    start = Process.GetCurrentProcess().TotalProcessorTime;
    pipeline.Run(detailedWarmUp + detailedCycles);
    seconds = (Process.GetCurrentProcess().TotalProcessorTime - start).TotalSeconds;
    ulong retired = detailed.Core.State->Executed - before;
    Console.WriteLine($"detailed, loop-and-call mix: {retired / seconds / 1e6:F2} MIPS, {(double)retired / detailedCycles:F2} instructions per cycle");
}
