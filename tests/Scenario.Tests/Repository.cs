namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Finds files of the sources.</summary>
internal static class Repository
{
    /// <summary>The directory that has the solution.</summary>
    public static string Root
    {
        get
        {
            DirectoryInfo? at = new(AppContext.BaseDirectory);
            while (at is not null && !File.Exists(Path.Combine(at.FullName, "CoSim.sln")))
                at = at.Parent;
            return at!.FullName;
        }
    }
}
