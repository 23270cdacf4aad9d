using System.Globalization;
using System.Text;
using System.Xml.Linq;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <content>General queries (GDB manual, appendix E.4).</content>
internal sealed partial class GdbServer
{
    private const string Features = "qXfer:features:read:target.xml:", Threads = "qXfer:threads:read::", AnyTransfer = "qXfer:features:read:";
    private const string MemoryRanges = "qXfer:memory-map:read::";
    private const string Search = "qSearch:memory:", Checksum = "qCRC:";
    private const string Command = "qRcmd,";
    private const string ExtraInfo = "qThreadExtraInfo,";

    private string Query(string packet)
    {
        if (packet.StartsWith("qSupported", StringComparison.Ordinal))
            return Supported(packet);
        if (packet.StartsWith(Features, StringComparison.Ordinal))
            return Transfer(packet, Features.Length, TargetDescription.Xml);
        if (packet.StartsWith(AnyTransfer, StringComparison.Ordinal))
            return "E00";
        if (packet.StartsWith(Threads, StringComparison.Ordinal))
            return Transfer(packet, Threads.Length, ThreadList());
        if (packet.StartsWith(MemoryRanges, StringComparison.Ordinal))
            return Transfer(packet, MemoryRanges.Length, MemoryDocument);
        if (packet.StartsWith(Search, StringComparison.Ordinal))
            return SearchMemory(packet);
        if (packet.StartsWith(Checksum, StringComparison.Ordinal))
            return MemoryChecksum(packet);
        if (packet.StartsWith(Command, StringComparison.Ordinal))
            return Monitor(packet.AsSpan(Command.Length));
        if (packet.StartsWith(ExtraInfo, StringComparison.Ordinal))
        {
            return GdbHex.TryNumber(packet.AsSpan(ExtraInfo.Length), out ulong id) && CoreOf(id) is { } core
                ? GdbHex.OfText(CoreText.Of(Machine.Cores[core]))
                : NotPermitted;
        }

        switch (packet)
        {
            case "QStartNoAckMode":
                NoAcknowledgements = true;
                return Ok;
            case "qfThreadInfo":
                return "m" + string.Join(',', Enumerable.Range(1, Machine.Cores.Count).Select(Number));
            case "qsThreadInfo":
                return "l";
            case "qC":
                return "QC" + Number(_general + 1);
            case "qAttached":
                return "1";
            case "qSymbol::":
                return Ok;
            default:
                return Unknown;
        }
    }

    private string Supported(string packet)
    {
        _reasons = packet.Contains("swbreak+", StringComparison.Ordinal) && packet.Contains("hwbreak+", StringComparison.Ordinal);
        string reverse = _control.CanReverse ? ";ReverseStep+;ReverseContinue+" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"PacketSize={GdbFraming.PacketSize:x};QStartNoAckMode+;qXfer:features:read+;qXfer:threads:read+;qXfer:memory-map:read+;vContSupported+;swbreak+;hwbreak+{reverse}");
    }

    /// <summary>A part of a document, as <c>qXfer</c> reads it.</summary>
    private static string Transfer(string packet, int at, string document)
    {
        GdbWords words = new(packet, at);
        if (!words.Number(',', out ulong offset) || !words.Number(',', out ulong length))
            return Invalid;
        if (offset >= (ulong)document.Length)
            return "l";
        int count = (int)Math.Min(Math.Min(length, LongestRead), (ulong)document.Length - offset);
        return ((int)offset + count == document.Length ? "l" : "m") + document.Substring((int)offset, count);
    }

    /// <summary>All threads in one document: the cores, each with its place and what it does.</summary>
    private string ThreadList()
    {
        IEnumerable<XElement> threads = Machine.Cores.Select(c => new XElement(
            "thread",
            new XAttribute("id", Number(c.Index + 1)),
            new XAttribute("core", c.Index.ToString(CultureInfo.InvariantCulture)),
            new XAttribute("name", $"core {c.Index}"),
            CoreText.Of(c)));
        return "<?xml version=\"1.0\"?>\n" + new XElement("threads", threads).ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>
    /// All addresses are memory that may be written: gdb asks for linear ones, which lie where the guest's tables say at the moment. Without a map
    /// gdb would not use hardware breakpoints by itself in what it takes for read-only.
    /// </summary>
    private const string MemoryDocument =
        "<?xml version=\"1.0\"?>\n<!DOCTYPE memory-map PUBLIC \"+//IDN gnu.org//DTD GDB Memory Map V1.0//EN\" \"http://sourceware.org/gdb/gdb-memory-map.dtd\">\n"
        + "<memory-map><memory type=\"ram\" start=\"0x0\" length=\"0x8000000000000000\"/><memory type=\"ram\" start=\"0x8000000000000000\" length=\"0x8000000000000000\"/></memory-map>";

    private string Monitor(ReadOnlySpan<char> text)
    {
        if (GdbHex.Bytes(text) is not { } bytes)
            return Invalid;
        using StringWriter output = new() { NewLine = "\n" };
        _control.Monitor(Encoding.UTF8.GetString(bytes), Core, output);
        foreach (char[] piece in output.ToString().Chunk(LongestRead / 4))
            _send("O" + GdbHex.OfText(new string(piece)));
        return Ok;
    }
}
