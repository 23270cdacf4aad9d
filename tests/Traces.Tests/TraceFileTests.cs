using System.IO.Compression;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

public sealed class TraceFileTests
{
    [Test]
    public void WhatIsWrittenIsRead([Values(0, 1, 30_000)] int count, [Values] bool compressed)
    {
        List<TraceEvent> events = SampleTrace.Events(7, count);
        byte[] image = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7))];
        using TraceReader reader = new(new MemoryStream(SampleTrace.Write(events, image, compressed)));

        Assert.That(reader.Header.Level, Is.EqualTo(TraceLevel.Events));
        Assert.That(reader.Header.Fact("machine.model"), Is.EqualTo("7742"));
        Assert.That(reader.Data("flash"), Is.EqualTo(image));
        Assert.That(reader.Data("other"), Is.Null);
        Assert.That(reader.Blocks.Sum(b => b.Count), Is.EqualTo(count));
        Assert.That(reader.IsComplete);
        Assert.That(reader.Count, Is.EqualTo((ulong)count));
        Assert.That(reader.Events().Select(Text), Is.EqualTo(events.Select(Text)));
    }

    [Test]
    public void EventsAreFoundByTimeAndNumber()
    {
        List<TraceEvent> events = SampleTrace.Events(8, 30_000);
        using TraceReader reader = new(new MemoryStream(SampleTrace.Write(events, null)));
        Assert.That(reader.Blocks, Has.Count.GreaterThan(3));
        foreach (int at in new[] { 0, 1, 9_999, 29_999 })
        {
            Assert.That(Text(reader.EventsFrom((ulong)at).First()), Is.EqualTo(Text(events[at])));
            Assert.That(reader.EventsFrom(events[at].Time).First().Time, Is.GreaterThanOrEqualTo(events[at].Time));
        }

        Assert.That(reader.EventsFrom(30_000ul), Is.Empty);
        Assert.That(reader.EventsFrom(SimTime.Never), Is.Empty);
    }

    [Test]
    public void ACutTraceIsReadableToItsLastWholeBlock()
    {
        List<TraceEvent> events = SampleTrace.Events(9, 20_000);
        byte[] whole = SampleTrace.Write(events, [1, 2, 3]);
        IReadOnlyList<BlockEntry> blocks = new TraceReader(new MemoryStream(whole)).Blocks;
        Random random = new(10);
        for (int i = 0; i < 40; i++)
        {
            int length = random.Next((int)blocks[0].Offset, whole.Length - 1);
            using TraceReader reader = new(new MemoryStream(whole, 0, length));
            List<string> read = [.. reader.Events().Select(Text)];
            BlockEntry[] left = [.. blocks.Where((b, n) => length >= (n + 1 < blocks.Count ? blocks[n + 1].Offset : IndexOffset(whole)))];
            Assert.That(reader.IsComplete, Is.False);
            Assert.That(read, Has.Count.EqualTo(left.Sum(b => b.Count)), $"cut at {length}");
            Assert.That(read, Is.EqualTo(events.Take(read.Count).Select(Text)));
        }
    }

    [Test]
    public void ADamagedTraceGivesAnErrorThatSaysWhere()
    {
        byte[] whole = SampleTrace.Write(SampleTrace.Events(11, 5_000), null);
        using TraceReader reader = new(new MemoryStream(whole));
        whole[(reader.Blocks[1].Offset + reader.Blocks[2].Offset) / 2] ^= 1;
        TraceFormatException? error = Assert.Throws<TraceFormatException>(() => _ = reader.Events().Count());
        Assert.That(error!.Message, Is.EqualTo($"byte {reader.Blocks[1].Offset}: the checksum of the frame 'events-z' is wrong"));
    }

    /// <summary>A small file that unpacks to gigabytes is refused before it takes the memory.</summary>
    [Test]
    public void WhatUnpacksToTooMuchIsRefused()
    {
        MemoryStream stream = new();
        TraceWriter writer = new(stream, SampleTrace.Header);
        long data = stream.Length;
        writer.WriteData("flash", new byte[1]);
        MemoryStream packed = new();
        using (ZLibStream pack = new(packed, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            for (int i = 0; i < 70; i++)
                pack.Write(new byte[1 << 20]);
        }

        stream.SetLength(data);
        stream.Position = data;
        _ = Frame.Write(stream, FrameKind.PackedData, packed.ToArray());
        stream.Position = 0;
        using TraceReader reader = new(stream);
        Assert.That(() => reader.Data("flash"), Throws.TypeOf<TraceFormatException>().With.Message.Contains("unpacks to more than 67108864 bytes"));
    }

    [Test]
    public void ATextFileIsNoTrace() =>
        Assert.That(() => new TraceReader(new MemoryStream("strace -f"u8.ToArray())), Throws.TypeOf<TraceFormatException>());

    [Test]
    public void ADamagedTraceNeverGivesAnythingElseThanAFormatError([Values] bool compressed)
    {
        int cases = DamagedTrace.Cases / 2;
        byte[] whole = SampleTrace.Write(SampleTrace.Events(12, 300), [1, 2, 3, 4], compressed);
        int refused = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            try
            {
                using TraceReader reader = new(new MemoryStream(DamagedTrace.Of(whole, seed)));
                _ = reader.Data("flash");
                _ = reader.Events().Count();
            }
            catch (TraceFormatException e)
            {
                Assert.That(e.Message, Is.Not.Empty, $"seed {seed}");
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(cases / 10));
    }

    private static long IndexOffset(byte[] whole) => System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(whole.AsSpan(whole.Length - 8));

    private static string Text(TraceEvent e) => $"{e.Time.Femtoseconds} {e}";
}
