using System.Buffers;
using MessagePack;

namespace CoSim.Traces.Tests;

public sealed class MessagePackTests
{
    /// <summary>Encodings from the MessagePack specification, at the borders between formats.</summary>
    [TestCase(0ul, "00")]
    [TestCase(127ul, "7F")]
    [TestCase(128ul, "CC80")]
    [TestCase(255ul, "CCFF")]
    [TestCase(256ul, "CD0100")]
    [TestCase(65535ul, "CDFFFF")]
    [TestCase(65536ul, "CE00010000")]
    [TestCase(4294967296ul, "CF0000000100000000")]
    [TestCase(ulong.MaxValue, "CFFFFFFFFFFFFFFFFF")]
    public void UnsignedIntegersTakeTheirShortestForm(ulong value, string bytes)
    {
        Assert.That(Encode((ref MessagePackWriter w) => w.Write(value)), Is.EqualTo(bytes));
        Assert.That(Reader(bytes).ReadUInt64(), Is.EqualTo(value));
    }

    [TestCase(-1L, "FF")]
    [TestCase(-32L, "E0")]
    [TestCase(-33L, "D0DF")]
    [TestCase(-128L, "D080")]
    [TestCase(-129L, "D1FF7F")]
    [TestCase(-32768L, "D18000")]
    [TestCase(-32769L, "D2FFFF7FFF")]
    [TestCase(-2147483648L, "D280000000")]
    [TestCase(-2147483649L, "D3FFFFFFFF7FFFFFFF")]
    [TestCase(long.MinValue, "D38000000000000000")]
    public void NegativeIntegersTakeTheirShortestForm(long value, string bytes)
    {
        Assert.That(Encode((ref MessagePackWriter w) => w.Write(value)), Is.EqualTo(bytes));
        Assert.That(Reader(bytes).ReadInt64(), Is.EqualTo(value));
    }

    [TestCase(31, "BF")]
    [TestCase(32, "D920")]
    [TestCase(255, "D9FF")]
    [TestCase(256, "DA0100")]
    [TestCase(65536, "DB00010000")]
    public void StringsTakeTheirShortestHeader(int length, string header)
    {
        string text = new('x', length);
        string bytes = Encode((ref MessagePackWriter w) => w.Write(text));
        Assert.That(bytes, Does.StartWith(header));
        Assert.That(Reader(bytes).ReadString(), Is.EqualTo(text));
    }

    [TestCase(15, "9F", "8F")]
    [TestCase(16, "DC0010", "DE0010")]
    [TestCase(65536, "DD00010000", "DF00010000")]
    public void ContainersTakeTheirShortestHeader(int count, string array, string map)
    {
        Assert.That(Encode((ref MessagePackWriter w) => w.WriteArrayHeader(count)), Is.EqualTo(array));
        Assert.That(Encode((ref MessagePackWriter w) => w.WriteMapHeader(count)), Is.EqualTo(map));
    }

    [Test]
    public void ACountThatCannotBeIsRefusedBeforeAnyoneReservesMemoryForIt()
    {
        Assert.Throws<MessagePackSerializationException>(() => Reader("DDFFFFFFFF00").ReadArrayHeader());
        Assert.Throws<MessagePackSerializationException>(() => Reader("C6FFFFFFFF00").ReadBytes());
    }

    [Test]
    public void RandomBytesGiveAValueOrASerializationException()
    {
        const int seed = 20;
        Random random = new(seed);
        int skipped = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] bytes = new byte[random.Next(1, 40)];
            random.NextBytes(bytes);
            MessagePackReader reader = new(bytes);
            try
            {
                while (!reader.End)
                {
                    reader.Skip();
                    skipped++;
                }
            }
            catch (MessagePackSerializationException)
            {
                Assert.That(reader.Consumed, Is.LessThanOrEqualTo(bytes.Length), $"seed {seed}, case {i}");
            }
        }

        Assert.That(skipped, Is.GreaterThan(1000));
    }

    private delegate void Writing(ref MessagePackWriter writer);

    private static string Encode(Writing write)
    {
        ArrayBufferWriter<byte> buffer = new();
        MessagePackWriter writer = new(buffer);
        write(ref writer);
        writer.Flush();
        return Convert.ToHexString(buffer.WrittenSpan);
    }

    private static MessagePackReader Reader(string bytes) => new(Convert.FromHexString(bytes));
}
