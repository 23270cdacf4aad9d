using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>
/// One counter of an 8254 (Intel 231164-005, "Operational Description"). Count and OUT are functions of the clock tick; nothing ticks.
/// </summary>
internal sealed partial class PitChannel
{
    private const int AccessLatch = 0;
    private const int AccessLow = 1;
    private const int AccessHigh = 2;
    private const int AccessBoth = 3;

    private int _mode;
    private bool _bcd;
    private int _access = AccessBoth;
    private byte _firstByte;
    private bool _secondWriteDue;
    private bool _secondReadDue;
    private ushort _latchedCount;
    private int _latchedBytes;
    private byte _latchedStatus;
    private bool _statusLatched;
    private ushort _reload;
    private bool _reloadWritten;
    private bool _gate = true;

    // The counting element: loaded at _loadTick with _count, having passed _phase clocks already.
    private bool _loaded;
    private ulong _loadTick;
    private uint _count = 1;
    private ulong _phase;
    private bool _frozen;
    private bool _retriggered;

    // Modes 2 and 3: a new count waits for the end of the period or half period.
    private bool _switchDue;
    private ulong _switchTick;
    private uint _switchCount;
    private ulong _switchPhase;

    public int Mode => _mode;

    /// <summary>The programmed divisor: 1 to 65536, or 10000 in BCD.</summary>
    public uint Divisor => DivisorOf(_reload);

    private uint Modulus => _bcd ? 10_000U : 65_536U;

    /// <summary>Whether the count goes down by one each clock, in binary.</summary>
    public bool CountsByOne => !_bcd && _mode != 3;

    /// <summary>A counter in the same state, to look at without a trace in this one.</summary>
    public PitChannel Copy() => (PitChannel)MemberwiseClone();

    /// <summary>Power-on: nothing programmed; hardware leaves this undefined, so a fixed state is chosen.</summary>
    public void Reset(bool gate)
    {
        _reload = 0;
        _count = 1;
        _phase = 0;
        _loadTick = 0;
        Control(0x30, 0);
        _gate = gate;
    }

    /// <summary>A control word for this counter.</summary>
    public void Control(byte word, ulong tick)
    {
        int access = (word >> 4) & 3;
        if (access == AccessLatch)
        {
            LatchCount(tick);
            return;
        }

        // Modes 6 and 7 are 2 and 3: the high bit is a don't-care.
        int mode = (word >> 1) & 7;
        _mode = mode > 5 ? mode - 4 : mode;
        _bcd = (word & 1) != 0;
        _access = access;
        _secondWriteDue = false;
        _secondReadDue = false;
        _latchedBytes = 0;
        _statusLatched = false;
        _reloadWritten = false;
        _loaded = false;
        _frozen = false;
        _retriggered = false;
        _switchDue = false;
    }

    /// <summary>A write to the counter's port.</summary>
    public void Write(byte value, ulong tick)
    {
        Synchronise(tick);
        switch (_access)
        {
            case AccessLow:
                Load(value, tick);
                break;
            case AccessHigh:
                Load((ushort)(value << 8), tick);
                break;
            default:
                if (_secondWriteDue)
                {
                    _secondWriteDue = false;
                    Load((ushort)(_firstByte | (value << 8)), tick);
                }
                else
                {
                    _firstByte = value;
                    _secondWriteDue = true;
                    if (_mode == 0)
                    {
                        // The first byte stops the count and takes OUT low at once.
                        _loaded = false;
                    }
                }

                break;
        }
    }

    /// <summary>A read of the counter's port.</summary>
    public byte Read(ulong tick)
    {
        Synchronise(tick);
        if (_statusLatched)
        {
            _statusLatched = false;
            return _latchedStatus;
        }

        bool latched = _latchedBytes > 0;
        ushort count = latched ? _latchedCount : CountAt(tick);
        bool high = _access == AccessHigh || (_access == AccessBoth && _secondReadDue);
        if (_access == AccessBoth)
        {
            _secondReadDue = !_secondReadDue;
        }

        if (latched)
        {
            _latchedBytes--;
        }

        return (byte)(high ? count >> 8 : count);
    }

    /// <summary>Holds the count for reading; a count that is held already stays.</summary>
    public void LatchCount(ulong tick)
    {
        Synchronise(tick);
        if (_latchedBytes == 0)
        {
            _latchedCount = CountAt(tick);
            _latchedBytes = _access == AccessBoth ? 2 : 1;
        }
    }

