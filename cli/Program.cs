using System.CommandLine;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;
using CoSim.Cli.Commands;
using CoSim.Cli.Stops;
using CoSim.Os.Loader;

namespace CoSim.Cli;

/// <summary>The `cosim` command: parses, runs one command, and turns every user error into one line and exit status 2.</summary>
public static class Program
{
    /// <summary>Exit status of a command that the user must correct: arguments, missing or broken files.</summary>
    public const int UserErrorStatus = 2;

    /// <summary>Entry point.</summary>
    /// <param name="arguments">The words after `cosim`.</param>
    /// <returns>The command's exit status; for `run` that of the program in the machine.</returns>
    public static int Main(string[] arguments) => Run(arguments, Console.Out, Console.Error);

    /// <summary>Runs a command line with its text going to the given writers.</summary>
    /// <param name="arguments">The words after `cosim`.</param>
    /// <param name="output">Receives help, tables and other results.</param>
    /// <param name="error">Receives errors, progress and the closing statistics.</param>
    public static int Run(string[] arguments, TextWriter output, TextWriter error)
    {
        // A leading '@' is a legal program argument, not a response file.
        ParserConfiguration configuration = new() { ResponseFileTokenReplacer = null };
        ParseResult parsed = CommandTree.Build(error).Parse(arguments, configuration);
        if (parsed.Action is ParseErrorAction)
            return Report(error, Describe(parsed));
        try
        {
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, Output = output, Error = error });
        }
        catch (HelpRequest e)
        {
            output.Write(e.Message);
            return 0;
        }
        catch (BadInputException e)
        {
            return Report(error, e.Message);
        }
    }

    private static string Describe(ParseResult parsed)
    {
        Command command = parsed.CommandResult.Command;
        string path = CommandTree.PathOf(parsed.CommandResult);
        if (command.Subcommands.Count == 0)
            return $"{parsed.Errors[0].Message.TrimEnd('.')} (see '{path} --help')";
        string wanted = parsed.UnmatchedTokens.Count == 0 ? $"'{path}' needs a command" : $"'{path}' has no command '{parsed.UnmatchedTokens[0]}'";
        return $"{wanted}: {string.Join(", ", command.Subcommands.Select(c => c.Name))} (see '{path} --help')";
    }

    private static int Report(TextWriter error, string message)
    {
        error.WriteLine("cosim: " + message.ReplaceLineEndings(" "));
        return UserErrorStatus;
    }
}
