using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Memory;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>Makes the detailed engines of one machine, which share their caches below the second level.</summary>
public sealed class DetailedCores
{
    private readonly CoreParameters _parameters;
    private readonly InstructionTimings _timings;

    /// <summary>Reads the timing data and makes the shared caches.</summary>
    /// <param name="cores">Cores of the machine.</param>
    /// <param name="clock">Their clock, which turns latencies in nanoseconds into cycles.</param>
    /// <exception cref="DataFileException">A data file is malformed.</exception>
    public DetailedCores(int cores, Frequency clock)
        : this(cores, CoreParameters.Load(clock))
    {
    }

    /// <summary>The same with other parameters.</summary>
    /// <exception cref="DataFileException">The file of timings is malformed.</exception>
    public DetailedCores(int cores, CoreParameters parameters)
    {
        _parameters = parameters;
        _timings = InstructionTimings.Load();
        Caches = new CacheHierarchy(new MemoryParameters(_parameters), cores);
    }

    /// <summary>Caches, fabric and DRAM.</summary>
    public CacheHierarchy Caches { get; }

    /// <summary>Makes the engine of one core.</summary>
    /// <param name="core">The core.</param>
    /// <param name="probe">What watches it.</param>
    public DetailedEngine<TProbe> Create<TProbe>(CoreContext core, TProbe probe)
        where TProbe : struct, IDetailedProbe => new(core, Caches, _parameters, _timings, probe);
}
