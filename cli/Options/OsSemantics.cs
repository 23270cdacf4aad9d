using System.CommandLine;

namespace CoSim.Cli.Options;

/// <summary>--os-semantics: the Linux version whose rules our operating system follows where they have changed.</summary>
internal static class OsSemantics
{
    /// <summary>The version that is followed unless another one is named.</summary>
    public const string Default = "6.1";

    private static readonly string[] s_versions = ["3.4", "5.6", "5.10", "6.1.190", Default, "6.12", "6.15"];

    /// <summary>The versions, oldest first.</summary>
    public static IReadOnlyList<string> Versions => s_versions;

    /// <summary>The option; its value is a version.</summary>
    public static Option<string> Create() => new("--os-semantics")
    {
        Description = $"Linux version whose rules of time namespaces, futexes, coarse clocks and leap seconds our operating system follows: {string.Join(", ", s_versions)}.",
        HelpName = "VERSION",
        DefaultValueFactory = _ => Default,
        CustomParser = result => s_versions.Contains(MachineOptions.Word(result), StringComparer.Ordinal)
            ? MachineOptions.Word(result)
            : MachineOptions.Fail<string>(result, $"there are {string.Join(", ", s_versions)}"),
    };

    /// <summary>Adds the kernel parameter for a version to others; the default needs none.</summary>
    public static string Parameters(string version, string others) => version == Default ? others : $"{others} os_semantics={version}".TrimStart();
}