    /// <summary>Holds the status byte for reading.</summary>
    public void LatchStatus(ulong tick)
    {
        Synchronise(tick);
        if (!_statusLatched)
        {
            bool nullCount = !_reloadWritten || !_loaded || tick < _loadTick || _switchDue;
            _latchedStatus = (byte)((OutAt(tick) ? 0x80 : 0) | (nullCount ? 0x40 : 0) | (_access << 4) | (_mode << 1) | (_bcd ? 1 : 0));
            _statusLatched = true;
        }
    }

    /// <summary>Drives the GATE pin.</summary>
    public void SetGate(bool gate, ulong tick)
    {
        Synchronise(tick);
        if (gate == _gate)
        {
            return;
        }

        bool rising = gate;
        switch (_mode)
        {
            case 0 or 4:
                if (_loaded)
                {
                    // A count that is not loaded yet still is at its clock, whatever GATE does.
                    _phase = ElapsedAt(tick);
                    _loadTick = Math.Max(tick, _loadTick);
                    _frozen = !gate;
                }

                break;
            case 1 or 5:
                if (rising && _reloadWritten)
                {
                    // A one-shot that is triggered again while it is low stays low until the new count is loaded, and through it.
                    _retriggered = _mode == 1 && !OutAt(tick);
                    Begin(tick + 1, Divisor, 0);
                }

                break;
            default:
                _switchDue = false;
                if (rising && _reloadWritten)
                {
                    Begin(tick + 1, Divisor, 0);
                }
                else
                {
                    _loaded = false;
                }

                break;
        }

        _gate = gate;
    }

    public void Save(StateWriter writer)
    {
        writer.Byte((byte)_mode);
        writer.Bool(_bcd);
        writer.Byte((byte)_access);
        writer.Byte(_firstByte);
        writer.Bool(_secondWriteDue);
        writer.Bool(_secondReadDue);
        writer.UInt16(_latchedCount);
        writer.Byte((byte)_latchedBytes);
        writer.Byte(_latchedStatus);
        writer.Bool(_statusLatched);
        writer.UInt16(_reload);
        writer.Bool(_reloadWritten);
        writer.Bool(_gate);
        writer.Bool(_loaded);
        writer.UInt64(_loadTick);
        writer.UInt32(_count);
        writer.UInt64(_phase);
        writer.Bool(_frozen);
        writer.Bool(_retriggered);
        writer.Bool(_switchDue);
        writer.UInt64(_switchTick);
        writer.UInt32(_switchCount);
        writer.UInt64(_switchPhase);
    }

    public void Restore(StateReader reader)
    {
        _mode = reader.Byte();
        _bcd = reader.Bool();
        _access = reader.Byte();
        _firstByte = reader.Byte();
        _secondWriteDue = reader.Bool();
        _secondReadDue = reader.Bool();
        _latchedCount = reader.UInt16();
        _latchedBytes = reader.Byte();
        _latchedStatus = reader.Byte();
        _statusLatched = reader.Bool();
        _reload = reader.UInt16();
        _reloadWritten = reader.Bool();
        _gate = reader.Bool();
        _loaded = reader.Bool();
        _loadTick = reader.UInt64();
        _count = reader.UInt32();
        _phase = reader.UInt64();
        _frozen = reader.Bool();
        _retriggered = reader.Bool();
        _switchDue = reader.Bool();
        _switchTick = reader.UInt64();
        _switchCount = reader.UInt32();
        _switchPhase = reader.UInt64();
        if (_mode > 5 || _count == 0)
        {
            throw reader.Wrong("a PIT counter in an impossible state");
        }
    }

    private uint DivisorOf(ushort value)
    {
        uint number = _bcd
            ? (uint)(((value >> 12) * 1000) + (((value >> 8) & 0xF) * 100) + (((value >> 4) & 0xF) * 10) + (value & 0xF)) % 10_000
            : value;
        return number == 0 ? Modulus : number;
    }

    private ushort Encode(uint count) => _bcd
        ? (ushort)(((count / 1000 % 10) << 12) | ((count / 100 % 10) << 8) | ((count / 10 % 10) << 4) | (count % 10))
        : (ushort)count;
}
