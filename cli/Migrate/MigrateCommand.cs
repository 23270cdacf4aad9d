using System.CommandLine;
using CoSim.Cli.Commands;
using CoSim.Cli.Options;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Migrate;

/// <summary>`cosim migrate`: moves a running program from one machine to another.</summary>
internal static class MigrateCommand
{
    /// <summary>Wall time that the first machine starts with: 2020-01-01 00:00:00 UTC, as all machines.</summary>
    private const long FirstRtc = 1_577_836_800;

    private static readonly string[] Examples =
    [
        "cosim migrate                                                    the proof: every clock, every kind of timer",
        "cosim migrate --without-timens                                   what breaks without a time namespace",
        "cosim migrate --from-model 7742 --to-model 7F52 --to-uptime 1042d --to-clocksource hpet --json proof.json",
        "cosim migrate --at 350ms -- busybox sh -c 'for i in 1 2 3 4 5; do sleep 0.1; cat /proc/uptime; done'",
        "cosim migrate --save program.img -- ./my-program                 keep the image",
        "cosim migrate --image program.img --to-model 7252                go on with it elsewhere",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "migrate",
            "Run a program on one machine, save its processes, and go on with them on another machine in a time namespace whose clocks continue. Without PROGRAM a proof runs that no clock goes backwards and no timer is early, late or lost. The exit status is the program's.",
            Examples);
        MachineOptions common = new(EngineKind.Functional);
        EndOptions from = new("from", "7742"), to = new("to", "7F52");
        Option<long> at = MigrateOptions.DurationOption("--at", "Simulated time that the program runs before it is saved.", "300ms");
        Option<long> downtime = MigrateOptions.DurationOption("--downtime", "Wall time between the two machines, in whole seconds.", "5s");
        Option<bool> without = new("--without-timens") { Description = "Do not make a time namespace: shows what breaks." };
        Option<string> semantics = OsSemantics.Create();
        Option<string?> save = new("--save") { Description = "Keep the image of the processes in a file.", HelpName = "FILE" };
        Option<string?> image = new("--image") { Description = "Go on with an image that was kept; PROGRAM and the first machine are not needed.", HelpName = "FILE" };
        Option<string?> json = new("--json") { Description = "Write the report to a file ('-': standard output, and nothing else there).", HelpName = "FILE" };
        Option<bool> verbose = new("--verbose") { Description = "Show the consoles from the firmware's first line." };
        Argument<string[]> program = new("PROGRAM")
        {
            Description = "The program's file, or its name to be found in PATH, and its arguments; write them after '--'.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        command.Add(program);
        from.AddTo(command);
        to.AddTo(command);
        common.AddCommonTo(command);
        foreach (Option option in (Option[])[at, downtime, without, semantics, save, image, json, verbose])
            command.Add(option);
        command.SetAction(parsed =>
        {
            string parameters = OsSemantics.Parameters(parsed.GetRequiredValue(semantics), "");
            return Execute(
                new MigrationChoice(
                    from.Read(parsed, common, FirstRtc),
                    to.Read(parsed, common, FirstRtc),
                    parsed.GetRequiredValue(at),
                    parsed.GetRequiredValue(downtime) / 1_000_000_000,
                    !parsed.GetValue(without),
                    parameters,
                    parsed.GetValue(program) ?? [],
                    parsed.GetValue(image),
                    parsed.GetValue(save),
                    parsed.GetValue(json),
                    parsed.GetValue(verbose)),
                error);
        });
        return command;
    }

    private static int Execute(MigrationChoice choice, TextWriter error)
    {
        if (choice.ImageToRead != null && (choice.Words.Count > 0 || choice.ImageToWrite != null))
            throw new BadInputException("--image", "goes on with what is in the file: there is no PROGRAM to run and nothing to --save");
        foreach (string? file in (string?[])[choice.ImageToWrite, choice.JsonFile])
            if (file is not null and not "-")
                WholeFile.CheckWritable(file);
        ProcessImage? image = choice.ImageToRead is { } name ? MigrationImage.Read(name, InputFile.Read(name)) : null;
        ProgramPackage? program = choice.IsProof ? null : ProgramPackage.Read(choice.Words[0], Environment.GetEnvironmentVariable("PATH") ?? "");
        using Stream console = choice.JsonFile == "-" ? Stream.Null : Console.OpenStandardOutput();
        ProofLines lines = new(console);
        MigrationRun run = new(choice, program, lines, error);
        int status = 0;
        image ??= run.Save(out status);
        if (image == null)
        {
            error.WriteLine("cosim: the program was not moved");
            return status;
        }
        if (choice.ImageToWrite is { } target)
            WholeFile.Write(target, file => MigrationImage.Write(file, image.Bytes));
        error.WriteLine($"cosim: moved {image.Processes} processes, {image.Threads} threads, {image.Files} open files, {image.Timers} timers and {image.Pages} pages in {image.Bytes.Length} bytes");
        status = run.GoOn(image);
        console.Flush();
        if (choice.JsonFile == "-")
        {
            using Stream standard = Console.OpenStandardOutput();
            MigrationJson.Write(standard, choice, run, image, lines.Found, status);
        }
        else if (choice.JsonFile is { } json)
        {
            WholeFile.Write(json, file => MigrationJson.Write(file, choice, run, image, lines.Found, status));
        }
        if (lines.Found.Count > 0)
            error.WriteLine($"cosim: {lines.Found.Sum(l => l.Violations)} violations");
        run.Before?.Write(error);
        run.After?.Write(error);
        return status;
    }
}
