using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Library;

/// <summary>A bug of the library: a folder with the scenarios, and a page.</summary>
/// <param name="Id">Its number in the catalogue: <c>HW-10</c>.</param>
/// <param name="Directory">The folder with the scenarios.</param>
/// <param name="PagePath">Its page.</param>
internal sealed record BugEntry(string Id, string Directory, string PagePath)
{
    private const string TitleMark = "# ";

    /// <summary>The scenario that shows the bug.</summary>
    public string BugPath => Path.Combine(Directory, "bug.yaml");

    /// <summary>The scenario that shows its fix or workaround.</summary>
    public string FixedPath => Path.Combine(Directory, "fixed.yaml");

    /// <summary>The scenario that shows a workaround beside the fix; may be absent.</summary>
    public string WorkaroundPath => Path.Combine(Directory, "workaround.yaml");

    /// <summary>The scenario that shows the bug on an unmodified Linux kernel; may be absent.</summary>
    public string LinuxPath => Path.Combine(Directory, "linux.yaml");

    /// <summary>The scenario that shows the workaround on an unmodified Linux kernel; may be absent.</summary>
    public string LinuxFixedPath => Path.Combine(Directory, "linux-fixed.yaml");

    /// <summary>The scenario that shows an unmodified Linux kernel in which the bug is fixed; may be absent.</summary>
    public string LinuxNewerPath => Path.Combine(Directory, "linux-newer.yaml");

    /// <summary>The page's text.</summary>
    public string Page => File.ReadAllText(PagePath);

    /// <summary>One line that says what the bug is: the page's title without the number.</summary>
    /// <exception cref="BadInputException">The page has no title.</exception>
    public string Title
    {
        get
        {
            string mark = $"{TitleMark}{Id}: ", first = Page.Split('\n')[0].TrimEnd();
            return first.StartsWith(mark, StringComparison.Ordinal) ? first[mark.Length..] : throw new BadInputException(PagePath, "line 1", $"the page must begin with '{mark}' and a title");
        }
    }
}
