using CoSim.Cli.Options;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Running;

/// <summary>Finds what a scenario names and puts it into the machine's flash.</summary>
/// <param name="images">The images of the build.</param>
/// <param name="kernel">A Linux kernel that takes the place of the scenario's; null for the scenario's own.</param>
internal sealed class ScenarioFiles(GuestImages images, string? kernel)
{
    /// <summary>The image that the machine boots.</summary>
    public GuestImages Images => images;

    /// <summary>The files of the flash: what the firmware finds, and what it is told to do.</summary>
    /// <exception cref="BadInputException">A file is missing or cannot be used.</exception>
    public IEnumerable<FlashFile> FlashFiles(Scenario scenario)
    {
        BootFiles boot = scenario.System.Kind == SystemKind.Bare ? Bare(scenario) : Boot(scenario);
        IEnumerable<FlashFile> files = boot.FlashEntries.Where(e => e.Value.Length > 0).Select(e => new FlashFile(e.Key, e.Value));
        bool calls = scenario.Faults.Any(f => f.What is SystemManagementInterrupt { ByFirmware: true });
        FirmwareSettings firmware = calls ? scenario.Firmware with { SmmHandler = scenario.Firmware.SmmHandler ?? true } : scenario.Firmware;
        return firmware.ToFile() is { } setup ? files.Append(new FlashFile(FirmwareSettings.FileName, setup)) : files;
    }

    private BootFiles Bare(Scenario scenario)
    {
        ScenarioProgram program = scenario.Workload[0];
        string path = program.Source == ProgramSource.File ? Beside(program.Place, program.Words[0]) : images.ProgramPath(program.Words[0]);
        if (scenario.Workload.Count != 1 || !File.Exists(path))
            throw program.Place.Error($"'kind: bare' runs one of the build's guest programs, or one ELF file; there is none called '{program.Words[0]}'");
        return new BootFiles(File.ReadAllBytes(path), [], string.Join(' ', program.Words.Skip(1)));
    }

    private BootFiles Boot(Scenario scenario)
    {
        Initramfs initramfs = InitramfsOf(scenario);
        Dictionary<(ProgramSource, string), ProgramPackage> packages = [];
        List<IReadOnlyList<string>> jobs = [];
        foreach (ScenarioProgram program in scenario.Workload)
        {
            string name = program.Words[0];
            if (program.Source == ProgramSource.Initramfs)
            {
                if (initramfs.Listing.Has(name) == false)
                    throw program.Place.Error($"there is no '{name}' in the initramfs");
                jobs.Add(program.Words);
                continue;
            }
            if (!packages.TryGetValue((program.Source, name), out ProgramPackage? package))
                packages.Add((program.Source, name), package = Package(program));
            jobs.Add([package.GuestPath, .. program.Words.Skip(1)]);
        }
        foreach (IGrouping<string, ProgramPackage> same in packages.Values.GroupBy(p => p.GuestPath))
        {
            if (same.Select(p => p.HostPath).Distinct().Count() > 1)
                throw scenario.Place.Error($"workload: two programs are called '{Path.GetFileName(same.Key)}'");
        }
        InitJob job = new(jobs[^1], scenario.System.TimeNamespace, Echo: false) { Before = [.. jobs.SkipLast(1)] };
        if (scenario.System.Kind == SystemKind.Linux)
        {
            string file = KernelOf(scenario);
            job = job with { UserFiles = [.. scenario.System.Modules.Select(m => LinuxModules.Find(file, m))] };
            return BootFiles.ForLinux(images, LinuxKernel.Read(file), initramfs.Own, job, [.. packages.Values], scenario.System.Parameters);
        }
        BootFiles files = BootFiles.ForJob(images, job, [.. packages.Values], Parameters(scenario.System));
        return files with { Initramfs = [.. initramfs.Own, .. new byte[-initramfs.Own.Length & 3], .. files.Initramfs] };
    }

    /// <summary>The initramfs that a scenario names, and what there is in it and in that of the build.</summary>
    private Initramfs InitramfsOf(Scenario scenario)
    {
        byte[] ours = GuestImages.Read(images.InitramfsPath), own = [];
        if (scenario.System.Initramfs is { } named)
        {
            own = ReadAt(named.Place, () => InputFile.Read(Beside(named.Place, named.Path)));
            if (scenario.System.Kind == SystemKind.CoSim && !CpioListing.Read(own).IsWhole)
                throw named.Place.Error($"'{named.Path}' is not made of cpio archives in the newc format only: our operating system unpacks nothing else");
        }
        return new Initramfs(own, CpioListing.Read([.. ours, .. own]));
    }

    private static string Parameters(ScenarioSystem system) =>
        system.Semantics is { } version ? OsSemantics.Parameters(version, system.Parameters) : system.Parameters;

    private string KernelOf(Scenario scenario)
    {
        if (kernel is not null)
            return kernel;
        if (scenario.System.Kernel is not { } named)
            throw scenario.Place.Error("system: runs on a Linux kernel of yours; name it with --kernel FILE");
        string beside = Beside(named.Place, named.Path);
        return File.Exists(beside) ? beside : throw named.Place.Error($"there is no file '{beside}'");
    }

    private ProgramPackage Package(ScenarioProgram program) => ReadAt(
        program.Place,
        () => program.Source == ProgramSource.File ? ProgramPackage.Read(Rooted(Beside(program.Place, program.Words[0])), "") : Find(program));

    /// <summary>A program is a file beside the scenario, one of the build's guest programs, or one in PATH.</summary>
    private ProgramPackage Find(ScenarioProgram program)
    {
        string name = program.Words[0];
        string built = images.ProgramPath(name);
        string beside = Beside(program.Place, name);
        if (!name.Contains('/') && File.Exists(built))
            return ProgramPackage.ReadAs(built, name);
        if (name.Contains('/') || File.Exists(beside))
            return ProgramPackage.Read(Rooted(beside), "");
        string searchPath = Environment.GetEnvironmentVariable("PATH") ?? "";
        return searchPath.Split(':').Any(d => d.Length > 0 && File.Exists(Path.Combine(d, name)))
            ? ProgramPackage.Read(name, searchPath)
            : throw new BadInputException($"there is no program '{name}'", "not among the guest programs of the build, not beside the scenario, not in PATH");
    }

    /// <summary>A path from the folder of the file in which it stands.</summary>
    private static string Beside(YamlPlace place, string path) => Path.Combine(Path.GetDirectoryName(place.File) ?? "", path);

    /// <summary>A path that is not looked up in PATH.</summary>
    private static string Rooted(string path) => path.Contains('/') ? path : "./" + path;

    /// <summary>Reads a file that the scenario names; what is wrong with it is said with the place of its name.</summary>
    private static T ReadAt<T>(YamlPlace place, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (BadInputException e)
        {
            throw place.Error(e.Message);
        }
    }

    private sealed record Initramfs(byte[] Own, CpioListing Listing);
}
