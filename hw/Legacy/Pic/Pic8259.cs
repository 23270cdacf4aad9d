using System.Numerics;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>One 8259A (Intel 231468-003). The chip alone; <see cref="PicPair"/> wires two of them as a PC does.</summary>
internal sealed class Pic8259
{
    private const int NoRequest = -1;

    private byte _request;
    private byte _inService;
    private byte _mask = 0xFF;
    private byte _lines;
    private byte _vectorBase;
    private int _lowestPriority = 7;
    private int _initStep;
    private bool _needsIcw4;
    private bool _single;
    private bool _autoEoi;
    private bool _rotateOnAutoEoi;
    private bool _specialMask;
    private bool _specialFullyNested;
    private bool _readInService;
    private bool _poll;

    /// <summary>Inputs that are level-sensitive, from ELCR; ICW1's LTIM bit has no effect in the FCH.</summary>
    public byte LevelSensitive { get; private set; }

    /// <summary>The INT output.</summary>
    public bool Interrupt => HighestRequest() != NoRequest;

    public byte Mask => _mask;

    /// <summary>IRR.</summary>
    public byte Requests => _request;

    /// <summary>ISR.</summary>
    public byte InService => _inService;

    public void SetLevelSensitive(byte value)
    {
        LevelSensitive = value;
        _request = (byte)((_request & ~value) | (_lines & value));
    }

    /// <summary>
    /// Drives an input. An edge request that is withdrawn before the acknowledge cycle is gone (data sheet, "Reading the 8259A
    /// Status" and figure 9): the CPU then gets the spurious vector 7.
    /// </summary>
    public void SetLine(int line, bool asserted)
    {
        byte bit = (byte)(1 << line);
        bool was = (_lines & bit) != 0;
        _lines = (byte)(asserted ? _lines | bit : _lines & ~bit);
        if (!asserted)
        {
            _request &= (byte)~bit;
        }
        else if (!was || (LevelSensitive & bit) != 0)
        {
            _request |= bit;
        }
    }

    /// <summary>The INTA cycle: the input that is served, or 7 without setting ISR when nothing asks any more.</summary>
    public int Acknowledge()
    {
        int line = HighestRequest();
        if (line == NoRequest)
        {
            return 7;
        }

        byte bit = (byte)(1 << line);
        if ((LevelSensitive & bit) == 0)
        {
            _request &= (byte)~bit;
        }

        if (!_autoEoi)
        {
            _inService |= bit;
        }
        else if (_rotateOnAutoEoi)
        {
            _lowestPriority = line;
        }

        return line;
    }

    public byte VectorOf(int line) => (byte)(_vectorBase | line);

    public byte ReadCommand()
    {
        if (_poll)
        {
            _poll = false;
            bool any = Interrupt;
            return (byte)((any ? 0x80 : 0) | Acknowledge());
        }

        return _readInService ? _inService : _request;
    }

    public byte ReadData()
    {
        return _poll ? ReadCommand() : _mask;
    }

    public void WriteCommand(byte value)
    {
        if ((value & 0x10) != 0)
        {
            Initialise(value);
        }
        else if ((value & 0x08) != 0)
        {
            OperationWord3(value);
        }
        else
        {
            OperationWord2(value);
        }
    }

    public void WriteData(byte value)
    {
        switch (_initStep)
        {
            case 2:
                _vectorBase = (byte)(value & 0xF8);
                _initStep = _single ? (_needsIcw4 ? 4 : 0) : 3;
                break;
            case 3:
                // The cascade is wired: master input 2.
                _initStep = _needsIcw4 ? 4 : 0;
                break;
            case 4:
                _autoEoi = (value & 0x02) != 0;
                _specialFullyNested = (value & 0x10) != 0;
                _initStep = 0;
                break;
            default:
                _mask = value;
                break;
        }
    }

    /// <summary>Reset: everything masked until ICW1, which hardware leaves undefined. The wires keep their levels.</summary>
    public void Reset()
    {
        Initialise(0);
        _initStep = 0;
        _mask = 0xFF;
        _vectorBase = 0;
        SetLevelSensitive(0);
    }

