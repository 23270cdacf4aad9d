using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace CoSim.Cli.Commands;

/// <summary>A command that shows examples at the end of its help.</summary>
internal sealed class ExampleCommand(string name, string description, string[] examples) : Command(name, description)
{
    /// <summary>Command lines that work as they stand, each with a remark.</summary>
    public IReadOnlyList<string> Examples { get; } = examples;
}

/// <summary>The standard help with the command's examples below it.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _standard = new();

    /// <inheritdoc/>
    public override bool ClearsParseErrors => true;

    /// <inheritdoc/>
    public override int Invoke(ParseResult parseResult)
    {
        int status = _standard.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not ExampleCommand command)
            return status;
        TextWriter output = parseResult.InvocationConfiguration.Output;
        output.WriteLine("Examples:");
        foreach (string example in command.Examples)
            output.WriteLine("  " + example);
        output.WriteLine();
        return status;
    }
}
