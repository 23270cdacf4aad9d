using System.Diagnostics;
using System.Globalization;

namespace CoSim.Cli.Terminal;

/// <summary>Progress on the error output: one line that is rewritten on a terminal, nothing in a pipe or a file.</summary>
public sealed class StatusLine : IDisposable
{
    private const int RedrawMilliseconds = 100;

    private readonly TextWriter _error;
    private readonly bool _terminal;
    private readonly Stopwatch _sinceDrawn = Stopwatch.StartNew();
    private string _phase = "";

    /// <summary>A status line on a command's error output.</summary>
    public StatusLine(TextWriter error)
    {
        _error = error;
        _terminal = ReferenceEquals(error, Console.Error) && !Console.IsErrorRedirected;
    }

    /// <summary>A phase without a known length begins.</summary>
    public void Phase(string phase)
    {
        _phase = phase;
        Draw(phase);
    }

    /// <summary>So much of the phase is done.</summary>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all, more than 0.</param>
    public void Progress(long done, long total)
    {
        if (_sinceDrawn.ElapsedMilliseconds >= RedrawMilliseconds)
            Draw(string.Create(CultureInfo.InvariantCulture, $"{_phase} {done}/{total} ({done * 100 / total} %)"));
    }

    /// <summary>Removes the line.</summary>
    public void Dispose() => Draw("");

    private void Draw(string text)
    {
        if (_terminal)
            _error.Write("\r\u001b[K" + text);
        _sinceDrawn.Restart();
    }
}
