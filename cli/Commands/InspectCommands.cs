using System.CommandLine;
using CoSim.Os.Loader;

namespace CoSim.Cli.Commands;

/// <summary>`cosim inspect`: shows a part of the machine without running a program.</summary>
internal static class InspectCommands
{
    /// <summary>Builds the commands.</summary>
    public static IEnumerable<Command> Create()
    {
        ExampleCommand clocks = new("clocks", "Print each clock of the machine with its frequency, width, wrap time and value.", ["cosim inspect clocks"]);
        clocks.SetAction(new Action<ParseResult>(_ => throw new BadInputException("clocks", "TODO")));
        yield return clocks;
    }
}
