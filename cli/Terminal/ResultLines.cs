using Microsoft.Win32.SafeHandles;

namespace CoSim.Cli.Terminal;

/// <summary>Many lines of results: buffered, and ended without a word when whoever reads them has had enough (<c>cosim trace cat ... | head</c>).</summary>
internal static class ResultLines
{
    private const int BufferBytes = 64 << 10;
    private const int StandardOutput = 1;

    /// <summary>Writes lines to a command's output.</summary>
    /// <param name="output">The output.</param>
    /// <param name="lines">The lines, made as they are written.</param>
    public static void Write(TextWriter output, IEnumerable<string> lines)
    {
        // The console's own writer takes a system call a line, and does not tell of a reader that has gone.
        if (!ReferenceEquals(output, Console.Out) || !Console.IsOutputRedirected || OperatingSystem.IsWindows())
        {
            foreach (string line in lines)
                output.WriteLine(line);
            return;
        }

        using IEnumerator<string> next = lines.GetEnumerator();
        using FileStream stream = new(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        StreamWriter writer = new(stream, bufferSize: BufferBytes);
        try
        {
            while (next.MoveNext() && TryDo(() => writer.WriteLine(next.Current)))
            {
                // On to the next line.
            }
        }
        finally
        {
            _ = TryDo(writer.Flush);
        }
    }

    /// <summary>False when nobody reads any more; what reading the lines throws is not caught here.</summary>
    private static bool TryDo(Action write)
    {
        try
        {
            write();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }
}
