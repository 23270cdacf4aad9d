using Spectre.Console;

namespace CoSim.Cli.Terminal;

/// <summary>Where results go: a terminal gets tables with lines and colours, a pipe or a file gets plain text.</summary>
/// <param name="Output">Receives plain text.</param>
/// <param name="Rich">The terminal; null when the output is none.</param>
public sealed record Screen(TextWriter Output, IAnsiConsole? Rich)
{
    /// <summary>The screen of a command. Colours are left out when NO_COLOR is set (no-color.org), which Spectre.Console heeds.</summary>
    /// <param name="output">The command's output.</param>
    public static Screen For(TextWriter output)
    {
        bool terminal = ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected;
        return new Screen(output, terminal ? AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output) }) : null);
    }

    /// <summary>Writes a table.</summary>
    public void Write(TextTable table)
    {
        if (Rich != null)
            table.WriteRich(Rich);
        else
            table.WritePlain(Output);
    }
}
