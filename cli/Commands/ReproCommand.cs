using System.CommandLine;
using System.Text.Json;
using CoSim.Cli.Recording;
using CoSim.Cli.Scenarios;
using CoSim.Cli.Scenarios.Library;
using CoSim.Cli.Scenarios.Running;
using CoSim.Cli.Scenarios.Timeline;
using CoSim.Cli.Terminal;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim repro`: shows a bug of the library, and its fix.</summary>
internal static class ReproCommand
{
    /// <summary>Name and version of the JSON report.</summary>
    public const string Schema = "cosim.repro/1";

    /// <summary>Builds the command.</summary>
    public static Command Create(TextWriter error)
    {
        ExampleCommand command = new(
            "repro",
            "Reproduce a known bug, then run the same with its fix or workaround. The exit status is 0 when the symptom came, and did not come with the fix.",
            [
                "cosim repro --list",
                "cosim repro TN-11",
                "cosim repro all                             every bug and its fix, one line each",
                "cosim repro TN-11 --explain                 the page: what happens cycle by cycle, and references",
                "cosim repro TN-11 --timeline                the steps of the bug's run, with their times and cycles",
                "cosim repro TN-11 --fixed --record fixed.trace",
                "cosim repro TN-12 --kernel /boot/vmlinuz    on an unmodified Linux kernel",
                "cosim repro TN-11 --kernel vmlinuz-6.1 --fixed-kernel vmlinuz-6.12",
            ]);
        Argument<string?> id = new("ID") { Description = "The bug's number, for example TN-11, or 'all'.", Arity = ArgumentArity.ZeroOrOne };
        Option<bool> list = new("--list") { Description = "List the library." };
        Option<bool> onlyFixed = new("--fixed") { Description = "Run only the scenario with the fix." };
        Option<bool> explain = new("--explain") { Description = "Print the bug's page instead of running it." };
        Option<bool> timeline = new("--timeline") { Description = "Run the scenario with the bug and tell it step by step: microseconds, core cycles, core, event." };
        Option<bool> json = ScenarioCommands.Json();
        Option<string?> kernel = ScenarioCommands.Kernel();
        Option<string?> fixedKernel = new("--fixed-kernel") { Description = "A Linux kernel in which the bug is fixed; the page says since which release.", HelpName = "FILE" };
        RecordOptions record = new(isPurpose: false);
        command.Add(id);
        foreach (Option option in (Option[])[list, onlyFixed, explain, timeline, json, kernel, fixedKernel])
            command.Add(option);
        record.AddTo(command);
        command.SetAction(parsed =>
        {
            TextWriter output = parsed.InvocationConfiguration.Output;
            if (parsed.GetValue(list))
                return List(parsed.GetValue(json), output);
            if (parsed.GetValue(id) == ReproAll.Word)
            {
                return parsed.GetValue(explain) || parsed.GetValue(timeline) || record.Read(parsed) is not null
                    ? throw new BadInputException("'all'", "is run as it is: --explain, --timeline and --record are for one bug")
                    : ReproAll.Run(e => RunsOf(new ReproChoice(e, parsed.GetValue(onlyFixed), parsed.GetValue(kernel), parsed.GetValue(fixedKernel), null, parsed.GetValue(json)), all: true), parsed.GetValue(json), output, error);
            }
            BugEntry entry = BugLibrary.Installed.Find(parsed.GetValue(id) ?? throw new BadInputException("ID", "is missing; 'cosim repro --list' lists the library"));
            if (parsed.GetValue(explain))
            {
                output.Write(entry.Page);
                return 0;
            }
            if (parsed.GetValue(timeline))
            {
                Screen.For(output).Write(TimelineRun.Of(ScenarioFile.Read(entry.BugPath), ScenarioCommands.Files(null)));
                return 0;
            }
            return Run(new ReproChoice(entry, parsed.GetValue(onlyFixed), parsed.GetValue(kernel), parsed.GetValue(fixedKernel), record.Read(parsed), parsed.GetValue(json)), output, error);
        });
        return command;
    }

    private static int List(bool json, TextWriter output)
    {
        IReadOnlyList<BugEntry> entries = BugLibrary.Installed.Entries;
        if (json)
        {
            output.WriteLine(JsonText.Of(writer => WriteList(entries, writer)));
            return 0;
        }
        TextTable table = new TextTable().Words("id").Words("Linux").Words("what");
        foreach (BugEntry entry in entries)
            table.Row(entry.Id, File.Exists(entry.LinuxPath) ? "too" : File.Exists(entry.LinuxNewerPath) ? "fixed" : "", entry.Title);
        Screen.For(output).Write(table);
        return 0;
    }

    private static void WriteList(IReadOnlyList<BugEntry> entries, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteStartArray("bugs");
        foreach (BugEntry entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("id", entry.Id);
            json.WriteString("title", entry.Title);
            json.WriteBoolean("linux", File.Exists(entry.LinuxPath));
            json.WriteBoolean("linuxFixed", File.Exists(entry.LinuxNewerPath));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static int Run(ReproChoice choice, TextWriter output, TextWriter error)
    {
        ReproRun[] runs = [.. RunsOf(choice, all: false)];
        List<ScenarioResult> results = [];
        foreach (ReproRun run in runs)
        {
            // One file takes one recording: that of the bug, or with --fixed that of the fix.
            RecordChoice? record = results.Count == 0 ? choice.Record : null;
            ScenarioResult result = ScenarioRun.Execute(ScenarioFile.Read(run.Path), ScenarioCommands.Files(run.Kernel), record, error);
            results.Add(result);
            if (!choice.Json)
                ScenarioReport.Write($"{choice.Entry.Id}, {run.Heading}", result, output);
        }
        if (choice.Json)
            output.WriteLine(JsonText.Of(writer => WriteResults(choice.Entry, results, writer)));
        return results.All(r => r.IsAsExpected) ? 0 : ScenarioCommands.UnexpectedStatus;
    }

    /// <summary>The runs that the user chose; of all entries those that there are, of one entry an error where there is none.</summary>
    private static IEnumerable<ReproRun> RunsOf(ReproChoice choice, bool all)
    {
        if (choice.Kernel is null && choice.FixedKernel is null)
            return OwnScenarios(choice);
        bool hasBug = File.Exists(choice.Entry.LinuxPath), hasNewer = File.Exists(choice.Entry.LinuxNewerPath);
        bool canRun = hasBug && (!choice.OnlyFixed || File.Exists(choice.Entry.LinuxFixedPath));
        return LinuxScenarios(all ? choice with { Kernel = canRun ? choice.Kernel : null, FixedKernel = hasNewer ? choice.FixedKernel : null } : choice);
    }

    private static IEnumerable<ReproRun> OwnScenarios(ReproChoice choice)
    {
        if (!choice.OnlyFixed)
            yield return new ReproRun("bug", choice.Entry.BugPath, null);
        yield return new ReproRun("fixed", choice.Entry.FixedPath, null);
        if (File.Exists(choice.Entry.WorkaroundPath))
            yield return new ReproRun("workaround", choice.Entry.WorkaroundPath, null);
    }

    private static IEnumerable<ReproRun> LinuxScenarios(ReproChoice choice)
    {
        BugEntry entry = choice.Entry;
        if (choice.Kernel is { } kernel)
        {
            bool hasWorkaround = File.Exists(entry.LinuxFixedPath);
            if (!File.Exists(entry.LinuxPath))
                throw new BadInputException($"'{entry.Id}'", File.Exists(entry.LinuxNewerPath) ? "is fixed in Linux kernels; name one with --fixed-kernel instead of --kernel" : "is not shown on a Linux kernel; leave out --kernel");
            if (choice.OnlyFixed && !hasWorkaround && choice.FixedKernel is null)
                throw new BadInputException($"'{entry.Id}'", "has no workaround on a Linux kernel; leave out --fixed");
            if (!choice.OnlyFixed)
                yield return new ReproRun("Linux", entry.LinuxPath, kernel);
            if (hasWorkaround)
                yield return new ReproRun("Linux, fixed", entry.LinuxFixedPath, kernel);
        }
        if (choice.FixedKernel is not { } newer)
            yield break;
        if (!File.Exists(entry.LinuxNewerPath))
            throw new BadInputException($"'{entry.Id}'", "has no Linux kernel with a fix in the library; leave out --fixed-kernel");
        yield return new ReproRun("Linux, newer", entry.LinuxNewerPath, newer);
    }

    private static void WriteResults(BugEntry entry, List<ScenarioResult> results, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("schema", Schema);
        json.WriteString("id", entry.Id);
        json.WriteString("title", entry.Title);
        json.WriteStartArray("runs");
        foreach (ScenarioResult result in results)
            ScenarioReport.WriteJson(result, json);
        json.WriteEndArray();
        json.WriteEndObject();
    }
}

/// <summary>What the user chose for `cosim repro`.</summary>
/// <param name="Entry">The bug.</param>
/// <param name="OnlyFixed">Whether only the fix is run.</param>
/// <param name="Kernel">A Linux kernel to run it on; null for our operating system.</param>
/// <param name="FixedKernel">A Linux kernel that has the fix, to run it on besides; null for none.</param>
/// <param name="Record">What is recorded; null for nothing.</param>
/// <param name="Json">Whether the report is JSON.</param>
internal sealed record ReproChoice(BugEntry Entry, bool OnlyFixed, string? Kernel, string? FixedKernel, RecordChoice? Record, bool Json);
