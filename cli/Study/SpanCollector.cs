namespace CoSim.Cli.Study;

/// <summary>
/// Turns markers and retirements of the cores into profiles. A span runs from the retirement of its begin marker to the
/// retirement of its end marker on the same core; the cycles of a span are those between the two, and the same cycles are
/// charged, each once, to the instructions that retire after the begin marker, up to and including the end marker.
/// </summary>
public sealed class SpanCollector
{
    private readonly Dictionary<StudyConfiguration, ConfigurationProfile> _profiles = [];
    private readonly SpanInProgress[] _open;

    /// <summary>A collector for a machine.</summary>
    /// <param name="cores">Number of cores.</param>
    /// <param name="causes">Names of the causes that cycles are charged to.</param>
    public SpanCollector(int cores, IReadOnlyList<string> causes)
    {
        Causes = causes;
        _open = new SpanInProgress[cores];
        for (int core = 0; core < cores; core++)
            _open[core] = new SpanInProgress();
    }

    /// <summary>Names of the causes.</summary>
    public IReadOnlyList<string> Causes { get; }

    /// <summary>Reads the code that a span executed, at its end; null for not at all.</summary>
    public ICodeReader? Code { get; set; }

    /// <summary>The profiles in the order in which their first spans ended.</summary>
    public IReadOnlyCollection<ConfigurationProfile> Profiles => _profiles.Values;

    /// <summary>Spans that ended and count.</summary>
    public int Completed { get; private set; }

    /// <summary>Spans that were given up: a second begin, or an end without its begin (the process moved to another core).</summary>
    public int Abandoned { get; private set; }

    /// <summary>The profile of a configuration; null when none of its spans ended.</summary>
    public ConfigurationProfile? Find(StudyConfiguration configuration) => _profiles.GetValueOrDefault(configuration);

    /// <summary>Whether a span is open on a core, so that its retirements must be reported.</summary>
    public bool IsOpen(int core) => _open[core].IsOpen;

    /// <summary>A begin marker retired.</summary>
    public void Begin(int core, ulong packedId, ulong cycle)
    {
        if (_open[core].IsOpen)
            Abandoned++;
        if (packedId == SpanId.WarmUp)
            _open[core].Close();
        else
            _open[core].Open(packedId, cycle);
    }

    /// <summary>Cycles of a core are charged to an instruction.</summary>
    public void Charge(int core, ulong address, int cause, ulong cycles)
    {
        if (_open[core].IsOpen && cycles > 0)
            _open[core].Charge(address, cause, cycles);
    }

    /// <summary>Charges what has passed of a span and is not charged yet: for engines that do not attribute.</summary>
    public void ChargeRest(int core, ulong address, ulong cycle)
    {
        SpanInProgress span = _open[core];
        if (span.IsOpen)
            Charge(core, address, 0, cycle - span.StartCycle - span.AttributedCycles);
    }

    /// <summary>An instruction retired.</summary>
    public void Retire(int core, ulong address)
    {
        if (_open[core].IsOpen)
            _open[core].Retired.Add(address);
    }

    /// <summary>An end marker retired, after its own retirement and cycles were reported.</summary>
    public void End(int core, ulong packedId, ulong cycle)
    {
        if (packedId == SpanId.WarmUp)
            return;
        SpanInProgress span = _open[core];
        if (!span.IsOpen || span.PackedId != packedId)
        {
            Abandoned++;
            span.Close();
            return;
        }
        StudyConfiguration configuration = SpanId.Unpack(packedId).Configuration;
        if (!_profiles.TryGetValue(configuration, out ConfigurationProfile? profile))
            _profiles.Add(configuration, profile = new ConfigurationProfile(configuration, Causes.Count));
        profile.AddSpan(span, cycle - span.StartCycle, core, Code);
        span.Close();
        Completed++;
    }
}
