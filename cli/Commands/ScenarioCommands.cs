using System.CommandLine;
using CoSim.Cli.Recording;
using CoSim.Cli.Scenarios;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim scenario`: runs and checks scenario files.</summary>
internal static class ScenarioCommands
{
    /// <summary>Exit status of a run that was not as expected.</summary>
    public const int UnexpectedStatus = 1;

    /// <summary>Builds the commands.</summary>
    public static IEnumerable<Command> Create(TextWriter error)
    {
        yield return CreateRun(error);
        yield return CreateCheck();
        yield return CreateSchema();
    }

    private static Command CreateRun(TextWriter error)
    {
        ExampleCommand command = new(
            "run",
            "Run a scenario and check what it expects. The exit status is 0 when all of it holds, 1 when something does not, 2 when the file cannot be used.",
            [
                "cosim scenario run scenarios/bugs/TN-11/bug.yaml",
                "cosim scenario run my.yaml --console --record my.trace",
                "cosim scenario run my-linux.yaml --kernel /boot/vmlinuz --json",
            ]);
        Argument<string> file = File();
        Option<string?> kernel = Kernel();
        Option<bool> console = new("--console") { Description = "Show the console too, from the firmware's first line." };
        Option<bool> json = Json();
        RecordOptions record = new(isPurpose: false);
        command.Add(file);
        foreach (Option option in (Option[])[kernel, console, json])
            command.Add(option);
        record.AddTo(command);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            Scenario scenario = ScenarioFile.Read(path);
            ScenarioResult result = ScenarioRun.Execute(scenario, Files(parsed.GetValue(kernel)), record.Read(parsed), error);
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(console))
                (parsed.GetValue(json) ? error : output).Write(string.Join('\n', result.Lines));
            if (parsed.GetValue(json))
                output.WriteLine(JsonText.Of(writer => ScenarioReport.WriteJson(result, writer)));
            else
                ScenarioReport.Write(Path.GetFileName(path), result, output);
            return result.IsAsExpected ? 0 : UnexpectedStatus;
        });
        return command;
    }

    private static Command CreateCheck()
    {
        ExampleCommand command = new(
            "check",
            "Read a scenario without running it. A mistake is reported with its file, line and column, and exit status 2.",
            ["cosim scenario check my.yaml"]);
        Argument<string> file = File();
        command.Add(file);
        command.SetAction(parsed =>
        {
            string path = parsed.GetRequiredValue(file);
            Scenario scenario = ScenarioFile.Read(path);
            parsed.InvocationConfiguration.Output.WriteLine($"{path}: {scenario.Title}");
            return 0;
        });
        return command;
    }

    private static Command CreateSchema()
    {
        ExampleCommand command = new("schema", "Print the JSON schema of scenario files, for editors.", ["cosim scenario schema > scenario.schema.json"]);
        command.SetAction(parsed =>
        {
            parsed.InvocationConfiguration.Output.Write(ScenarioFile.Schema());
            return 0;
        });
        return command;
    }

    /// <summary>Finds the files of scenarios.</summary>
    /// <param name="kernel">A Linux kernel in the place of the scenario's; null for none.</param>
    public static ScenarioFiles Files(string? kernel) => new(GuestImages.Above(AppContext.BaseDirectory), kernel);

    /// <summary>The option that names a Linux kernel.</summary>
    public static Option<string?> Kernel() => new("--kernel") { Description = "The Linux kernel of scenarios that boot one: a bzImage (vmlinuz) or a vmlinux.", HelpName = "FILE" };

    /// <summary>The option that asks for JSON.</summary>
    public static Option<bool> Json() => new("--json") { Description = "Print JSON." };

    private static Argument<string> File() => new("FILE") { Description = "The scenario." };
}
