using CoSim.Cli.Running;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>The programs of `cosim boot linux --exec`.</summary>
internal static class ProgramList
{
    /// <summary>The programs with their arguments, after checking what goes together.</summary>
    /// <exception cref="BadInputException">Options do not fit.</exception>
    public static IReadOnlyList<IReadOnlyList<string>> Of(BootLinuxChoice choice)
    {
        if (choice.Programs.Count == 0)
        {
            if (choice.Arguments.Length > 0)
                throw new BadInputException("ARGUMENT", $"'{choice.Arguments[0]}' needs --exec");
            if (choice.Json != null)
                throw new BadInputException("--json", "needs --exec");
            if (choice.Files.Count > 0)
                throw new BadInputException("--file", "needs --exec: the initramfs has its own files");
            // An image that is started as it is need not be Linux.
            return choice.Initrd != null || choice.Direct == LinuxProtocol.BzImage ? [] : throw new BadInputException("--initrd", "is needed without --exec: the machine has no disk");
        }
        if (choice.Arguments.Length == 0)
            return choice.Programs;
        return choice.Programs.Count == 1
            ? [[.. choice.Programs[0], .. choice.Arguments]]
            : throw new BadInputException("ARGUMENT", $"'{choice.Arguments[0]}': with several --exec, write arguments behind the file's name: --exec \"FILE ARGUMENT\"");
    }

    /// <summary>Refuses programs that would be the same file in the guest.</summary>
    /// <exception cref="BadInputException">Two of them have the same name.</exception>
    public static void CheckNames(ProgramPackage[] packages)
    {
        foreach (IGrouping<string, ProgramPackage> same in packages.GroupBy(p => p.GuestPath))
        {
            if (same.ElementAtOrDefault(1) is { } second)
                throw new BadInputException("--exec", $"'{same.First().HostPath}' and '{second.HostPath}' would both be {same.Key} in the guest");
        }
    }

    /// <summary>Names the programs of several that failed: the exit status tells only the first.</summary>
    public static void ReportFailures(IReadOnlyList<IReadOnlyList<string>> programs, GuestRun run, TextWriter error)
    {
        IReadOnlyList<ProgramOutcome> ended = run.Programs.Ended;
        for (int i = 0; programs.Count > 1 && i < ended.Count; i++)
        {
            if (ended[i].Status != 0)
                error.WriteLine($"cosim: --exec '{string.Join(' ', programs[i])}': exit status {ended[i].Status}");
        }
    }
}
