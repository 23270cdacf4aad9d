using CoSim.Cli.Running;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>gdb at the other end of a connection.</summary>
internal sealed class GdbFront : IDebugFront
{
    private readonly GdbChannel _channel;
    private readonly GdbServer _server;
    private bool _awaited;

    /// <summary>Takes a connection.</summary>
    public GdbFront(IDebugControl control, GdbChannel channel)
    {
        _channel = channel;
        _server = new GdbServer(control, channel.Send);
    }

    /// <inheritdoc/>
    public ResumeOrder Serve(StopEvent stop)
    {
        string reply = _server.Stopped(stop);
        if (_awaited)
        {
            Say(stop.Text);
            _channel.Send(reply);
        }

        while (_channel.Receive() is { } packet)
        {
            string? answer = _server.Handle(packet, out ResumeOrder? order);
            if (answer is not null)
                _channel.Send(answer);
            _channel.Acknowledges &= !_server.NoAcknowledgements;
            if (order is { } some)
            {
                _awaited = some.Kind is not (ResumeKind.Detach or ResumeKind.Kill);
                return some;
            }
        }

        // Whoever held the machine has gone without a word.
        return new ResumeOrder(ResumeKind.Kill, 0);
    }

    /// <inheritdoc/>
    public void Ended(int? status)
    {
        if (_awaited)
            _channel.Send($"W{status ?? RunFailure.Status:x2}");
        _awaited = false;
    }

    /// <summary>Shows a line in gdb.</summary>
    private void Say(string text)
    {
        if (text.Length > 0)
            _channel.Send("O" + GdbHex.OfText(text + "\n"));
    }

    /// <inheritdoc/>
    public void Dispose() => _channel.Dispose();
}
