using System.CommandLine;
using CoSim.Os.Loader;

namespace CoSim.Cli.Options;

/// <summary>--file: files of the host that come along into the machine's file system.</summary>
internal static class FileOption
{
    /// <summary>The option; its values are HOST or HOST:GUEST.</summary>
    public static Option<string[]> Create() => new("--file")
    {
        Description = "Bring a file along, or a folder with all that is in it: HOST:GUEST with an absolute path in the guest (a folder's when it ends with '/'); "
            + "without GUEST it is in the working directory, '/'. HOST may be a program in PATH. May be given several times.",
        HelpName = "HOST[:GUEST]",
        Arity = ArgumentArity.OneOrMore,
        DefaultValueFactory = _ => [],
    };

    /// <summary>Reads the files.</summary>
    /// <param name="values">What the user wrote.</param>
    /// <param name="programs">Programs that come along too.</param>
    /// <exception cref="BadInputException">A file is missing, or has a path in the guest that it cannot have.</exception>
    public static IReadOnlyList<GuestFile> Read(IEnumerable<string> values, IEnumerable<ProgramPackage> programs)
    {
        string searchPath = Environment.GetEnvironmentVariable("PATH") ?? "";
        GuestFile[] files = [.. values.SelectMany(v => GuestFile.Read(v, searchPath))];
        GuestFile.CheckPaths(files, programs);
        return files;
    }
}
