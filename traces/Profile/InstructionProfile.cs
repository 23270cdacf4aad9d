using CoSim.Traces.Format;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Profile;

/// <summary>What instructions at one address, called along one path, cost.</summary>
/// <param name="Address">The instructions' address.</param>
/// <param name="Callers">Addresses of the calls that led there, the innermost first.</param>
/// <param name="Values">Instructions, core cycles, then cycles by cause in the order of <see cref="InstructionProfile.Causes"/>.</param>
public sealed record ProfileEntry(ulong Address, IReadOnlyList<ulong> Callers, IReadOnlyList<ulong> Values);

/// <summary>Adds up the instructions of a trace. The cycles of an instruction are those since the core's retirement before; all of them together are the cycles that passed.</summary>
public sealed class InstructionProfile
{
    /// <summary>CR3 without PCID and flags, and without the bit by which Linux' two page tables of a process differ.</summary>
    private const ulong SpaceMask = 0x000F_FFFF_FFFF_E000;

    private const int FixedValues = 2;

    private readonly CallStacks? _stacks;
    private readonly Dictionary<(int Node, ulong Address), ulong[]> _entries = [];
    private readonly Dictionary<ulong, ulong> _cycles = [];

    /// <summary>An empty profile.</summary>
    /// <param name="symbols">Names of addresses; learns from the events.</param>
    /// <param name="withCallers">Whether callers are told apart.</param>
    public InstructionProfile(TraceSymbols symbols, bool withCallers)
    {
        Symbols = symbols;
        _stacks = withCallers ? new CallStacks(Code) : null;
    }

    /// <summary>Names of addresses.</summary>
    public TraceSymbols Symbols { get; }

    /// <summary>The instructions.</summary>
    public CodeBook Code { get; } = new();

    /// <summary>Names of the causes, as the trace's header has them.</summary>
    public IReadOnlyList<string> Causes { get; private set; } = [];

    /// <summary>Whether any instruction was taken.</summary>
    public bool IsEmpty => _entries.Count == 0;

    /// <summary>What each address cost, by callers and address.</summary>
    public IEnumerable<ProfileEntry> Entries => _entries.OrderBy(e => e.Key.Address).ThenBy(e => e.Key.Node)
        .Select(e => new ProfileEntry(e.Key.Address, CallersOf(e.Key.Node), e.Value));

    /// <summary>The sum of a value over all entries; see <see cref="ProfileEntry.Values"/>.</summary>
    public ulong Total(int value)
    {
        ulong total = 0;
        foreach (ulong[] values in _entries.Values)
            total = unchecked(total + values[value]);
        return total;
    }

    /// <summary>Takes the next event.</summary>
    public void Take(in TraceEvent e)
    {
        switch (e.Kind.Packing)
        {
            case Packing.Instruction:
            case Packing.Delivery:
                Charge(in e);
                break;
            case Packing.None:
                Code.Take(in e);
                Symbols.Take(in e);
                if (e.Kind.Name == "address-space")
                    _stacks?.Switch(e.Core, e.Number("cr3") & SpaceMask);
                break;
        }
    }

    /// <summary>The name that a function has in stacks: the symbol, or the address of code without one.</summary>
    public string NameOf(ulong address) => Symbols.Find(address)?.Symbol ?? $"0x{address:x}";

    private void Charge(in TraceEvent e)
    {
        ulong core = e.Values[InstructionLayout.Core], rip = e.Values[InstructionLayout.Rip], cycle = e.Values[InstructionLayout.Cycle];
        int causes = e.Kind.FieldCount - InstructionLayout.FirstCause;
        if (Causes.Count < causes)
            Causes = [.. e.Kind.Fields.Skip(InstructionLayout.FirstCause).Select(f => f.Name)];
        int node = _stacks?.Take((int)core, rip) ?? 0;
        if (!_entries.TryGetValue((node, rip), out ulong[]? values))
        {
            values = new ulong[FixedValues + EventValues.Count];
            _entries.Add((node, rip), values);
        }

        ulong total = 0;
        for (int i = 0; i < causes; i++)
        {
            ulong cycles = e.Values[InstructionLayout.FirstCause + i];
            total = unchecked(total + cycles);
            values[FixedValues + i] = unchecked(values[FixedValues + i] + cycles);
        }

        values[0] += e.Kind.Packing == Packing.Instruction ? 1u : 0;
        values[1] = unchecked(values[1] + (_cycles.TryGetValue(core, out ulong before) ? cycle - before : total));
        _cycles[core] = cycle;
    }

    private List<ulong> CallersOf(int node)
    {
        List<ulong> callers = [];
        for (int at = node; at > 0; at = _stacks![at].Parent)
            callers.Add(_stacks![at].Site);
        return callers;
    }
}
