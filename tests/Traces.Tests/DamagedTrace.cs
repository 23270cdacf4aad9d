using System.Buffers.Binary;
using System.Text;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

/// <summary>Traces that are cut, changed, and in half the cases given right checksums again.</summary>
internal static class DamagedTrace
{
    /// <summary>Cases that a fuzz test tries: 2,000; COSIM_FUZZ_CASES asks for more.</summary>
    public static int Cases => int.TryParse(Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES"), out int more) ? more : 2_000;

    /// <summary>The same trace without compression: damage then reaches what decodes the events.</summary>
    public static byte[] Unpacked(byte[] whole)
    {
        using TraceReader reader = new(new MemoryStream(whole));
        MemoryStream stream = new();
        TraceWriter writer = new(stream, reader.Header) { Compresses = false };
        if (reader.Data(TraceSymbols.DataName) is { } symbols)
            writer.WriteData(TraceSymbols.DataName, symbols);
        foreach (TraceEvent e in reader.Events())
            writer.Write(in e);
        writer.Finish();
        return stream.ToArray();
    }

    /// <summary>A damaged copy.</summary>
    public static byte[] Of(byte[] whole, int seed)
    {
        Random random = new(seed);
        byte[] bytes = [.. whole.Take(random.Next(3) == 0 ? random.Next(whole.Length) : whole.Length)];
        for (int n = random.Next(1, 6); n > 0 && bytes.Length > 0; n--)
            bytes[random.Next(random.Next(4) == 0 ? Math.Min(64, bytes.Length) : bytes.Length)] = (byte)random.Next(256);
        return random.Next(2) == 0 ? bytes : Reseal(bytes);
    }

    /// <summary>A copy with a few bytes behind the header changed and all checksums right: most damage is to values.</summary>
    public static byte[] OfContent(byte[] whole, int seed)
    {
        Random random = new(seed);
        byte[] bytes = [.. whole];
        int header = 2 + bytes[1] - 0xA0 + 10 + BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(2 + bytes[1] - 0xA0 + 6));
        for (int n = random.Next(1, 4); n > 0; n--)
            bytes[random.Next(header, bytes.Length)] = (byte)random.Next(256);
        return Reseal(bytes);
    }

    /// <summary>Corrects the checksums, so that the damage reaches the decoders behind them.</summary>
    private static byte[] Reseal(byte[] bytes)
    {
        int at = 0;
        while (at + 16 < bytes.Length && bytes[at] == 0x93 && bytes[at + 1] is >= 0xA0 and <= 0xBF)
        {
            int name = bytes[at + 1] - 0xA0;
            int checksum = at + 2 + name + 1;
            if (checksum + 9 > bytes.Length)
                break;
            int length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(checksum + 5));
            if (length < 0 || length > bytes.Length - checksum - 9)
                break;
            string kind = Encoding.UTF8.GetString(bytes, at + 2, name);
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(checksum), Crc32C(kind, bytes.AsSpan(checksum + 9, length)));
            at = checksum + 9 + length;
        }

        return bytes;
    }

    /// <summary>CRC-32C bit by bit: RFC 3720, appendix B.4.</summary>
    private static uint Crc32C(string kind, ReadOnlySpan<byte> body)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in (byte[])[.. Encoding.Latin1.GetBytes(kind), .. body])
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ ((crc & 1) * 0x82F63B78u);
        }

        return ~crc;
    }
}
