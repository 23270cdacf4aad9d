using CoSim.Cli.Debug;
using CoSim.Cli.Debug.Protocol;
using CoSim.Cli.Running;
using CoSim.Cli.Terminal;
using CoSim.Hw.Board;

namespace CoSim.Debug.Tests;

/// <summary>Replies to packets, on a machine that stands at its reset vector.</summary>
[TestFixture]
public sealed class PacketTests
{
    private static readonly string[] s_threads = ["1 0 core 0", "2 1 core 1"];

    private GuestRun _run = null!;
    private DebugSession _session = null!;
    private GdbServer _server = null!;

    [SetUp]
    public void Build()
    {
        MachineSpec spec = new()
        {
            Model = EpycModel.All[0],
            Cores = 2,
            MemoryBytes = 32UL << 20,
            Flash = FlashImage.ForBios(new byte[64 << 10]),
            Engine = EngineKind.Functional,
        };
        _run = new GuestRun(spec, DetailedEngines.Plain(spec.Model, spec.Cores), new ConsoleOutput(Stream.Null, translate: false, open: false), null);
        _session = new DebugSession(_run);
        _server = new GdbServer(_session, _ => { });
    }

    [TearDown]
    public void Drop()
    {
        _session.Dispose();
        _run.Dispose();
    }

    [TestCase("qC", "QC1")]
    [TestCase("qfThreadInfo", "m1,2")]
    [TestCase("qsThreadInfo", "l")]
    [TestCase("T2", "OK")]
    [TestCase("T3", "E01")]
    [TestCase("Hg2", "OK")]
    [TestCase("Hg9", "E01")]
    [TestCase("vMustReplyEmpty", "")]
    [TestCase("p10", "f0ffffff00000000")]
    [TestCase("p11", "02000000")]
    [TestCase("p12", "00f00000")]
    [TestCase("P0=0102030405060708", "OK")]
    [TestCase("P0=01", "E16")]
    [TestCase("Pffff=01", "E16")]
    [TestCase("m0,4", "00000000")]
    [TestCase("mfffffff0,2", "0000")]
    [TestCase("me0000000,4", "E0e")]
    [TestCase("M1000,2:abcd", "OK")]
    [TestCase("M1000,3:abcd", "E16")]
    [TestCase("Mfffffff0,1:00", "E0e")]
    [TestCase("X1000,0:", "OK")]
    [TestCase("Z0,1000,1", "OK")]
    [TestCase("Z2,1000,0", "E16")]
    [TestCase("Z5,1000,1", "")]
    [TestCase("vCont?", "vCont;c;C;s;S;r")]
    [TestCase("vCont;x", "E16")]
    [TestCase("vCont;s:9", "E01")]
    [TestCase("bx", "")]
    [TestCase("nonsense", "")]
    public void RepliesAreThoseOfTheManual(string packet, string reply) => Assert.That(_server.Handle(packet, out _), Is.EqualTo(reply));

