using CoSim.Cli.Options;

namespace CoSim.Cli.Study;

/// <summary>Everything that a study found.</summary>
/// <param name="System">The operating system's name.</param>
/// <param name="Machine">The machine that was measured.</param>
/// <param name="Study">What was asked for.</param>
/// <param name="Spans">The measurements.</param>
/// <param name="Code">Names the addresses.</param>
public sealed record StudyReport(string System, MachineChoice Machine, StudyChoice Study, SpanCollector Spans, ICodeMap Code)
{
    /// <summary>The profiles in the order of the table; configurations without a single call are left out.</summary>
    public IEnumerable<ConfigurationProfile> Rows => Study.Configurations().Select(Spans.Find).OfType<ConfigurationProfile>();

    /// <summary>Configurations of which no call was measured.</summary>
    public IEnumerable<StudyConfiguration> Missing => Study.Configurations().Where(c => Spans.Find(c) == null);

    /// <summary>Cycles that could not be attributed, over all configurations; anything but 0 is a fault of the simulator.</summary>
    public ulong UnattributedCycles
    {
        get
        {
            ulong sum = 0;
            foreach (ConfigurationProfile profile in Spans.Profiles)
                sum += profile.UnattributedCycles;
            return sum;
        }
    }
}
