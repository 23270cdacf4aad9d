using System.Globalization;

namespace CoSim.Cli.Debug;

/// <summary>Where gdb connects.</summary>
/// <param name="Kind">The kind of place.</param>
/// <param name="Port">The TCP port, 0 for any free one.</param>
/// <param name="Path">The socket's path.</param>
internal sealed record DebugEndpoint(DebugEndpointKind Kind, ushort Port, string Path)
{
    /// <summary>The port that debuggers of machines use by habit.</summary>
    public const ushort DefaultPort = 1234;

    private const string UnixPrefix = "unix:";

    /// <summary>Reads PORT, <c>unix:PATH</c>, <c>stdio</c>, or nothing for <see cref="DefaultPort"/>; null when it is none of them.</summary>
    public static DebugEndpoint? Parse(string word)
    {
        if (word == "stdio")
            return new DebugEndpoint(DebugEndpointKind.StandardStreams, 0, "");
        if (word.StartsWith(UnixPrefix, StringComparison.Ordinal) && word.Length > UnixPrefix.Length)
            return new DebugEndpoint(DebugEndpointKind.UnixSocket, 0, word[UnixPrefix.Length..]);
        if (word.Length == 0)
            return new DebugEndpoint(DebugEndpointKind.Tcp, DefaultPort, "");
        return ushort.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out ushort port)
            ? new DebugEndpoint(DebugEndpointKind.Tcp, port, "")
            : null;
    }
}

/// <summary>Kinds of places where gdb connects.</summary>
internal enum DebugEndpointKind
{
    /// <summary>A TCP port of this host's loopback interface.</summary>
    Tcp,

    /// <summary>A Unix domain socket.</summary>
    UnixSocket,

    /// <summary>gdb has started the command: <c>target remote | cosim ...</c>.</summary>
    StandardStreams,
}
