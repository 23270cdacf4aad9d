using System.Diagnostics;
using System.Globalization;

namespace CoSim.Cli.Terminal;

/// <summary>Progress on the error output: one line that is rewritten on a terminal, a line per tenth in a pipe.</summary>
public sealed class StatusLine : IDisposable
{
    private const int RedrawMilliseconds = 100;

    private readonly TextWriter _error;
    private readonly bool _terminal;
    private readonly Stopwatch _sinceDrawn = Stopwatch.StartNew();
    private string _phase = "";
    private long _tenthsShown = -1;

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
        _tenthsShown = -1;
        if (_terminal)
            Draw(phase);
        else
            _error.WriteLine("cosim: " + phase);
    }

    /// <summary>So much of the phase is done.</summary>
    /// <param name="done">Units done.</param>
    /// <param name="total">Units in all, more than 0.</param>
    public void Progress(long done, long total)
    {
        if (_terminal)
        {
            if (_sinceDrawn.ElapsedMilliseconds >= RedrawMilliseconds)
                Draw(string.Create(CultureInfo.InvariantCulture, $"{_phase} {done}/{total} ({done * 100 / total} %)"));
            return;
        }
        long tenths = done * 10 / total;
        if (tenths <= _tenthsShown)
            return;
        _tenthsShown = tenths;
        if (tenths > 0)
            _error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"cosim: {_phase} {done}/{total}"));
    }

    /// <summary>Removes the line.</summary>
    public void Dispose()
    {
        if (_terminal)
            _error.Write("\r\u001b[K");
    }

    private void Draw(string text)
    {
        _error.Write("\r\u001b[K" + text);
        _sinceDrawn.Restart();
    }
}
