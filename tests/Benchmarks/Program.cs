using System.Diagnostics;
using CoSim.Benchmarks;
using CoSim.Hw.Zen2Core.Functional;

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
}
