using System.Net;
using System.Net.Sockets;
using CoSim.Cli.Debug.Protocol;
using CoSim.Cli.Running;
using CoSim.Os.Loader;
using Microsoft.Win32.SafeHandles;

namespace CoSim.Cli.Debug;

/// <summary>Waits for gdb at an endpoint and gives it the machine.</summary>
internal sealed class DebugConnection : IDisposable
{
    private const int PollMicroseconds = 100_000;

    private readonly DebugEndpoint _endpoint;
    private readonly Socket? _listener;
    private DebugSession? _session;
    private GdbChannel? _channel;

    private volatile bool _isDisposed;

    private DebugConnection(DebugEndpoint endpoint, Socket? listener)
    {
        _endpoint = endpoint;
        _listener = listener;
    }

    /// <summary>Whether gdb has the standard streams, so that the console cannot.</summary>
    public bool HasStandardStreams => _endpoint.Kind == DebugEndpointKind.StandardStreams;

    /// <summary>Opens the endpoint, so that a place that cannot be used is found before long work is done.</summary>
    /// <exception cref="BadInputException">It cannot be used.</exception>
    public static DebugConnection? Open(DebugEndpoint? endpoint)
    {
        if (endpoint is null)
            return null;
        if (endpoint.Kind == DebugEndpointKind.StandardStreams)
            return new DebugConnection(endpoint, null);
        bool tcp = endpoint.Kind == DebugEndpointKind.Tcp;
        Socket listener = tcp
            ? new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp)
            : new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            listener.Bind(tcp ? new IPEndPoint(IPAddress.Loopback, endpoint.Port) : new UnixDomainSocketEndPoint(endpoint.Path));
            listener.Listen(1);
            return new DebugConnection(endpoint, listener);
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            listener.Dispose();
            throw new BadInputException(tcp ? $"--gdb '{endpoint.Port}'" : endpoint.Path, e.Message.TrimEnd('.'));
        }
    }

    /// <summary>Waits for gdb and gives it a run that has not begun.</summary>
    /// <param name="run">The run.</param>
    /// <param name="error">Hears where the machine waits.</param>
    /// <param name="giveUp">Whether the user wants to wait no longer.</param>
    /// <returns>False when the user gave up.</returns>
    public bool Attach(GuestRun run, TextWriter error, Func<bool> giveUp)
    {
        if (Connect(error, giveUp) is not { } channel)
            return false;
        _channel = channel;
        _session = new DebugSession(run);
        _channel.Interrupted = _session.Interrupt;
        _session.Attach(new GdbFront(_session, channel));
        channel.Start();
        if (_listener is not null)
            new Thread(WaitForOthers) { IsBackground = true, Name = "gdb again" }.Start();
        return true;
    }

    /// <summary>After gdb has detached, another one may come, for as long as the run lasts.</summary>
    private void WaitForOthers()
    {
        try
        {
            while (!_isDisposed)
            {
                if (!_session!.IsAlone || !_listener!.Poll(PollMicroseconds, SelectMode.SelectRead))
                {
                    Thread.Sleep(PollMicroseconds / 1000);
                    continue;
                }

                GdbChannel channel = Accept();
                channel.Interrupted = _session.Interrupt;
                _channel = channel;
                _session.AttachAgain(new GdbFront(_session, channel));
                channel.Start();
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // The run is over, or the place is gone; nobody else can come.
        }
    }

    /// <summary>The console while gdb has the standard streams: gdb shows it.</summary>
    public Stream Console() => new ConsoleStream(this);

    /// <inheritdoc/>
    public void Dispose()
    {
        _isDisposed = true;
        _session?.Dispose();
        _listener?.Dispose();
        if (_endpoint.Kind == DebugEndpointKind.UnixSocket)
            File.Delete(_endpoint.Path);
    }

    private GdbChannel? Connect(TextWriter error, Func<bool> giveUp)
    {
        if (_listener is null)
            return new GdbChannel(Standard(0, FileAccess.Read), Standard(1, FileAccess.Write));
        string place = _listener.LocalEndPoint is IPEndPoint ip ? $":{ip.Port}" : _endpoint.Path;
        error.WriteLine($"cosim: waiting for gdb: target remote {place}");
        while (!_listener.Poll(PollMicroseconds, SelectMode.SelectRead))
        {
            if (giveUp())
                return null;
        }

        return Accept();
    }

    private GdbChannel Accept()
    {
        Socket socket = _listener!.Accept();
        if (_endpoint.Kind == DebugEndpointKind.Tcp)
            socket.NoDelay = true;
        NetworkStream stream = new(socket, ownsSocket: true);
        return new GdbChannel(stream, stream);
    }

    private static FileStream Standard(int descriptor, FileAccess access) =>
        new(new SafeFileHandle(descriptor, ownsHandle: false), access, bufferSize: 0);

    /// <summary>Bytes of the console become packets that gdb shows.</summary>
    private sealed class ConsoleStream(DebugConnection connection) : MemoryStream
    {
        public override void Write(ReadOnlySpan<byte> buffer) => connection._channel?.Send("O" + GdbHex.Of(buffer));

        public override void Write(byte[] buffer, int offset, int count) => Write(buffer.AsSpan(offset, count));
    }
}
