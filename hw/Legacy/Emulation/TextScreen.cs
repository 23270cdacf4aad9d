using System.Text;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// A VGA's text mode 3, as far as programs use it that print to the screen: 80 columns of 25 rows in 32 KiB of memory at B8000h, two bytes for
/// each character, and the CRT controller, whose start address says where in that memory the screen begins. Nothing is drawn.
/// </summary>
/// <remarks>
/// Source: IBM VGA Technical Reference (PS/2 Hardware Interface Technical Reference, Video Subsystem, 1988): CRT controller at 3D4h and 3D5h,
/// input status 1 at 3DAh. The memory itself belongs to the board's memory map. Other registers of the VGA are absent.
/// </remarks>
public sealed class TextScreen : BytePortDevice, IStateful
{
    /// <summary>Where the characters stand.</summary>
    public const ulong MemoryStart = 0xB_8000;

    /// <summary>Length of the memory in bytes.</summary>
    public const ulong MemoryLength = 0x8000;

    /// <summary>Characters of a row.</summary>
    public const int Columns = 80;

    /// <summary>Rows of the screen.</summary>
    public const int Rows = 25;

    private const ushort IndexPort = 0x3D4, DataPort = 0x3D5, StatusPort = 0x3DA;
    private const int StartHigh = 0x0C, StartLow = 0x0D, RegisterCount = 0x19, CharacterLength = 2;
    private const byte NotDisplaying = 1, VerticalRetrace = 8;

    private readonly byte[] _registers = new byte[RegisterCount];
    private byte _index;
    private bool _retrace;

    /// <inheritdoc/>
    public string StateName => "text-screen";

    /// <summary>Puts the registers on the bus.</summary>
    public void Map(PortBus bus)
    {
        bus.Map("crtc", IndexPort, 2, this, LegacyLatency.Internal);
        bus.Map("vga-status", StatusPort, 1, this, LegacyLatency.Internal);
    }

    /// <summary>A warm or cold reset.</summary>
    public void Reset()
    {
        Array.Clear(_registers);
        _index = 0;
        _retrace = false;
    }

    /// <summary>What the screen shows: its rows without the spaces at their ends, each with a line feed; empty rows at the end are left out.</summary>
    /// <param name="memory">The machine's memory.</param>
    public string Read(PhysicalMemory memory)
    {
        byte[] cells = new byte[MemoryLength];
        memory.Read(MemoryStart, cells);
        int start = (_registers[StartHigh] << 8) | _registers[StartLow];
        StringBuilder text = new();
        int length = 0;
        for (int row = 0; row < Rows; row++)
        {
            StringBuilder line = new();
            for (int column = 0; column < Columns; column++)
            {
                byte character = cells[(start + (row * Columns) + column) * CharacterLength % cells.Length];
                line.Append(character is >= (byte)' ' and < 0x7F ? (char)character : ' ');
            }

            string shown = line.ToString().TrimEnd();
            text.Append(shown).Append('\n');
            length = shown.Length > 0 ? text.Length : length;
        }

        return text.ToString(0, length);
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.Block(_registers);
        writer.Byte(_index);
        writer.Bool(_retrace);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        ReadOnlySpan<byte> registers = reader.Block();
        if (registers.Length != RegisterCount)
            throw reader.Wrong($"{registers.Length} registers of the CRT controller, not {RegisterCount}");
        registers.CopyTo(_registers);
        _index = reader.Byte();
        _retrace = reader.Bool();
    }

    /// <inheritdoc/>
    protected override byte ReadByte(ushort port)
    {
        switch (port)
        {
            case IndexPort:
                return _index;
            case DataPort:
                return _index < RegisterCount ? _registers[_index] : (byte)0xFF;
            case StatusPort:
                // Programs wait for the beam to come back, and for it to go on.
                _retrace = !_retrace;
                return _retrace ? (byte)(VerticalRetrace | NotDisplaying) : (byte)0;
            default:
                return 0xFF;
        }
    }

    /// <inheritdoc/>
    protected override void WriteByte(ushort port, byte value)
    {
        if (port == IndexPort)
            _index = value;
        else if (port == DataPort && _index < RegisterCount)
            _registers[_index] = value;
    }
}
