using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using CoSim.Cli.Migrate;

namespace CoSim.Cli.Commands;

/// <summary>All commands of `cosim`.</summary>
internal static class CommandTree
{
    /// <summary>Builds the tree.</summary>
    /// <param name="error">Receives progress and closing statistics of the commands.</param>
    public static Command Build(TextWriter error)
    {
        Command study = new("study", "Measure something, instruction by instruction and cycle by cycle.") { StudyClockGettimeCommand.Create(error), StudyWorkloadCommand.Create(error) };
        Command trace = new("trace", "Show, filter, compare and import recorded runs.");
        Command boot = new("boot", "Boot an operating system or a kernel of your own on the simulated machine.")
        {
            BootLinuxCommand.Create(error),
            BootMultibootCommand.Create(error),
            BootBiosCommand.Create(error),
        };
        Command scenario = new("scenario", "Run and check scenario files: a machine, what it runs, and what must come of it.");
        Command inspect = new("inspect", "Show a part of the simulated machine.");
        Command root = new("cosim", "A cycle-level simulator of AMD EPYC 7002 machines with their firmware and operating system.")
        {
            study,
            RunCommand.Create(error),
            ResumeCommand.Create(error),
            MigrateCommand.Create(error),
            RunCommand.CreateRecord(error),
            ReplayCommand.Create(error),
            trace,
            boot,
            SnippetCommand.Create(),
            scenario,
            ReproCommand.Create(error),
            HuntCommand.Create(error),
            inspect,
            new HelpOption { Action = new HelpWithExamples() },
            new VersionOption(),
        };
        foreach (Command command in InspectCommands.Create())
            inspect.Add(command);
        foreach (Command command in TraceCommands.Create(error))
            trace.Add(command);
        foreach (Command command in ScenarioCommands.Create(error))
            scenario.Add(command);
        return root;
    }

    /// <summary>The command's words, for example "cosim study clock-gettime".</summary>
    public static string PathOf(CommandResult result)
    {
        List<string> words = [];
        for (SymbolResult? at = result; at is CommandResult command; at = at.Parent)
            words.Insert(0, command.Command.Name);
        return string.Join(' ', words);
    }
}
