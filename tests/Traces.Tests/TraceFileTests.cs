using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

public sealed class TraceFileTests
{
    [Test]
    public void WhatIsWrittenIsRead([Values(0, 1, 30_000)] int count)
    {
        List<TraceEvent> events = SampleTrace.Events(7, count);
        byte[] image = [.. Enumerable.Range(0, 3_000_000).Select(i => (byte)(i * 7))];
        using TraceReader reader = new(new MemoryStream(SampleTrace.Write(events, image)));

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
        whole[reader.Blocks[1].Offset + 100] ^= 1;
        TraceFormatException? error = Assert.Throws<TraceFormatException>(() => _ = reader.Events().Count());
        Assert.That(error!.Message, Is.EqualTo($"byte {reader.Blocks[1].Offset}: the checksum of the frame 'events' is wrong"));
    }

    [Test]
    public void ATextFileIsNoTrace() =>
        Assert.That(() => new TraceReader(new MemoryStream("strace -f"u8.ToArray())), Throws.TypeOf<TraceFormatException>());

    /// <summary>2,000 damaged traces here; COSIM_FUZZ_CASES asks for more.</summary>
    [Test]
    public void ADamagedTraceNeverGivesAnythingElseThanAFormatError()
    {
        int cases = int.TryParse(Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES"), out int more) ? more : 2_000;
        byte[] whole = SampleTrace.Write(SampleTrace.Events(12, 300), [1, 2, 3, 4]);
        int refused = 0;
        for (int seed = 0; seed < cases; seed++)
        {
            Random random = new(seed);
            byte[] bytes = [.. whole.Take(random.Next(3) == 0 ? random.Next(whole.Length) : whole.Length)];
            for (int n = random.Next(1, 6); n > 0 && bytes.Length > 0; n--)
                bytes[random.Next(random.Next(4) == 0 ? Math.Min(64, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
            try
            {
                using TraceReader reader = new(new MemoryStream(Reseal(bytes, random)));
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

    /// <summary>Corrects the checksums of half the cases, so that the damage reaches the decoders behind them.</summary>
    private static byte[] Reseal(byte[] bytes, Random random)
    {
        if (random.Next(2) == 0)
            return bytes;
        int at = 0;
        while (at + 16 < bytes.Length && bytes[at] == 0x93 && bytes[at + 1] is >= 0xA0 and <= 0xBF)
        {
            int name = bytes[at + 1] - 0xA0;
            int checksum = at + 2 + name + 1;
            if (checksum + 9 > bytes.Length)
                break;
            int length = System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(checksum + 5));
            if (length < 0 || length > bytes.Length - checksum - 9)
                break;
            string kind = System.Text.Encoding.UTF8.GetString(bytes, at + 2, name);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(checksum), Crc32C(kind, bytes.AsSpan(checksum + 9, length)));
            at = checksum + 9 + length;
        }

        return bytes;
    }

    /// <summary>CRC-32C bit by bit: RFC 3720, appendix B.4.</summary>
    private static uint Crc32C(string kind, ReadOnlySpan<byte> body)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in (byte[])[.. System.Text.Encoding.Latin1.GetBytes(kind), .. body])
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }

        return ~crc;
    }

    private static long IndexOffset(byte[] whole) => System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(whole.AsSpan(whole.Length - 8));

    private static string Text(TraceEvent e) => $"{e.Time.Femtoseconds} {e}";
}
