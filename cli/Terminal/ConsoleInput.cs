using System.Collections.Concurrent;

namespace CoSim.Cli.Terminal;

/// <summary>
/// Standard input on its way to the guest's serial console. A file's bytes are there from the start, so that a run with them
/// is reproducible; a terminal or a pipe is read by a thread of its own.
/// </summary>
public sealed class ConsoleInput : IConsoleSource
{
    /// <summary>Control-], which ends the machine as it ends a telnet session.</summary>
    public const byte QuitKey = 0x1D;

    private const byte EndOfTransmission = 4;
    private const int WaitMilliseconds = 100;

    private readonly ConcurrentQueue<byte> _bytes = new();
    private readonly ManualResetEventSlim _arrived = new();
    private readonly bool _interactive;
    private volatile bool _quit;
    private volatile bool _ended;

    private ConsoleInput(bool interactive) => _interactive = interactive;

    /// <summary>Whether the user asked to end the machine.</summary>
    public bool QuitRequested => _quit;

    /// <summary>Whether a byte is waiting.</summary>
    public bool HasByte => !_bytes.IsEmpty;

    /// <summary>Ends a wait when it says so; null for never.</summary>
    public Func<bool>? Disturbed { get; set; }

    /// <summary>Starts reading.</summary>
    /// <param name="input">Standard input.</param>
    /// <param name="interactive">Whether it is a terminal in raw mode: then Control-] ends the machine.</param>
    public static ConsoleInput Start(Stream input, bool interactive)
    {
        ConsoleInput console = new(interactive);
        if (input.CanSeek)
            console.ReadAll(input);
        else
            new Thread(() => console.ReadAll(input)) { IsBackground = true, Name = "console input" }.Start();
        return console;
    }

    /// <inheritdoc/>
    /// <remarks>False also when the user asked to end the machine.</remarks>
    public bool WaitForByte()
    {
        while (_bytes.IsEmpty)
        {
            if (_quit || _ended || Disturbed?.Invoke() == true)
                return !_bytes.IsEmpty;
            _arrived.Wait(WaitMilliseconds);
            _arrived.Reset();
        }
        return true;
    }

    /// <inheritdoc/>
    public bool TryTake(out byte value) => _bytes.TryDequeue(out value);

    /// <summary>Reads to the end, then types Control-D, as a user would to end the program's input.</summary>
    private void ReadAll(Stream input)
    {
        byte[] buffer = new byte[4096];
        byte last = (byte)'\n';
        try
        {
            for (int count; (count = input.Read(buffer)) > 0;)
            {
                foreach (byte value in buffer.AsSpan(0, count))
                {
                    if (_interactive && value == QuitKey)
                        _quit = true;
                    else
                        _bytes.Enqueue(value);
                }
                last = buffer[count - 1];
                _arrived.Set();
            }
        }
        catch (IOException)
        {
            // A terminal that went away has no more input.
        }
        if (!_interactive)
        {
            _bytes.Enqueue(EndOfTransmission);
            if (last != '\n')
                _bytes.Enqueue(EndOfTransmission); // within a line the first one only ends the line
        }
        _ended = true;
        _arrived.Set();
    }
}
