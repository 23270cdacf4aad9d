using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Cli.Running;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim resume`: goes on from a checkpoint.</summary>
internal static class ResumeCommand
{
    private static readonly string[] Examples =
    [
        "cosim run --checkpoint-at 100ms --checkpoint boot.ckpt -- busybox date     write one",
        "cosim resume boot.ckpt",
        "cosim resume boot.ckpt --detailed-from 30000000",
    ];

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "resume",
            "Go on from a checkpoint of 'cosim run': the file holds the whole machine. The exit status is the program's.",
            Examples);
        Argument<string> file = new("FILE") { Description = "The checkpoint." };
        RunOptions options = new(record: null);
        Option<bool> verbose = new("--verbose") { Description = "Show the console from the first byte, and log warnings." };
        command.Add(file);
        command.Add(verbose);
        options.AddTo(command);
        command.SetAction(parsed => Execute(parsed.GetRequiredValue(file), options.Read(parsed, alwaysLog: parsed.GetValue(verbose)), parsed.GetValue(verbose), error));
        return command;
    }

    private static int Execute(string file, RunChoices choice, bool verbose, TextWriter error)
    {
        try
        {
            Checkpoint checkpoint = Checkpoint.Read(InputFile.Read(file));
            CodePlaces places = new();
            if (FlashImage.Find(checkpoint.Spec.Flash, "kernel") is { } kernel)
                places.AddKernel("the kernel", kernel.ToArray(), null);
            RunPlan plan = choice.Plan(places);
            return TerminalRun.Execute(
                (output, input) =>
                {
                    MachineSpec spec = checkpoint.Spec;
                    GuestRun run = new(spec, DetailedEngines.Plain(spec.Model, spec.Cores), output, input);
                    run.Restore(checkpoint);
                    plan.ApplyTo(run);
                    return run;
                },
                verbose,
                choice,
                error);
        }
        catch (SnapshotException e)
        {
            throw new BadInputException(file, e.Message);
        }
    }
}
