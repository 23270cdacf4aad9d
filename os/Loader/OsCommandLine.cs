namespace CoSim.Os.Loader;

/// <summary>
/// Builds the operating system's command line as Linux parses it (Documentation/admin-guide/kernel-parameters.rst): words
/// separated by spaces, everything after "--" handed to init.
/// </summary>
public sealed class OsCommandLine
{
    private readonly List<string> _parameters = [];
    private readonly List<string> _initArguments = [];

    /// <summary>Adds one or more kernel parameters as they stand, for example "console=ttyS0".</summary>
    public OsCommandLine Add(string parameters)
    {
        _parameters.Add(parameters);
        return this;
    }

    /// <summary>Adds arguments for init, which have no spaces.</summary>
    public OsCommandLine AddInitArguments(IEnumerable<string> arguments)
    {
        _initArguments.AddRange(arguments);
        return this;
    }

    /// <summary>The text, without a final NUL.</summary>
    public override string ToString() =>
        string.Join(' ', _initArguments.Count == 0 ? _parameters : [.. _parameters, "--", .. _initArguments]);
}
