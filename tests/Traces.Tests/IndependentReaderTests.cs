using System.Diagnostics;

namespace CoSim.Traces.Tests;

/// <summary>A trace is MessagePack to others too: python3-msgpack walks it.</summary>
[Category("NeedsTools")]
public sealed class IndependentReaderTests
{
    private const string Walk = """
        import msgpack, sys, zlib
        kinds = []
        events = 0
        for kind, checksum, body in msgpack.Unpacker(open(sys.argv[1], 'rb'), max_buffer_size=1 << 30):
            kinds.append(kind)
            if kind.endswith('-z'):
                body = zlib.decompress(body)
            inner = msgpack.Unpacker(max_buffer_size=1 << 30)
            inner.feed(body)
            values = list(inner)
            if kind in ('events', 'events-z'):
                events += len([v for v in values if isinstance(v, list)])
        print(kinds[0], kinds[-1], events)
        """;

    [Test]
    public void PythonReadsATrace()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, SampleTrace.Write(SampleTrace.Events(13, 10_000), [1, 2, 3]));
            Assert.That(Python("-c", Walk, path), Is.EqualTo("cosim-trace end 10000"));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static string Python(params string[] arguments)
    {
        using Process? process = Start("/usr/bin/python3", ["-c", "import msgpack"]);
        process?.WaitForExit();
        if (process is not { ExitCode: 0 })
            Assert.Ignore("python3-msgpack is not installed");
        using Process run = Start("/usr/bin/python3", arguments)!;
        string output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        return output.Trim();
    }

    private static Process? Start(string file, string[] arguments)
    {
        if (!File.Exists(file))
            return null;
        return Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });
    }
}
