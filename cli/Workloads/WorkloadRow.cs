using CoSim.Cli.Study;

namespace CoSim.Cli.Workloads;

/// <summary>How a call that may wait ended.</summary>
public enum CallEnd
{
    /// <summary>It does not wait.</summary>
    AtOnce = 0,

    /// <summary>Its time was over.</summary>
    Expired = 1,

    /// <summary>Something else ended it before.</summary>
    Woken = 2,
}

/// <summary>What one row of the report is about: calls that take the same way.</summary>
/// <param name="Call">The call's name.</param>
/// <param name="Clock">Clock id; -1 for none.</param>
/// <param name="Library">Whether it goes through the vDSO.</param>
/// <param name="End">How it ended.</param>
public readonly record struct WorkloadRow(string Call, int Clock, bool Library, CallEnd End)
{
    /// <summary>The clock's name; empty for none.</summary>
    public string ClockName => Clock < 0 ? "" : ClockNames.Name(Clock);

    /// <summary>"vdso" or "syscall".</summary>
    public string Path => StudyWords.Path.Name(Library ? 0 : 1);

    /// <summary>"", "expired" or "woken".</summary>
    public string EndName => End switch { CallEnd.Expired => "expired", CallEnd.Woken => "woken", _ => "" };
}
