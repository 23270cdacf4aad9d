using System.CommandLine;
using CoSim.Cli.Logging;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim boot linux`: boots an unmodified Linux kernel through our firmware.</summary>
internal static class BootLinuxCommand
{
    private static readonly string[] Examples =
    [
        "cosim boot linux --kernel /boot/vmlinuz --append cryptomgr.notests --exec busybox -- cat /proc/interrupts",
        "cosim boot linux --kernel vmlinux --initrd initramfs.cpio.gz --cores 4 --memory 512M",
        "cosim boot linux --kernel vmlinuz --detailed-from run_init_process --exec busybox -- date",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "linux",
            "Boot an unmodified Linux kernel, with this terminal as its serial console. With --exec the exit status is the program's.",
            Examples);
        MachineOptions machine = new(EngineKind.Functional);
        Option<string> kernel = new("--kernel") { Description = "The kernel: a bzImage (vmlinuz) or a vmlinux with a PVH entry.", HelpName = "FILE", Required = true };
        Option<string?> initrd = new("--initrd") { Description = "The initramfs.", HelpName = "FILE" };
        Option<string> append = new("--append")
        {
            Description = "Kernel parameters; console=ttyS0 and panic=-1 are added unless they say otherwise.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        Option<string?> systemMap = StudySystemOptions.SystemMap();
        Option<string?> program = new("--exec") { Description = "Run a static program in place of the initramfs' init, and power off.", HelpName = "FILE" };
        Option<bool> verbose = new("--verbose") { Description = "With --exec, show the console from the firmware's first line; name what is not modelled." };
        Argument<string[]> arguments = new("ARGUMENT")
        {
            Description = "Arguments of the program of --exec; write them after '--'.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Add(arguments);
        foreach (Option option in (Option[])[kernel, initrd, append, systemMap, program, verbose])
            command.Add(option);
        machine.AddTo(command);
        PlaceOptions places = new();
        places.AddSwitchesTo(command);
        places.AddCheckpointTo(command);
        LogOptions log = new();
        log.AddTo(command);
        RecordOptions record = new(isPurpose: false);
        record.AddTo(command);
        command.SetAction(parsed => Execute(
            new BootLinuxChoice(
                machine.Read(parsed),
                parsed.GetRequiredValue(kernel),
                parsed.GetValue(initrd),
                parsed.GetRequiredValue(append),
                parsed.GetValue(systemMap),
                parsed.GetValue(program),
                parsed.GetValue(arguments) ?? [],
                parsed.GetValue(verbose),
                places.Read(parsed)),
            log.Read(parsed, always: parsed.GetValue(verbose) || parsed.GetValue(program) is null),
            record.Read(parsed),
            error));
        return command;
    }

    private static int Execute(BootLinuxChoice choice, LogChoice log, RecordChoice? record, TextWriter error)
    {
        if (choice.Program is null && choice.Arguments.Length > 0)
            throw new BadInputException("ARGUMENT", $"'{choice.Arguments[0]}' needs --exec");
        if (choice.Program is null && choice.Initrd is null)
            throw new BadInputException("--initrd", "is needed without --exec: the machine has no disk");
        byte[] kernel = LinuxKernel.Read(choice.Kernel);
        ProgramPackage? program = choice.Program is null ? null : ProgramPackage.Read(choice.Program, Environment.GetEnvironmentVariable("PATH") ?? "");
        GuestRunSpec spec = Prepare(choice, kernel, program);
        CodePlaces places = new CodePlaces().AddKernel(choice.Kernel, kernel, choice.SystemMap);
        if (program is not null)
            places.Add(choice.Program!, program.Content);
        IReadOnlyList<Trigger> switches = choice.Places.Switches(places);
        CheckpointChoice? checkpoint = choice.Places.Checkpoint(places);
        if (checkpoint != null)
            WholeFile.CheckWritable(checkpoint.Path);
        return TerminalRun.Execute(
            (output, input) =>
            {
                GuestRun run = new(spec, output, input) { Checkpoint = checkpoint, HasOwnInit = program is null };
                run.Arm(switches);
                return run;
            },
            choice.Verbose || program is null,
            log,
            record,
            error);
    }

    private static GuestRunSpec Prepare(BootLinuxChoice choice, byte[] kernel, ProgramPackage? program)
    {
        byte[] initramfs = choice.Initrd is null ? [] : InputFile.Read(choice.Initrd);
        InitJob? job = program is null ? null : new([program.GuestPath, .. choice.Arguments], null, Echo: !Console.IsInputRedirected);
        // What the kernel prints after our init has started would stand in the program's output.
        string parameters = job is null || choice.Verbose ? choice.Append : $"quiet {choice.Append}".TrimEnd();
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        return new GuestRunSpec(
            choice.Machine,
            choice.Machine.Engine,
            BootFiles.ForLinux(images, kernel, initramfs, job, program, parameters),
            GuestImages.Read(images.FirmwarePath),
            DetailedEngines.Plain(choice.Machine.Model, choice.Machine.Cores));
    }
}

/// <summary>What the user chose for `cosim boot linux`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Kernel">The kernel's file.</param>
/// <param name="Initrd">The initramfs' file; null for none.</param>
/// <param name="Append">Kernel parameters.</param>
/// <param name="SystemMap">The System.map's file, for places that are symbols; null for the kernel's own symbols.</param>
/// <param name="Program">A program to run as the only job; null to run the initramfs' own init.</param>
/// <param name="Arguments">Its arguments.</param>
/// <param name="Verbose">Whether everything is shown.</param>
/// <param name="Places">Where engines change and a checkpoint is taken.</param>
internal sealed record BootLinuxChoice(
    MachineChoice Machine, string Kernel, string? Initrd, string Append, string? SystemMap, string? Program, string[] Arguments, bool Verbose, PlaceChoice Places);
