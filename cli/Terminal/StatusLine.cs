using System.Diagnostics;
using System.Globalization;
using CoSim.Cli.Study;

namespace CoSim.Cli.Terminal;

/// <summary>Progress on the error output: one line that is rewritten on a terminal, nothing in a pipe or a file.</summary>
public sealed class StatusLine : IDisposable
{
    private const int RedrawMilliseconds = 100;

    private readonly TextWriter _error;
    private readonly bool _terminal;
    private readonly Stopwatch _sinceDrawn = Stopwatch.StartNew();
    private string _phase = "";
    private bool _drawn;

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

    /// <summary>The phase goes on, nobody knows for how long.</summary>
    /// <param name="soFar">Length and speed of the run so far.</param>
    public void Progress(RunStatistics soFar)
    {
        if (_sinceDrawn.ElapsedMilliseconds < RedrawMilliseconds)
            return;
        string simulated = ExactDecimal.Ratio(soFar.SimulatedNanoseconds, 1_000_000_000, 3);
        string speed = ExactDecimal.Ratio((UInt128)soFar.Instructions * TimeSpan.TicksPerSecond, (UInt128)(ulong)Math.Max(1, soFar.HostTicks) * 1_000_000, 1);
        Draw($"{_phase}: {simulated} s simulated, {speed} million instructions/s");
    }

    /// <summary>Removes the line, if there is one.</summary>
    public void Dispose()
    {
        if (_drawn)
            Draw("");
        _drawn = false;
    }

    private void Draw(string text)
    {
        if (_terminal)
            _error.Write("\r\u001b[K" + text);
        _drawn = true;
        _sinceDrawn.Restart();
    }
}
