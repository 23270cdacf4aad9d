using System.CommandLine;
using System.Globalization;
using System.Text;
using CoSim.Cli.Scenarios.Hunt;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim hunt`: looks for what makes a scenario fail.</summary>
internal static class HuntCommand
{
    private const int MostRuns = 1_000_000, MostJobs = 1024;

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "hunt",
            "Run a scenario many times with faults, quirks and offsets that are drawn from a seed, and shrink what fails to a small scenario. The exit status is 1 when something was found, 0 when nothing was, 2 when the scenario cannot be used or fails by itself.",
            [
                "cosim hunt scenarios/hunt/neutral.yaml",
                "cosim hunt my.yaml --runs 500 --seed 7 --jobs 16",
                "cosim hunt my.yaml -o found.yaml            found.yaml, found-2.yaml, ...: each runs by 'cosim scenario run'",
                "cosim hunt my.yaml --json",
            ]);
        Argument<string> file = new("SCENARIO") { Description = "The scenario, all of whose expectations hold." };
        Option<int?> runs = new("--runs") { Description = "Runs that are drawn; as many as there are kinds of deviations unless it is given, so that each leads once.", HelpName = "N" };
        Option<ulong> seed = new("--seed") { Description = "What they are drawn from; the same seed finds the same.", HelpName = "S", DefaultValueFactory = _ => 1 };
        Option<int> jobs = new("--jobs") { Description = "Runs at the same time; one for each core of the host unless it is given. It changes no result.", HelpName = "J", DefaultValueFactory = _ => Environment.ProcessorCount };
        Option<string?> output = new("--output", "-o") { Description = "Write the scenario of the first failure here, those of others beside it with a number.", HelpName = "FILE" };
        Option<bool> json = ScenarioCommands.Json();
        command.Add(file);
        foreach (Option option in (Option[])[runs, seed, jobs, output, json])
            command.Add(option);
        command.SetAction(parsed =>
        {
            HuntChoice choice = new(parsed.GetRequiredValue(file), parsed.GetValue(runs) is { } wanted ? Within("--runs", wanted, MostRuns) : null, parsed.GetValue(seed), Within("--jobs", parsed.GetValue(jobs), MostJobs));
            string? path = parsed.GetValue(output);
            if (path is not null)
                WholeFile.CheckWritable(path);
            HuntResult result = Hunter.Hunt(choice, ScenarioCommands.Files(null), error);
            IReadOnlyList<string>? files = path is null ? null : Write(result, path);
            TextWriter standard = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(json))
                standard.WriteLine(JsonText.Of(writer => HuntReport.WriteJson(result, files, writer)));
            else
                HuntReport.Write(result, files, standard);
            return result.Findings.Count == 0 ? 0 : ScenarioCommands.UnexpectedStatus;
        });
        return command;
    }

    private static int Within(string name, int value, int most) =>
        value >= 1 && value <= most ? value : throw new BadInputException(name, string.Create(CultureInfo.InvariantCulture, $"is a number from 1 to {most}, not {value}"));

    private static List<string> Write(HuntResult result, string path)
    {
        List<string> files = [];
        foreach (HuntFinding finding in result.Findings)
        {
            string file = files.Count == 0 ? path : Path.ChangeExtension(path, null) + string.Create(CultureInfo.InvariantCulture, $"-{files.Count + 1}") + Path.GetExtension(path);
            WholeFile.Write(file, stream => stream.Write(Encoding.UTF8.GetBytes(finding.Text)));
            files.Add(file);
        }
        return files;
    }
}
