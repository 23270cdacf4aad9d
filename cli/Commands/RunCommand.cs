using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Recording;
using CoSim.Cli.Running;
using CoSim.Os.Loader;
using CoSim.Traces.Format;

namespace CoSim.Cli.Commands;

/// <summary>`cosim run`: runs an unmodified static Linux program on the simulated machine.</summary>
internal static class RunCommand
{
    private static readonly string[] Examples =
    [
        "cosim run -- busybox date +%s.%N",
        "cosim run --timens monotonic=86400,boottime=86400 -- busybox uptime",
        "cosim run --cores 4 --memory 512M -- ./my-static-program its arguments",
        "cosim run --os-semantics 6.12 -- ./my-time-namespace-test",
        "cosim run --file ./input.txt --file busybox:/bin/sh -- ./my-static-program input.txt",
        "cosim run --engine detailed -- busybox cat /proc/uptime",
        "cosim run --detailed-from main --functional-from 0x401000 -- ./my-static-program",
        "cosim run --checkpoint-at 100ms --checkpoint boot.ckpt -- busybox date",
        "cosim run --stop-when 'hpet.MAIN_CNT >= 0x1000' -- busybox date",
        "cosim run --stop-on timer-expired:timer~hpet --record hpet.trace -- busybox date",
        "cosim run --gdb -- busybox date                                   then: gdb -ex 'target remote :1234' artifacts/guest/os.elf",
        "cosim run --log run.log --log-level debug --log-components hpet,apic --log-until 20ms -- busybox date",
    ];

    private static readonly string[] RecordExamples =
    [
        "cosim record --output run.trace -- busybox date",
        "cosim record --output run.trace --level inputs --cores 4 -- ./my-static-program",
        "cosim record --output run.trace --level retire --engine detailed -- busybox date",
        "cosim replay run.trace",
        "cosim trace cat run.trace --kinds clock-read,timer-expired",
    ];

    /// <summary>Builds `cosim run`.</summary>
    public static Command Create(TextWriter error) => Complete(
        new ExampleCommand(
            "run",
            "Run a static x86-64 Linux program on the simulated machine, with this terminal as its console. The exit status is the program's.",
            Examples),
        new RecordOptions(isPurpose: false),
        error);

    /// <summary>Builds `cosim record`: the same, with a trace as its purpose.</summary>
    public static Command CreateRecord(TextWriter error) => Complete(
        new ExampleCommand("record", "Run a program as 'cosim run' does and record what happens. ('cosim boot linux' records with --record.)", RecordExamples),
        new RecordOptions(isPurpose: true),
        error);

    private static ExampleCommand Complete(ExampleCommand command, RecordOptions record, TextWriter error)
    {
        MachineOptions machine = new(EngineKind.Functional);
        RunOptions options = new(record);
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
        Option<string> semantics = OsSemantics.Create();
        Option<string[]> files = FileOption.Create();
        Option<bool> verbose = new("--verbose") { Description = "Show the console from the firmware's first line, and log warnings." };
        Argument<string[]> program = new("PROGRAM")
        {
            Description = "The program's file, or its name to be found in PATH, and its arguments; write them after '--'.",
            Arity = ArgumentArity.OneOrMore,
        };
        command.Add(program);
        machine.AddTo(command);
        command.Add(timens);
        command.Add(files);
        command.Add(osCommandLine);
        command.Add(semantics);
        command.Add(verbose);
        options.AddTo(command);
        command.SetAction(parsed => Execute(
            new RunChoice(machine.Read(parsed), parsed.GetRequiredValue(program), parsed.GetValue(timens), OsSemantics.Parameters(parsed.GetRequiredValue(semantics), parsed.GetRequiredValue(osCommandLine)), parsed.GetValue(verbose), options.Read(parsed, alwaysLog: parsed.GetValue(verbose)))
            {
                Files = parsed.GetRequiredValue(files),
            },
            error));
        return command;
    }

    private static int Execute(RunChoice choice, TextWriter error)
    {
        ProgramPackage program = ProgramPackage.Read(choice.Words[0], Environment.GetEnvironmentVariable("PATH") ?? "");
        GuestImages images = GuestImages.Above(AppContext.BaseDirectory);
        InitJob job = new([program.GuestPath, .. choice.Words[1..]], choice.Offsets?.ToString(), Echo: !Console.IsInputRedirected)
        {
            UserFiles = FileOption.Read(choice.Files, [program]),
        };
        BootFiles files = BootFiles.ForJob(images, job, program, choice.Verbose ? choice.OsParameters : $"quiet {choice.OsParameters}".TrimEnd());
        GuestRunSpec spec = new(choice.Machine, choice.Machine.Engine, files, GuestImages.Read(images.FirmwarePath), DetailedEngines.For(choice.Machine.Model, choice.Machine.Cores, choice.Run.Record?.Level));

        CodePlaces places = new CodePlaces().Add("os.elf", GuestImages.Read(images.KernelPath)).Add(choice.Words[0], program.Content);
        RunPlan plan = choice.Run.Plan(places);
        RecordedCode? code = choice.Run.Record?.Level >= TraceLevel.Retire ? RecordedCode.Own(images, program) : null;
        return TerminalRun.Execute(
            (output, input) =>
            {
                GuestRun run = new(spec, output, input) { Code = code };
                plan.ApplyTo(run);
                return run;
            },
            choice.Verbose,
            choice.Run,
            error);
    }
}

/// <summary>What the user chose for `cosim run`.</summary>
/// <param name="Machine">The machine.</param>
/// <param name="Words">The program and its arguments.</param>
/// <param name="Offsets">Offsets of a child time namespace; null to stay in the root one.</param>
/// <param name="OsParameters">More parameters for the operating system.</param>
/// <param name="Verbose">Whether the console is shown from the firmware's first line.</param>
/// <param name="Run">Places, log, recording, debugger.</param>
internal sealed record RunChoice(MachineChoice Machine, string[] Words, TimeNamespaceOffsets? Offsets, string OsParameters, bool Verbose, RunChoices Run)
{
    /// <summary>Files to bring along.</summary>
    public IReadOnlyList<string> Files { get; init; } = [];
}
