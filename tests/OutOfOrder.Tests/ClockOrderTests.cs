using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>When RDTSC reads the clock beside an older load that misses, cycle by cycle (bug HW-06 of the library).</summary>
[NonParallelizable]
public sealed unsafe class ClockOrderTests
{
    private const ulong ColdLine = 0x40_0000;

    /// <summary>A load that misses, LFENCE, RDTSC: the stages of their first micro-ops.</summary>
    private static Dictionary<string, StageCycles> Run(bool serialises)
    {
        PipelineProbe.Seen.Clear();
        using DetailedMachine<PipelineProbe> machine = new();
        MsrTable.Set(machine.State, MsrNumbers.DecodeConfiguration, serialises ? 2UL : 0);
        Dictionary<ulong, string> places = [];
        byte[] load = DetailedMachine<PipelineProbe>.Assemble(a => a.mov(rbx, __[ColdLine]), DetailedMachine<PipelineProbe>.CodeAddress);
        ulong fence = DetailedMachine<PipelineProbe>.CodeAddress + (ulong)load.Length;
        const ulong fenceLength = 3;
        places[DetailedMachine<PipelineProbe>.CodeAddress] = "load";
        places[fence] = "lfence";
        places[fence + fenceLength] = "rdtsc";
        machine.Code(a =>
        {
            a.mov(rbx, __[ColdLine]);
            a.lfence();
            a.rdtsc();
            a.hlt();
        });
        machine.Run();
        Dictionary<string, StageCycles> stages = [];
        foreach ((ulong rip, StageCycles at) in PipelineProbe.Seen)
        {
            if (places.TryGetValue(rip, out string? name) && stages.TryAdd(name, at))
                TestContext.Out.WriteLine($"{name,-7} dispatch {at.Dispatch,5} issue {at.Issue,5} complete {at.Complete,5} retire {at.Retire,5}");
        }

        return stages;
    }

    [Test]
    public void WithoutDeCfgRdtscReadsTheClockBeforeAnOlderLoadHasItsValue()
    {
        Dictionary<string, StageCycles> stages = Run(serialises: false);
        Assert.That(stages["rdtsc"].Issue + 50, Is.LessThan(stages["load"].Complete), "the load comes from DRAM");
        Assert.That(stages["rdtsc"].Retire, Is.GreaterThanOrEqualTo(stages["load"].Retire), "in program order all the same");
    }

    [Test]
    public void WithDeCfgLfenceHoldsItsDispatchBackUntilTheLoadHasRetired()
    {
        Dictionary<string, StageCycles> stages = Run(serialises: true);
        Assert.That(stages["rdtsc"].Dispatch, Is.GreaterThan(stages["load"].Retire));
        Assert.That(stages["rdtsc"].Issue, Is.GreaterThan(stages["load"].Complete));
    }

    private struct PipelineProbe : IDetailedProbe
    {
        public static readonly List<(ulong Rip, StageCycles At)> Seen = [];

        public static bool WatchesRetirement => false;

        public static bool WatchesMicroOps => true;

        public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles)
        {
        }

        public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
        {
        }

        public readonly void OnMarker(byte code, ulong argument, ulong cycle)
        {
        }

        public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages) => Seen.Add((rip, stages));
    }
}
