using CoSim.Os.Loader;

namespace CoSim.Cli.Snippets;

/// <summary>Where a snippet was written down, to say where a mistake is: on the command line, or in a line of a file.</summary>
/// <param name="File">The file; null for the command line.</param>
/// <param name="Line">The line, from 1.</param>
internal sealed record SnippetPlace(string? File, int Line)
{
    /// <summary>The command line.</summary>
    public static SnippetPlace CommandLine { get; } = new(null, 0);

    /// <summary>The error for an option (a member, in a file) with an unusable value.</summary>
    /// <param name="option">The option's name without dashes, for example <c>max-instructions</c>.</param>
    /// <param name="value">What the user wrote; null when the option itself is the mistake.</param>
    /// <param name="cause">What is wrong, without a full stop.</param>
    public BadInputException Wrong(string option, string? value, string cause)
    {
        string name = File is null ? option == "CODE" ? option : "--" + option : option == "CODE" ? "code" : SnippetMembers.NameOf(option);
        string what = value is null ? name : $"{name} '{Shortened(value)}'";
        return File is null ? new BadInputException(what, cause) : new BadInputException(File, $"line {Line}", $"{what}: {cause}");
    }

    private static string Shortened(string value)
    {
        const int longest = 60;
        return value.Length <= longest ? value : value[..longest] + "...";
    }
}
