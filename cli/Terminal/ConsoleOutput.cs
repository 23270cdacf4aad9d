namespace CoSim.Cli.Terminal;

/// <summary>
/// The guest's serial console on its way to standard output. What comes before the program starts (firmware, operating
/// system) is kept back unless it is wanted; a pipe gets the program's own line ends instead of the terminal's CR LF.
/// </summary>
/// <param name="output">Where the bytes go.</param>
/// <param name="translate">
/// Whether to undo the guest terminal's ONLCR, which puts a CR before every LF: then standard output has what the program wrote.
/// </param>
/// <param name="open">Whether to show everything from the first byte.</param>
public sealed class ConsoleOutput(Stream output, bool translate, bool open)
{
    private const byte CarriageReturn = 13;
    private const byte LineFeed = 10;
    private const int KeptBytes = 64 << 10;

    private readonly List<byte> _kept = [];
    private bool _open = open;
    private bool _closed;
    private bool _pendingReturn;

    /// <summary>The last bytes that were kept back, to show when the machine fails before its program starts.</summary>
    public ReadOnlySpan<byte> Kept => _kept.ToArray();

    /// <summary>Shows what comes from now on: the program starts.</summary>
    public void Open() => _open = true;

    /// <summary>Shows nothing from now on: the program has ended.</summary>
    public void Close()
    {
        if (_pendingReturn)
            output.WriteByte(CarriageReturn);
        _pendingReturn = false;
        Flush();
        _closed = true;
    }

    /// <summary>Takes a byte from the serial line.</summary>
    public void Write(byte value)
    {
        if (_closed)
            return;
        if (!_open)
            Keep(value);
        else if (translate)
            WriteTranslated(value);
        else
            output.WriteByte(value);
    }

    /// <summary>Writes out what is known: a CR waits for the byte that follows it.</summary>
    public void Flush() => output.Flush();

    private void Keep(byte value)
    {
        if (_kept.Count >= KeptBytes)
            _kept.RemoveRange(0, KeptBytes / 2);
        _kept.Add(value);
    }

    private void WriteTranslated(byte value)
    {
        if (_pendingReturn && value != LineFeed)
            output.WriteByte(CarriageReturn);
        _pendingReturn = value == CarriageReturn;
        if (!_pendingReturn)
            output.WriteByte(value);
    }
}
