using System.Text;

namespace CoSim.Cli.Debug.Protocol;

/// <summary>What a byte from gdb has completed.</summary>
internal enum GdbInput
{
    /// <summary>Nothing yet.</summary>
    None,

    /// <summary>A packet whose checksum is right.</summary>
    Packet,

    /// <summary>A packet whose checksum is wrong, or which is longer than any that is taken.</summary>
    Damaged,

    /// <summary>The byte 03h outside a packet: stop.</summary>
    Interrupt,

    /// <summary>gdb asks for the last packet again.</summary>
    Retransmit,
}

/// <summary>
/// Framing of the GDB remote serial protocol (GDB manual, appendix E.1): <c>$data#checksum</c>, with <c>}</c> before a byte that is XORed with
/// 20h. Data are bytes, held in strings of characters 0 to 255.
/// </summary>
internal sealed class GdbFraming
{
    /// <summary>Bytes of a packet that gdb may send, told in qSupported.</summary>
    public const int PacketSize = 0x4000;

    private const char Escape = '}';
    private const char EscapeBit = (char)0x20;
    private const byte InterruptByte = 3;

    private readonly StringBuilder _data = new();
    private State _state;
    private bool _escaped;
    private bool _tooLong;
    private byte _sum;
    private int _expected;

    private enum State
    {
        Outside,
        Data,
        FirstDigit,
        SecondDigit,
    }

    /// <summary>Data of the packet that was completed last, without escapes.</summary>
    public string Packet { get; private set; } = "";

    /// <summary>Takes one byte.</summary>
    public GdbInput Feed(byte value)
    {
        switch (_state)
        {
            case State.Outside:
                return Outside(value);
            case State.Data:
                Inside(value);
                return GdbInput.None;
            case State.FirstDigit:
                _expected = Digit(value) << 4;
                _state = State.SecondDigit;
                return GdbInput.None;
            default:
                _state = State.Outside;
                Packet = _data.ToString();
                return (_expected | Digit(value)) == _sum && !_tooLong ? GdbInput.Packet : GdbInput.Damaged;
        }
    }

    /// <summary>The bytes of a packet with this data.</summary>
    public static byte[] Frame(string data)
    {
        StringBuilder text = new(data.Length + 4);
        text.Append('$');
        byte sum = 0;
        foreach (char c in data)
        {
            if (c is '$' or '#' or Escape or '*')
            {
                sum += (byte)Escape;
                text.Append(Escape);
                char changed = (char)(c ^ EscapeBit);
                sum += (byte)changed;
                text.Append(changed);
                continue;
            }

            sum += (byte)c;
            text.Append(c);
        }

        text.Append('#').Append(GdbHex.Of([sum]));
        return Encoding.Latin1.GetBytes(text.ToString());
    }

    private GdbInput Outside(byte value)
    {
        switch (value)
        {
            case (byte)'$':
                _data.Clear();
                _sum = 0;
                _escaped = _tooLong = false;
                _state = State.Data;
                return GdbInput.None;
            case InterruptByte:
                return GdbInput.Interrupt;
            case (byte)'-':
                return GdbInput.Retransmit;
            default:
                return GdbInput.None;
        }
    }

    private void Inside(byte value)
    {
        if (value == '#')
        {
            _state = State.FirstDigit;
            return;
        }

        _sum += value;
        if (value == Escape && !_escaped)
        {
            _escaped = true;
            return;
        }

        // An escape doubles a byte at most.
        _tooLong |= _data.Length >= 2 * PacketSize;
        if (!_tooLong)
            _data.Append((char)(_escaped ? value ^ EscapeBit : value));
        _escaped = false;
    }

    /// <summary>A digit's value; one that is none spoils the checksum.</summary>
    private static int Digit(byte value) => GdbHex.Digit((char)value) is var digit and >= 0 ? digit : 0x1000;
}
