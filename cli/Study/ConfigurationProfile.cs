namespace CoSim.Cli.Study;

/// <summary>All spans of one configuration: their lengths, and where their cycles went.</summary>
public sealed class ConfigurationProfile(StudyConfiguration configuration, int causes)
{
    private readonly Dictionary<ulong, InstructionProfile> _instructions = [];
    private readonly List<ulong> _samples = [];

    /// <summary>What was measured.</summary>
    public StudyConfiguration Configuration { get; } = configuration;

    /// <summary>Length of each span in core cycles, in the order of the calls.</summary>
    public IReadOnlyList<ulong> Samples => _samples;

    /// <summary>Cycles of spans that no retired instruction accounts for; 0, or the attribution has a fault.</summary>
    public ulong UnattributedCycles { get; private set; }

    /// <summary>Instructions that retired in the spans.</summary>
    public ulong InstructionsRetired { get; private set; }

    /// <summary>The instructions by address.</summary>
    public IEnumerable<InstructionProfile> Instructions => _instructions.Values.OrderBy(i => i.Address);

    /// <summary>Core cycles by cause over all instructions.</summary>
    public ulong[] CyclesByCause()
    {
        ulong[] sums = new ulong[causes];
        foreach (InstructionProfile instruction in _instructions.Values)
            for (int cause = 0; cause < causes; cause++)
                sums[cause] += instruction.CyclesByCause[cause];
        return sums;
    }

    /// <summary>The record of an address, made at its first use.</summary>
    private InstructionProfile At(ulong address, int core, ICodeReader? memory)
    {
        if (!_instructions.TryGetValue(address, out InstructionProfile? instruction))
            _instructions.Add(address, instruction = new InstructionProfile(address, _instructions.Count, causes, memory?.Read(core, address) ?? []));
        return instruction;
    }

    /// <summary>Takes over a span that has ended.</summary>
    /// <param name="span">The span.</param>
    /// <param name="cycles">Its length.</param>
    /// <param name="core">The core that it ran on.</param>
    /// <param name="memory">Reads the code that was executed; null for not at all.</param>
    internal void AddSpan(SpanInProgress span, ulong cycles, int core, ICodeReader? memory)
    {
        foreach ((ulong address, int cause, ulong part) in span.Charges)
            At(address, core, memory).Add(cause, part);
        foreach (ulong address in span.Retired)
            At(address, core, memory).CountRetirement();
        _samples.Add(cycles);
        InstructionsRetired += (ulong)span.Retired.Count;
        UnattributedCycles += cycles >= span.AttributedCycles ? cycles - span.AttributedCycles : span.AttributedCycles - cycles;
    }
}
