using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Commands;

/// <summary>`cosim boot linux`: boots an unmodified Linux kernel through our firmware.</summary>
internal static class BootLinuxCommand
{
    private static readonly string[] Examples =
    [
        "cosim boot linux --kernel /boot/vmlinuz --append cryptomgr.notests --exec busybox -- cat /proc/interrupts",
        "cosim boot linux --kernel /boot/vmlinuz --cores 4 --exec ./timens --exec './timer -v' --json result.json",
        "cosim boot linux --kernel vmlinux --initrd initramfs.cpio.gz --cores 4 --memory 512M",
        "cosim boot linux --direct --kernel /boot/vmlinuz --exec 'busybox dmesg'",
        "cosim boot linux --gdb --kernel vmlinux --append nokaslr            then: gdb -ex 'target remote :1234' vmlinux",
        "cosim boot linux --kernel vmlinuz --detailed-from run_init_process --exec busybox -- date",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "linux",
            "Boot an unmodified Linux kernel, with this terminal as its serial console. With --exec the exit status is the program's, or the first that is not 0 of several programs'.",
            Examples);
        MachineOptions machine = new(EngineKind.Functional, CoSim.Hw.Board.Machine.MaxCores);
        Option<string> kernel = new("--kernel") { Description = "The kernel: a bzImage (vmlinuz) or a vmlinux with a PVH entry.", HelpName = "FILE", Required = true };
        Option<string?> initrd = new("--initrd") { Description = "The initramfs.", HelpName = "FILE" };
        Option<string> append = new("--append")
        {
            Description = "Kernel parameters; console=ttyS0 and panic=-1 are added unless they say otherwise.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        Option<LinuxProtocol?> direct = DirectOption();
        Option<string?> systemMap = StudySystemOptions.SystemMap();
        Option<string[]> programs = new("--exec")
        {
            Description = "Run a static program in place of the initramfs' init, and power off. Given several times, all programs run in that order; "
                + "arguments stand behind the file's name, in quotes where they have spaces: --exec \"prog -n 'two words'\".",
            HelpName = "FILE",
            DefaultValueFactory = _ => [],
        };
        Option<string?> json = new("--json") { Description = "With --exec, write each program's exit status and output to a file, as JSON.", HelpName = "FILE" };
        Option<string[]> files = FileOption.Create();
        Option<bool> verbose = new("--verbose") { Description = "With --exec, show the console from the firmware's first line; name what is not modelled." };
        Argument<string[]> arguments = new("ARGUMENT")
        {
            Description = "Arguments of the only program of --exec; write them after '--'.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Add(arguments);
        foreach (Option option in (Option[])[kernel, initrd, append, systemMap, direct, programs, files, json, verbose])
            command.Add(option);
        machine.AddTo(command);
        RunOptions options = new(new RecordOptions(isPurpose: false));
        options.AddTo(command);
        command.SetAction(parsed => Execute(
            new BootLinuxChoice(
                machine.Read(parsed),
                parsed.GetRequiredValue(kernel),
                parsed.GetValue(initrd),
                parsed.GetRequiredValue(append),
                parsed.GetValue(systemMap),
                parsed.GetValue(direct),
                [.. (parsed.GetValue(programs) ?? []).Select(p => ProgramWords.Split("--exec", p))],
                parsed.GetValue(arguments) ?? [],
                parsed.GetValue(json),
                parsed.GetValue(verbose),
                options.Read(parsed, alwaysLog: parsed.GetValue(verbose) || parsed.GetValue(programs) is not { Length: > 0 }))
            {
                Files = parsed.GetRequiredValue(files),
            },
            error));
        return command;
    }

    private static int Execute(BootLinuxChoice choice, TextWriter error)
    {
        IReadOnlyList<IReadOnlyList<string>> programs = ProgramList.Of(choice);
        LinuxImage? direct = choice.Direct is null ? null : LinuxImage.Read(choice.Kernel);
        byte[] kernel = direct?.Vmlinux ?? LinuxKernel.Read(choice.Kernel);
        string searchPath = Environment.GetEnvironmentVariable("PATH") ?? "";
        ProgramPackage[] packages = [.. programs.Select(p => p[0]).Distinct().Select(name => ProgramPackage.Read(name, searchPath))];
        ProgramList.CheckNames(packages);
        GuestRunSpec spec = Prepare(choice, kernel, programs, packages);
        MemoryLayout layout = DirectBoot.LayoutOf(choice.Machine);
        DirectImage? image = direct is null ? null : LinuxLoader.Load(direct, spec.Files.Initramfs, spec.Files.CommandLine, choice.Direct!.Value, layout);
        bool unknown = kernel.Length == 0; // an image without a vmlinux inside
        CodePlaces places = unknown ? new CodePlaces() : new CodePlaces().AddKernel(choice.Kernel, kernel, choice.SystemMap);
        RecordedCode? code = !unknown && choice.Run.Record?.Level >= TraceLevel.Retire ? RecordedCode.Linux(GuestImages.Above(AppContext.BaseDirectory), kernel, choice.SystemMap, packages) : null;
        foreach (ProgramPackage package in packages)
            places.Add(package.HostPath, package.Content);
        RunPlan plan = choice.Run.Plan(places);
        if (choice.Json != null)
            WholeFile.CheckWritable(choice.Json);
        GuestRun? ended = null;
        int status = TerminalRun.Execute(
            (output, input) =>
            {
                ended = image is null ? new(spec, output, input) : DirectBoot.Run(choice.Machine, layout, image, output, input);
                (ended.HasOwnInit, ended.Code) = (programs.Count == 0, code);
                plan.ApplyTo(ended);
                return ended;
            },
            choice.Verbose || programs.Count == 0,
            choice.Run,
            error);
        ProgramList.ReportFailures(programs, ended!, error);
        if (choice.Json != null)
            WholeFile.Write(choice.Json, stream => BootReport.Write(choice.Machine, programs, ended!, status, stream));
        return status;
    }

    private static Option<LinuxProtocol?> DirectOption() => new("--direct")
    {
        Description = "Boot without our firmware; the host sets up the platform and writes the ACPI tables. Protocol: 'linux' (the 64-bit boot protocol), "
            + "'pvh', or 'bzimage' (the kernel decompresses itself; also for programs that are no Linux, such as memtest86+). [default: linux, when the option is given]",
        HelpName = "PROTOCOL",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => MachineOptions.Word(result) switch
        {
            "" or "linux" => LinuxProtocol.Linux64,
            "pvh" => LinuxProtocol.Pvh,
            "bzimage" => LinuxProtocol.BzImage,
            _ => MachineOptions.Fail<LinuxProtocol?>(result, "must be 'linux', 'pvh' or 'bzimage'"),
        },
    };

    private static GuestRunSpec Prepare(BootLinuxChoice choice, byte[] kernel, IReadOnlyList<IReadOnlyList<string>> programs, ProgramPackage[] packages)
    {
        byte[] initramfs = choice.Initrd is null ? [] : InputFile.Read(choice.Initrd);
        InitJob? job = null;
        if (programs.Count > 0)
        {
            IReadOnlyList<IReadOnlyList<string>> words = [.. programs.Select(p => (IReadOnlyList<string>)["/bin/" + Path.GetFileName(p[0]), .. p.Skip(1)])];
            job = new(words[^1], null, Echo: !Console.IsInputRedirected) { Before = [.. words.SkipLast(1)], UserFiles = FileOption.Read(choice.Files, packages) };
        }
        // What the kernel prints after our init has started would stand in the program's output.
        string parameters = job is null || choice.Verbose ? choice.Append : $"quiet {choice.Append}".TrimEnd();
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        return new GuestRunSpec(
            choice.Machine,
            choice.Machine.Engine,
            BootFiles.ForLinux(images, kernel, initramfs, job, packages, parameters),
            GuestImages.Read(images.FirmwarePath),
            DetailedEngines.For(choice.Machine.Model, choice.Machine.Cores, choice.Run.Record?.Level));
    }
}

/// <summary>What the user chose for `cosim boot linux`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Initrd">The initramfs' file; null for none.</param>
/// <param name="Append">Kernel parameters.</param>
/// <param name="SystemMap">The System.map's file, for places that are symbols; null for the kernel's own symbols.</param>
/// <param name="Direct">How the kernel is started without firmware; null for our firmware.</param>
/// <param name="Programs">Programs to run as the only job, each with its arguments; none to run the initramfs' own init.</param>
/// <param name="Arguments">Further arguments of the only program.</param>
/// <param name="Json">Where a report is written; null for nowhere.</param>
/// <param name="Verbose">Whether everything is shown.</param>
/// <param name="Run">Places, log, recording, debugger.</param>
internal sealed record BootLinuxChoice(
    MachineChoice Machine,
    string Kernel,
    string? Initrd,
    string Append,
    string? SystemMap,
    LinuxProtocol? Direct,
    IReadOnlyList<IReadOnlyList<string>> Programs,
    string[] Arguments,
    string? Json,
    bool Verbose,
    RunChoices Run)
{
    /// <summary>Files to bring along with --exec.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
