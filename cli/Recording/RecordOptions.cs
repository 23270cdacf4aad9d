using System.CommandLine;
using CoSim.Cli.Options;
using CoSim.Traces.Format;

namespace CoSim.Cli.Recording;

/// <summary>What is recorded, and where.</summary>
/// <param name="Path">The trace's file.</param>
/// <param name="Level">How much is recorded.</param>
internal sealed record RecordChoice(string Path, TraceLevel Level);

/// <summary>The options of commands that can record a run.</summary>
internal sealed class RecordOptions
{
    private readonly Option<string?> _file;
    private readonly Option<TraceLevel?> _level;

    /// <summary>The options.</summary>
    /// <param name="isPurpose">Whether recording is what the command is for: then the file is needed and named by <c>--output</c>.</param>
    public RecordOptions(bool isPurpose)
    {
        _file = isPurpose
            ? new("--output", "-o") { Description = "The trace's file.", HelpName = "FILE", Required = true }
            : new("--record") { Description = "Record the run to this file, for 'cosim replay' and 'cosim trace'.", HelpName = "FILE" };
        _level = new(isPurpose ? "--level" : "--record-level")
        {
            Description = "How much is recorded: 'inputs' (what a replay needs), 'events' (timers, interrupts, clock reads, system calls, accesses to devices and MSRs), 'retire' (every instruction, on the detailed engine with the causes of its cycles) or 'pipeline' (on the detailed engine also every micro-op with its stages). [default: events]",
            HelpName = "LEVEL",
            CustomParser = result => MachineOptions.Word(result).ToLowerInvariant() switch
            {
                "inputs" => TraceLevel.Inputs,
                "events" => TraceLevel.Events,
                "retire" => TraceLevel.Retire,
                "pipeline" => TraceLevel.Pipeline,
                _ => MachineOptions.Fail<TraceLevel?>(result, "must be 'inputs', 'events', 'retire' or 'pipeline'"),
            },
        };
    }

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Add(_file);
        command.Add(_level);
    }

    /// <summary>What the user chose; null for no recording.</summary>
    public RecordChoice? Read(ParseResult parsed) =>
        parsed.GetValue(_file) is { } file ? new RecordChoice(file, parsed.GetValue(_level) ?? TraceLevel.Events) : null;
}
