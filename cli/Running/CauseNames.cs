namespace CoSim.Cli.Running;

/// <summary>The causes of cycles in the words of the report (docs/attribution.md).</summary>
internal static class CauseNames
{
    /// <summary>The only cause on the functional engine, which has no pipeline.</summary>
    public static IReadOnlyList<string> Functional { get; } = ["functional"];

    public static IReadOnlyList<string> Detailed => Functional;
}
