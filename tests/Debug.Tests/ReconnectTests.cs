using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text;
using CoSim.Cli.Tests;

namespace CoSim.Debug.Tests;

/// <summary>gdb detaches, and another one comes while the machine runs.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class ReconnectTests
{
    [Test]
    public void AnotherDebuggerComesAfterTheFirstHasGone()
    {
        CosimProcess.RequireBusybox();
        using TemporaryDirectory directory = new();
        string path = directory.File("gdb");
        ProcessStartInfo start = new(Path.Combine(AppContext.BaseDirectory, "cosim"), ["run", $"--gdb=unix:{path}", "--", "busybox", "sh", "-c", "while true; do echo x; done"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process cosim = Process.Start(start)!;
        cosim.OutputDataReceived += (_, _) => { };
        cosim.BeginOutputReadLine();
        try
        {
            using (Socket first = Connect(path))
            {
                Assert.That(Ask(first, "?"), Does.StartWith("T"));
                Assert.That(Ask(first, "D"), Is.EqualTo("OK"));
            }

            ulong before = 0;
            for (int round = 0; round < 3; round++)
            {
                using Socket next = Connect(path);
                Assert.That(Ask(next, "?"), Does.StartWith("T02"), "it stands still for whoever comes");
                ulong rip = ulong.Parse(Ask(next, "p10")[..16], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                Assert.That(rip, Is.Not.EqualTo(before), "it has run meanwhile");
                before = rip;
                Assert.That(Ask(next, "s"), Does.StartWith("T05"));
                Assert.That(Ask(next, "D"), Is.EqualTo("OK"));
                Thread.Sleep(200);
            }

            using Socket last = Connect(path);
            Send(last, "k");
            Assert.That(cosim.WaitForExit(30_000));
        }
        finally
        {
            if (!cosim.HasExited)
                cosim.Kill();
        }
    }

    private static Socket Connect(string path)
    {
        for (int tries = 0; ; tries++)
        {
            Socket socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified) { ReceiveTimeout = 60_000 };
            try
            {
                socket.Connect(new UnixDomainSocketEndPoint(path));
                return socket;
            }
            catch (SocketException) when (tries < 300)
            {
                socket.Dispose();
                Thread.Sleep(100);
            }
        }
    }

    private static void Send(Socket socket, string packet) =>
        socket.Send(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"${packet}#{packet.Sum(c => c) & 0xFF:x2}")));

    /// <summary>Sends a packet and gives the data of the reply.</summary>
    private static string Ask(Socket socket, string packet)
    {
        Send(socket, packet);
        StringBuilder got = new();
        byte[] one = new byte[1];
        while (got.Length < 3 || got[^3] != '#')
        {
            Assert.That(socket.Receive(one), Is.EqualTo(1), $"after {packet}: {got}");
            if (got.Length > 0 || one[0] == '$')
                got.Append((char)one[0]);
        }

        // Behind the reply to a detach nobody listens any more.
        if (packet != "D")
            socket.Send("+"u8.ToArray());
        return got.ToString(1, got.Length - 4);
    }
}
