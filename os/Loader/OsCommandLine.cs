using System.Text;

namespace CoSim.Os.Loader;

/// <summary>
/// Builds the operating system's command line as Linux parses it (Documentation/admin-guide/kernel-parameters.rst): words
/// separated by spaces, a word with spaces between double quotes, everything after "--" handed to init.
/// </summary>
public sealed class OsCommandLine
{
    private readonly List<string> _parameters = [];
    private readonly List<string> _initArguments = [];

    /// <summary>Adds a kernel parameter as it stands, for example "console=ttyS0".</summary>
    public OsCommandLine Add(string parameter)
    {
        _parameters.Add(parameter);
        return this;
    }

    /// <summary>Adds arguments for init.</summary>
    /// <exception cref="BadInputException">An argument cannot be written: it has a double quote, a newline or a NUL.</exception>
    public OsCommandLine AddInitArguments(IEnumerable<string> arguments)
    {
        foreach (string argument in arguments)
        {
            if (argument.AsSpan().IndexOfAny('"', '\n', '\0') >= 0)
                throw new BadInputException($"argument '{argument}'", "a kernel command line cannot hold a double quote, a newline or a NUL");
            _initArguments.Add(argument.Length == 0 || argument.Contains(' ') ? $"\"{argument}\"" : argument);
        }
        return this;
    }

    /// <summary>The text, without a final NUL.</summary>
    public override string ToString()
    {
        StringBuilder text = new();
        text.AppendJoin(' ', _parameters);
        if (_initArguments.Count > 0)
            text.Append(text.Length > 0 ? " -- " : "-- ").AppendJoin(' ', _initArguments);
        return text.ToString();
    }
}
