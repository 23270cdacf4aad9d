using System.Globalization;
using System.Text;
using CoSim.Cli.Debug.Target;

namespace CoSim.Cli.Debug.Protocol;

/// <content>General queries (GDB manual, appendix E.4).</content>
internal sealed partial class GdbServer
{
    private const string Features = "qXfer:features:read:";
    private const string Command = "qRcmd,";
    private const string ExtraInfo = "qThreadExtraInfo,";

    private string Query(string packet)
    {
        if (packet.StartsWith("qSupported", StringComparison.Ordinal))
            return Supported(packet);
        if (packet.StartsWith(Features, StringComparison.Ordinal))
            return Describe(packet);
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
            $"PacketSize={GdbFraming.PacketSize:x};QStartNoAckMode+;qXfer:features:read+;vContSupported+;swbreak+;hwbreak+{reverse}");
    }

    private static string Describe(string packet)
    {
        const string annex = "target.xml:";
        ReadOnlySpan<char> rest = packet.AsSpan(Features.Length);
        if (!rest.StartsWith(annex))
            return "E00";
        GdbWords words = new(packet, Features.Length + annex.Length);
        if (!words.Number(',', out ulong offset) || !words.Number(',', out ulong length))
            return Invalid;
        string xml = TargetDescription.Xml;
        if (offset >= (ulong)xml.Length)
            return "l";
        int count = (int)Math.Min(Math.Min(length, LongestRead), (ulong)xml.Length - offset);
        string part = xml.Substring((int)offset, count);
        return ((int)offset + count == xml.Length ? "l" : "m") + part;
    }

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
