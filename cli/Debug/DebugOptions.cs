using System.CommandLine;
using CoSim.Cli.Options;

namespace CoSim.Cli.Debug;

/// <summary>The option of commands whose machine can be debugged.</summary>
internal sealed class DebugOptions
{
    private readonly Option<DebugEndpoint?> _gdb = new("--gdb")
    {
        Description = "Stand still before the first instruction and wait for gdb: on a port of this host, on 'unix:PATH', or on 'stdio' "
            + "(in gdb: target remote | cosim ... --gdb=stdio ...). [default: 1234, when the option is given]",
        HelpName = "PORT|unix:PATH|stdio",
        Arity = ArgumentArity.ZeroOrOne,
        CustomParser = result => DebugEndpoint.Parse(MachineOptions.Word(result))
            ?? MachineOptions.Fail<DebugEndpoint?>(result, "must be a port from 0 to 65535, unix:PATH, or stdio"),
    };

    /// <summary>Adds the option to a command.</summary>
    public void AddTo(Command command) => command.Add(_gdb);

    /// <summary>Where gdb connects; null when it does not.</summary>
    public DebugEndpoint? Read(ParseResult parsed) => parsed.GetValue(_gdb);
}
