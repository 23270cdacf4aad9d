using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>Adds up core cycles by cause and by address, of a recorded run or of one that it drove. Every cycle has one cause and belongs to one instruction.</summary>
internal sealed class PathCosts
{
    private readonly Dictionary<ulong, (ulong Instructions, ulong Cycles)> _byAddress = [];
    private CycleCounts _causes;

    /// <summary>Instructions.</summary>
    public ulong Instructions { get; private set; }

    /// <summary>Cycles by cause.</summary>
    public ref readonly CycleCounts Causes => ref _causes;

    /// <summary>Cycles in which no core waited for an interrupt.</summary>
    public ulong Awake => _causes.Total - _causes[CycleCause.Halted];

    /// <summary>Cycles whose number the model has to find out: a driven run takes waits and devices' answers from the recording.</summary>
    public ulong Modelled => Awake - _causes[CycleCause.Device];

    /// <summary>Adds an instruction, or the delivery of an interrupt in its place.</summary>
    public void Add(bool isDelivery, ulong rip, in CycleCounts cycles)
    {
        ulong total = cycles.Total;
        if (total != 0)
            _causes.Add(in cycles);
        ref (ulong Instructions, ulong Cycles) sum = ref CollectionsMarshal.GetValueRefOrAddDefault(_byAddress, rip, out _);
        sum = (sum.Instructions + (isDelivery ? 0u : 1), unchecked(sum.Cycles + total));
        Instructions += isDelivery ? 0u : 1;
    }

    /// <summary>Adds a recorded event, if it is an instruction or a delivery of the detailed engine.</summary>
    public void Add(in TraceEvent e)
    {
        if (e.Kind.Name is not ("retire" or "deliver"))
            return;
        const int rip = 1, firstCause = 3;
        CycleCounts cycles = default;
        int causes = Math.Min(CycleCauses.Count, e.Kind.FieldCount - firstCause);
        ((ReadOnlySpan<ulong>)e.Values).Slice(firstCause, causes).CopyTo(cycles);
        Add(e.Kind.Name == "deliver", e.Values[rip], in cycles);
    }

    /// <summary>The same by the functions that the addresses lie in.</summary>
    public Dictionary<string, (ulong Instructions, ulong Cycles)> BySymbol(TraceSymbols names)
    {
        Dictionary<string, (ulong Instructions, ulong Cycles)> costs = new(StringComparer.Ordinal);
        foreach ((ulong address, (ulong instructions, ulong cycles)) in _byAddress)
        {
            string name = SymbolCosts.NameOf(names, address);
            (ulong sum, ulong before) = costs.GetValueOrDefault(name);
            costs[name] = (sum + instructions, unchecked(before + cycles));
        }

        return costs;
    }
}
