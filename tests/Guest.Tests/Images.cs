using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>The images that the build made.</summary>
public static class Images
{
    /// <summary>The repository's root.</summary>
    public static string Root
    {
        get
        {
            DirectoryInfo? at = new(TestContext.CurrentContext.TestDirectory);
            while (at != null && !File.Exists(System.IO.Path.Combine(at.FullName, "CoSim.sln"))) at = at.Parent;
            return at?.FullName ?? throw new InvalidOperationException("the tests do not run below the repository");
        }
    }

    /// <summary>The path of an image.</summary>
    public static string Path(string name) => System.IO.Path.Combine(Root, "artifacts", "guest", name);

    /// <summary>The parsed image.</summary>
    public static ElfImage Load(string name) => ElfImage.Load(Path(name));
}
