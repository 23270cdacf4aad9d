using System.Globalization;
using System.Text;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <content>Work on memory that is better done here than byte by byte through the connection.</content>
internal sealed partial class GdbServer
{
    private const int SearchPiece = 64 << 10;

    /// <summary>More is refused: a search of it would keep the debugger waiting.</summary>
    private const ulong LongestSearch = 1UL << 30;

    /// <summary><c>qSearch:memory:ADDRESS;LENGTH;PATTERN</c>: the command <c>find</c>.</summary>
    private string SearchMemory(string packet)
    {
        GdbWords words = new(packet, Search.Length);
        if (!words.Number(';', out ulong address) || !words.Number(';', out ulong length) || length > LongestSearch)
            return Invalid;
        byte[] pattern = Encoding.Latin1.GetBytes(words.Rest.ToString());
        if (pattern.Length is 0 or > SearchPiece)
            return Invalid;
        byte[] piece = new byte[SearchPiece + pattern.Length - 1];
        for (ulong done = 0; done + (ulong)pattern.Length <= length; done += SearchPiece)
        {
            int wanted = (int)Math.Min((ulong)piece.Length, length - done);
            int read = TargetMemory.ReadLinear(Core, address + done, piece.AsSpan(0, wanted));
            int found = piece.AsSpan(0, read).IndexOf(pattern);
            if (found >= 0)
                return string.Create(CultureInfo.InvariantCulture, $"1,{address + done + (ulong)found:x}");
            if (read < wanted)
                return BadAddress;
        }

        return "0";
    }

    /// <summary><c>qCRC:ADDRESS,LENGTH</c>: the command <c>compare-sections</c>. The polynomial is 04C11DB7h, from ones, highest bit first.</summary>
    private string MemoryChecksum(string packet)
    {
        const uint polynomial = 0x04C1_1DB7;
        GdbWords words = new(packet, Checksum.Length);
        if (!words.Number(',', out ulong address) || !words.Number(';', out ulong length) || length > LongestSearch)
            return Invalid;
        uint crc = uint.MaxValue;
        byte[] piece = new byte[SearchPiece];
        for (ulong done = 0; done < length; done += SearchPiece)
        {
            Span<byte> bytes = piece.AsSpan(0, (int)Math.Min(SearchPiece, length - done));
            if (TargetMemory.ReadLinear(Core, address + done, bytes) < bytes.Length)
                return BadAddress;
            foreach (byte value in bytes)
            {
                crc ^= (uint)value << 24;
                for (int bit = 0; bit < 8; bit++)
                    crc = (crc << 1) ^ ((crc >> 31) * polynomial);
            }
        }

        return string.Create(CultureInfo.InvariantCulture, $"C{crc:x}");
    }
}
