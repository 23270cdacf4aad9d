using System.Collections.Concurrent;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>The connection to gdb: a thread reads packets, so that an interrupt is heard while the machine runs.</summary>
internal sealed class GdbChannel : IDisposable
{
    private readonly Stream _input;
    private readonly Stream _output;
    private readonly BlockingCollection<string> _packets = [];
    private readonly Lock _writing = new();
    private readonly Thread _reader;
    private byte[] _last = [];
    private volatile bool _acknowledges = true;

    /// <summary>Takes a connection.</summary>
    /// <param name="input">Bytes from gdb.</param>
    /// <param name="output">Bytes to gdb; may be the same stream.</param>
    public GdbChannel(Stream input, Stream output)
    {
        _input = input;
        _output = output;
        _reader = new Thread(ReadAll) { IsBackground = true, Name = "gdb" };
    }

    /// <summary>Called, on the reading thread, when gdb asks to stop or the connection ends.</summary>
    public Action? Interrupted { get; set; }

    /// <summary>Whether packets are acknowledged, as they are until QStartNoAckMode.</summary>
    public bool Acknowledges
    {
        get => _acknowledges;
        set => _acknowledges = value;
    }

    /// <summary>Begins to read.</summary>
    public void Start() => _reader.Start();

    /// <summary>Waits for a packet; null when the connection has ended.</summary>
    public string? Receive() => _packets.TryTake(out string? packet, Timeout.Infinite) ? packet : null;

    /// <summary>Sends a packet. A connection that has ended takes it silently.</summary>
    public void Send(string data)
    {
        lock (_writing)
        {
            _last = GdbFraming.Frame(data);
            Write(_last);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _output.Dispose();
        _input.Dispose();
        _packets.Dispose();
    }

    private void ReadAll()
    {
        GdbFraming framing = new();
        byte[] buffer = new byte[4096];
        try
        {
            for (int count; (count = _input.Read(buffer)) > 0;)
            {
                foreach (byte value in buffer.AsSpan(0, count))
                    Take(framing, value);
            }
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The connection is gone: the same as its end.
        }

        End();
    }

    private void End()
    {
        try
        {
            _packets.CompleteAdding();
        }
        catch (ObjectDisposedException)
        {
            // Nobody waits any more.
            return;
        }

        Interrupted?.Invoke();
    }

    private void Take(GdbFraming framing, byte value)
    {
        switch (framing.Feed(value))
        {
            case GdbInput.Packet:
                Acknowledge('+');
                _packets.Add(framing.Packet);
                break;
            case GdbInput.Damaged:
                Acknowledge('-');
                break;
            case GdbInput.Interrupt:
                Interrupted?.Invoke();
                break;
            case GdbInput.Retransmit when _acknowledges:
                lock (_writing)
                    Write(_last);
                break;
        }
    }

    private void Acknowledge(char mark)
    {
        if (!_acknowledges)
            return;
        lock (_writing)
            Write([(byte)mark]);
    }

    private void Write(ReadOnlySpan<byte> bytes)
    {
        try
        {
            _output.Write(bytes);
            _output.Flush();
        }
        catch (Exception e) when (e is IOException or ObjectDisposedException)
        {
            // The reading thread finds the connection's end too, and says so.
        }
    }
}