    [Test]
    public void WhatIsWrittenIsRead()
    {
        _ = _server.Handle("M1000,2:abcd", out _);
        _ = _server.Handle("P3=1122334455667788", out _);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(_server.Handle("m1000,3", out _), Is.EqualTo("abcd00"));
            Assert.That(_server.Handle("p3", out _), Is.EqualTo("1122334455667788"));
            Assert.That(_run.Machine.Cores[0].Context.LinearRip, Is.EqualTo(0xFFFF_FFF0UL));
        }
    }

    [TestCase("vCont;s:2;c", "Step", 1)]
    [TestCase("vCont;c", "Continue", 0)]
    [TestCase("vCont;r1000,1010:1;c", "StepOutOfRange", 0)]
    [TestCase("vCont;S05:2", "Step", 1)]
    [TestCase("c", "Continue", 0)]
    [TestCase("s", "Step", 0)]
    [TestCase("D", "Detach", 0)]
    [TestCase("k", "Kill", 0)]
    public void OrdersAreUnderstood(string packet, string kind, int core)
    {
        _ = _server.Handle(packet, out ResumeOrder? order);
        Assert.That((order!.Value.Kind.ToString(), order.Value.Core), Is.EqualTo((kind, core)));
    }

    [Test]
    public void TheDescriptionIsWellFormedAndHasARegisterForEveryNumber()
    {
        System.Xml.Linq.XDocument xml = System.Xml.Linq.XDocument.Parse(Read("qXfer:features:read:target.xml:"));
        string[] numbers = [.. xml.Descendants("reg").Select(r => r.Attribute("regnum")!.Value)];
        Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, numbers.Length).Select(n => n.ToString(System.Globalization.CultureInfo.InvariantCulture))));
        foreach (System.Xml.Linq.XElement register in xml.Descendants("reg"))
        {
            string number = int.Parse(register.Attribute("regnum")!.Value, System.Globalization.CultureInfo.InvariantCulture).ToString("x", System.Globalization.CultureInfo.InvariantCulture);
            int bits = int.Parse(register.Attribute("bitsize")!.Value, System.Globalization.CultureInfo.InvariantCulture);
            Assert.That(_server.Handle("p" + number, out _), Has.Length.EqualTo(bits / 4), register.ToString());
        }
    }

    /// <summary>The reset vector is in the flash, whose last bytes are the same for everybody who looks.</summary>
    [Test]
    public void MemoryIsSearchedAndSummedUpHere()
    {
        const ulong start = 0xFFFF_FF00;
        byte[] bytes = GdbHex.Bytes(_server.Handle($"m{start:x},100", out _)!)!;
        byte[] pattern = bytes[0xF0..0xF4];
        int first = bytes.AsSpan().IndexOf(pattern);
        uint crc = uint.MaxValue;
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            uint next = (uint)(bytes[bit / 8] >> (7 - (bit % 8))) & 1;
            crc = (crc << 1) ^ (((crc >> 31) ^ next) * 0x04C1_1DB7);
        }

        using (Assert.EnterMultipleScope())
        {
            Assert.That(_server.Handle($"qSearch:memory:{start:x};100;{System.Text.Encoding.Latin1.GetString(pattern)}", out _), Is.EqualTo($"1,{start + (ulong)first:x}"));
            Assert.That(_server.Handle($"qSearch:memory:{start:x};100;no such bytes", out _), Is.EqualTo("0"));
            Assert.That(_server.Handle($"qSearch:memory:{start:x};100;", out _), Is.EqualTo("E16"));
            Assert.That(_server.Handle($"qCRC:{start:x},100", out _), Is.EqualTo($"C{crc:x}"));
            Assert.That(_server.Handle("qCRC:7000000000,100", out _), Is.EqualTo("E0e"));
        }
    }

    [Test]
    public void TheThreadsAreTheCores()
    {
        System.Xml.Linq.XDocument xml = System.Xml.Linq.XDocument.Parse(Read("qXfer:threads:read::"));
        Assert.That(xml.Descendants("thread").Select(t => $"{t.Attribute("id")!.Value} {t.Attribute("core")!.Value} {t.Attribute("name")!.Value}"), Is.EqualTo(s_threads));
    }

    /// <summary>Any packet has a reply or an order: never an exception. COSIM_FUZZ_CASES sets the number.</summary>
    [Test]
    public void RandomPacketsAreAnswered()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES"), out int many) ? many : 2000;
        int seed = TestSeed.Next();
        Random random = new(seed);
        string[] models =
        [
            "qSupported:swbreak+;hwbreak+", "qXfer:features:read:target.xml:0,ffb", "m1000,40", "M1000,2:abcd", "X1000,2:ab", "x1000,4", "Z0,1000,1",
            "z2,1000,8", "vCont;s:1;c", "vCont;r1000,1010:1", "Hg1", "Hc-1", "T1", "p10", "P10=0102030405060708", "g", "G00", "qThreadExtraInfo,1",
            "qRcmd,68656c70", "qRcmd,74696d65", "bs", "bc", "c", "s", "C05", "?", "D", "k", "qC", "vKill;1", "qRcmd,6d656d20302031303030", "qRcmd,73746f70206174203173",
            "qXfer:threads:read::0,ffb", "qSearch:memory:fffff000;1000;abc", "qCRC:fffff000,20", "qRcmd,696e666f20636c6f636b73",
            "qRcmd,73746f70207768656e20687065742e636f756e746572203e2035", "qRcmd,73746f70206f6e2073797363616c6c3a6e723d31",
        ];
        for (int i = 0; i < cases; i++)
        {
            string packet = models[random.Next(models.Length)];
            for (int edits = random.Next(6); edits > 0; edits--)
                packet = Edit(packet, random);
            string? reply = null;
            ResumeOrder? order = null;
            Assert.DoesNotThrow(() => reply = _server.Handle(packet, out order), $"seed {seed}: {packet}");
            if (reply is null && order is null)
                Assert.Fail($"seed {seed}: no reply to {packet}");
        }
    }

    private static string Edit(string packet, Random random)
    {
        int at = random.Next(packet.Length + 1);
        char any = random.Next(3) == 0 ? (char)random.Next(256) : "0123456789abcdef,;:=-"[random.Next(21)];
        return random.Next(4) switch
        {
            0 => packet.Insert(at, any.ToString()),
            1 when at < packet.Length => packet.Remove(at, 1),
            2 when at < packet.Length => packet.Remove(at, 1).Insert(at, any.ToString()),
            3 => packet[..at],
            _ => packet + any,
        };
    }

    private string Read(string query)
    {
        System.Text.StringBuilder text = new();
        while (true)
        {
            string part = _server.Handle($"{query}{text.Length:x},100", out _)!;
            text.Append(part.AsSpan(1));
            if (part[0] == 'l')
                return text.ToString();
        }
    }
}
