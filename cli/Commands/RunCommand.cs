using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;
using Microsoft.Win32.SafeHandles;

namespace CoSim.Cli.Commands;

/// <summary>`cosim run`: runs an unmodified static Linux program on the simulated machine.</summary>
internal static class RunCommand
{
    private static readonly string[] Examples =
    [
        "cosim run -- busybox date +%s.%N",
        "cosim run --timens monotonic=86400,boottime=86400 -- busybox uptime",
        "cosim run --cores 4 --memory 512M -- ./my-static-program its arguments",
        "cosim run --engine detailed -- busybox cat /proc/uptime",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "run",
            "Run a static x86-64 Linux program on the simulated machine, with this terminal as its console. The exit status is the program's.",
            Examples);
        MachineOptions machine = new(EngineKind.Functional);
        Option<TimeNamespaceOffsets?> timens = new("--timens")
        {
            Description = "Run the program in a child time namespace: monotonic=SECONDS,boottime=SECONDS.",
            HelpName = "OFFSETS",
            CustomParser = TimeNamespaceOffsets.Parse,
        };
        Option<string> osCommandLine = new("--os-cmdline")
        {
            Description = "More parameters for the operating system's command line.",
            HelpName = "TEXT",
            DefaultValueFactory = _ => "",
        };
        Option<bool> verbose = new("--verbose") { Description = "Show the console from the firmware's first line." };
        Argument<string[]> program = new("PROGRAM")
        {
            Description = "The program's file, or its name to be found in PATH, and its arguments; write them after '--'.",
            Arity = ArgumentArity.OneOrMore,
        };
        command.Add(program);
        machine.AddTo(command);
        command.Add(timens);
        command.Add(osCommandLine);
        command.Add(verbose);
        command.SetAction(parsed => Execute(
            new RunChoice(machine.Read(parsed), parsed.GetRequiredValue(program), parsed.GetValue(timens), parsed.GetRequiredValue(osCommandLine), parsed.GetValue(verbose)),
            error));
        return command;
    }

    private static int Execute(RunChoice choice, TextWriter error)
    {
        ProgramPackage program = ProgramPackage.Read(choice.Words[0], Environment.GetEnvironmentVariable("PATH") ?? "");
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        InitJob job = new([program.GuestPath, .. choice.Words[1..]], choice.Offsets?.ToString(), Echo: !Console.IsInputRedirected);
        BootFiles files = BootFiles.ForJob(images, job, program, choice.Verbose ? choice.OsParameters : $"quiet {choice.OsParameters}".TrimEnd());
        GuestRunSpec spec = new(choice.Machine, choice.Machine.Engine, files, GuestImages.Read(images.FirmwarePath), DetailedEngines.Plain(choice.Machine.Model, choice.Machine.Cores));

        using RawMode terminal = RawMode.Enter();
        ConsoleInput input = ConsoleInput.Start(OpenInput(), terminal.IsActive);
        ConsoleOutput output = new(Console.OpenStandardOutput(), translate: Console.IsOutputRedirected, open: choice.Verbose);
        using GuestRun run = new(spec, output, input);
        if (choice.Verbose)
            run.UnmodelledObserver = what => error.WriteLine("cosim: not modelled: " + what);
        RealTimePace pace = new();
        StopReason reason = run.Run(() =>
        {
            if (terminal.IsActive && run.ProgramStarted)
                pace.Hold(run.Machine.Now);
            return !input.QuitRequested;
        });
        terminal.Dispose();
        run.Statistics.Write(error);
        return run.ExitStatus ?? RunFailure.Report(run, reason, output, error);
    }

    /// <summary>Standard input, unbuffered. (The runtime's own stream would read a terminal by lines and change its mode.)</summary>
    private static Stream OpenInput()
    {
        const int standardInput = 0;
        return OperatingSystem.IsWindows()
            ? Console.OpenStandardInput()
            : new FileStream(new SafeFileHandle(standardInput, ownsHandle: false), FileAccess.Read, bufferSize: 0);
    }
}

/// <summary>What the user chose for `cosim run`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Offsets">Offsets of a child time namespace; null to stay in the root one.</param>
/// <param name="OsParameters">More parameters for the operating system.</param>
/// <param name="Verbose">Whether the console is shown from the firmware's first line.</param>
internal sealed record RunChoice(MachineChoice Machine, string[] Words, TimeNamespaceOffsets? Offsets, string OsParameters, bool Verbose);