    public void Save(StateWriter writer)
    {
        writer.Byte(_request);
        writer.Byte(_inService);
        writer.Byte(_mask);
        writer.Byte(_lines);
        writer.Byte(_vectorBase);
        writer.Byte((byte)_lowestPriority);
        writer.Byte((byte)_initStep);
        writer.Bool(_needsIcw4);
        writer.Bool(_single);
        writer.Bool(_autoEoi);
        writer.Bool(_rotateOnAutoEoi);
        writer.Bool(_specialMask);
        writer.Bool(_specialFullyNested);
        writer.Bool(_readInService);
        writer.Bool(_poll);
        writer.Byte(LevelSensitive);
    }

    public void Restore(StateReader reader)
    {
        _request = reader.Byte();
        _inService = reader.Byte();
        _mask = reader.Byte();
        _lines = reader.Byte();
        _vectorBase = reader.Byte();
        _lowestPriority = reader.Byte() & 7;
        _initStep = reader.Byte();
        _needsIcw4 = reader.Bool();
        _single = reader.Bool();
        _autoEoi = reader.Bool();
        _rotateOnAutoEoi = reader.Bool();
        _specialMask = reader.Bool();
        _specialFullyNested = reader.Bool();
        _readInService = reader.Bool();
        _poll = reader.Bool();
        LevelSensitive = reader.Byte();
    }

    private void Initialise(byte icw1)
    {
        _initStep = 2;
        _needsIcw4 = (icw1 & 0x01) != 0;
        _single = (icw1 & 0x02) != 0;
        _mask = 0;
        _inService = 0;
        _request = (byte)(_lines & LevelSensitive);
        _lowestPriority = 7;
        _specialMask = false;
        _specialFullyNested = false;
        _autoEoi = false;
        _rotateOnAutoEoi = false;
        _readInService = false;
        _poll = false;
    }

    private void OperationWord2(byte value)
    {
        int line = value & 7;
        switch (value >> 5)
        {
            case 0:
                _rotateOnAutoEoi = false;
                break;
            case 1:
                EndOfInterrupt(HighestOf(_inService), rotate: false);
                break;
            case 3:
                EndOfInterrupt(line, rotate: false);
                break;
            case 4:
                _rotateOnAutoEoi = true;
                break;
            case 5:
                EndOfInterrupt(HighestOf(_inService), rotate: true);
                break;
            case 6:
                _lowestPriority = line;
                break;
            case 7:
                EndOfInterrupt(line, rotate: true);
                break;
        }
    }

    private void OperationWord3(byte value)
    {
        if ((value & 0x40) != 0)
        {
            _specialMask = (value & 0x20) != 0;
        }

        _poll = (value & 0x04) != 0;
        if ((value & 0x02) != 0)
        {
            _readInService = (value & 0x01) != 0;
        }
    }

    private void EndOfInterrupt(int line, bool rotate)
    {
        if (line == NoRequest)
        {
            return;
        }

        _inService &= (byte)~(1 << line);
        if (rotate)
        {
            _lowestPriority = line;
        }
    }

    private int HighestRequest()
    {
        int request = HighestOf((byte)(_request & ~_mask));
        if (request == NoRequest)
        {
            return NoRequest;
        }

        // Special mask mode: a masked level in service does not hold others back.
        int inService = HighestOf((byte)(_specialMask ? _inService & ~_mask : _inService));
        if (inService == NoRequest)
        {
            return request;
        }

        bool higher = RankOf(request) < RankOf(inService);
        return higher || (_specialFullyNested && request == inService) ? request : NoRequest;
    }

    /// <summary>0 is the highest priority.</summary>
    private int RankOf(int line) => (line - _lowestPriority - 1) & 7;

    private int HighestOf(byte lines)
    {
        if (lines == 0)
        {
            return NoRequest;
        }

        int first = (_lowestPriority + 1) & 7;
        int rotated = ((lines >> first) | (lines << (8 - first))) & 0xFF;
        return (BitOperations.TrailingZeroCount(rotated) + first) & 7;
    }
}
