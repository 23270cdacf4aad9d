using System.Globalization;
using CoSim.Cli.Trace;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Os.Loader;
using CoSim.Traces.Driven;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>Times a trace again by driving the pipelines of its cores with it: no machine is made and nothing is executed.</summary>
internal static class DrivenTiming
{
    private const int MostCores = 64;

    /// <summary>Times it with its own parameters and, if there are changes, with these.</summary>
    /// <param name="path">The trace's file, for messages.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="changes">What is to be other than in the recording.</param>
    /// <exception cref="BadInputException">The trace does not say enough, or a parameter cannot be changed so.</exception>
    public static DrivenComparison Of(string path, TraceReader trace, IReadOnlyList<ParameterChange> changes)
    {
        if (!PathFeed.CanDrive(trace))
            throw new BadInputException(path, "it does not say what a timing model needs: record with --engine detailed --level retire, or execute it again with --execute");
        EpycModel model = EpycModel.Find(trace.Header.Fact("machine.model") ?? "") ?? throw new BadInputException(path, "it names no processor that is known");
        Frequency clock = trace.Header.CoreClock ?? throw new BadInputException(path, "it does not state the cores' clock");
        if (!int.TryParse(trace.Header.Fact("machine.cores"), NumberStyles.None, CultureInfo.InvariantCulture, out int cores) || cores is < 1 or > MostCores)
            throw new BadInputException(path, "it does not state the number of cores");
        IReadOnlyList<ParameterChange> recorded = RunFacts.ParametersOf(trace.Header);
        CoreParameters before = ParameterChange.Apply(model, recorded) ?? CoreParameters.Load(model.Base);
        CoreParameters? then = changes.Count == 0 ? null : ParameterChange.Apply(model, ParameterChange.Merge(recorded, changes));
        try
        {
            TraceSymbols names = TraceSymbols.Of(trace);
            PathCosts truth = new();
            (PathCosts driven, ulong mispredictions, ulong unknown) = Drive(trace, (cores, clock, before), (in TraceEvent e) =>
            {
                names.Take(in e);
                truth.Add(in e);
            });
            PathCosts? changed = then == null ? null : Drive(trace, (cores, clock, then), (in TraceEvent _) => { }).Costs;
            return new DrivenComparison(truth, driven, changed, names, mispredictions, unknown);
        }
        catch (PathException e)
        {
            throw new BadInputException(path, e.Message);
        }
    }

    private static (PathCosts Costs, ulong Mispredictions, ulong Unknown) Drive(TraceReader trace, (int Count, Frequency Clock, CoreParameters Parameters) cores, RecordedEvent onEvent)
    {
        PathCosts costs = new();
        void Retire(int core, bool isDelivery, ulong rip, ulong cycle, in CycleCounts cycles) => costs.Add(isDelivery, rip, in cycles);
        using DrivenRun run = new(new PathFeed(trace, onEvent), cores.Count, cores.Clock, cores.Parameters, Retire);
        run.Run();
        return (costs, run.Mispredictions, run.Unknown);
    }
}
