using CoSim.Hw.Simulation;

namespace CoSim.Hw.Legacy;

/// <summary>Characters in and out, interrupts, state.</summary>
public sealed partial class Uart16550
{
    public void Save(StateWriter writer)
    {
        writer.Byte(_interruptEnable);
        writer.Byte(_lineControl);
        writer.Byte(_modemControl);
        writer.Byte(_modemDelta);
        writer.Byte(_modemStatus);
        writer.Byte(_scratch);
        writer.Byte(_fifoControl);
        writer.UInt16(_divisor);
        writer.Bool(_overrun);
        writer.Bool(_transmitInterrupt);
        writer.Bool(_timeout);
        writer.Bool(_shifting);
        writer.Block(_received.ToArray());
        writer.Block(_toSend.ToArray());
        writer.Event(_sent);
        writer.Event(_receiveTimeout);
    }

    public void Restore(StateReader reader)
    {
        _interruptEnable = reader.Byte();
        _lineControl = reader.Byte();
        _modemControl = reader.Byte();
        _modemDelta = reader.Byte();
        _modemStatus = reader.Byte();
        _scratch = reader.Byte();
        _fifoControl = reader.Byte();
        _divisor = reader.UInt16();
        _overrun = reader.Bool();
        _transmitInterrupt = reader.Bool();
        _timeout = reader.Bool();
        _shifting = reader.Bool();
        Refill(_received, reader.Block());
        Refill(_toSend, reader.Block());
        reader.Event(_sent);
        reader.Event(_receiveTimeout);
        Output.RestoreLevel(Pending != NothingPending && (_modemControl & ModemOut2) != 0);
    }

    private const byte NothingPending = 0x01;

    /// <summary>IIR bits 3:0: the highest of line status, data, time-out, transmitter, modem (PC16550D, table IV).</summary>
    private byte Pending
    {
        get
        {
            if ((_interruptEnable & InterruptLineStatus) != 0 && _overrun)
            {
                return 0x06;
            }

            if ((_interruptEnable & InterruptReceive) != 0 && _received.Count >= Trigger)
            {
                return 0x04;
            }

            if ((_interruptEnable & InterruptReceive) != 0 && _timeout)
            {
                return 0x0C;
            }

            if ((_interruptEnable & InterruptTransmit) != 0 && _transmitInterrupt)
            {
                return 0x02;
            }

            return (_interruptEnable & InterruptModem) != 0 && _modemDelta != 0 ? (byte)0x00 : NothingPending;
        }
    }

    private static void Refill(Queue<byte> queue, ReadOnlySpan<byte> bytes)
    {
        queue.Clear();
        foreach (byte value in bytes)
        {
            queue.Enqueue(value);
        }
    }

    private byte ReadReceiver()
    {
        byte value = _received.Count > 0 ? _received.Dequeue() : (byte)0;
        _timeout = false;
        ArmTimeout();
        Follow();
        return value;
    }

    private byte ReadIdentification()
    {
        byte pending = Pending;
        if (pending == 0x02)
        {
            // Reading IIR takes the transmitter's request back.
            _transmitInterrupt = false;
            Follow();
        }

        return (byte)(pending | (FifoEnabled ? 0xC0 : 0));
    }

    private byte ReadLineStatus()
    {
        bool empty = _toSend.Count == 0;
        byte status = (byte)((_received.Count > 0 ? StatusDataReady : 0) | (_overrun ? StatusOverrun : 0) |
                             (empty ? (_shifting ? 0x20 : StatusTransmitEmpty) : 0));
        _overrun = false;
        Follow();
        return status;
    }

    private byte ReadModemStatus()
    {
        byte status = (byte)(_modemStatus | _modemDelta);
        _modemDelta = 0;
        Follow();
        return status;
    }

    private void WriteFifoControl(byte value)
    {
        if (((value ^ _fifoControl) & 1) != 0 || (value & 2) != 0)
        {
            _received.Clear();
            _timeout = false;
        }

        if (((value ^ _fifoControl) & 1) != 0 || (value & 4) != 0)
        {
            _toSend.Clear();
        }

        _fifoControl = (value & 1) != 0 ? (byte)(value & 0xC9) : (byte)0;
        ArmTimeout();
    }

    private void Send(byte value)
    {
        if (!_spec.Paced)
        {
            Deliver(value);
            _transmitInterrupt = true;
            return;
        }

        _transmitInterrupt = false;
        if (_toSend.Count < (FifoEnabled ? FifoSize : 1))
        {
            _toSend.Enqueue(value);
        }

        if (!_shifting)
        {
            StartShifting();
        }
    }

    private void StartShifting()
    {
        _shifting = true;
        _services.Events.Schedule(_sent, _services.Now + CharacterTime(1));
    }

    private void ByteSent()
    {
        _shifting = false;
        if (_toSend.TryDequeue(out byte value))
        {
            Deliver(value);
        }

        if (_toSend.Count > 0)
        {
            StartShifting();
        }
        else
        {
            _transmitInterrupt = true;
        }

        Follow();
    }

    private void Deliver(byte value)
    {
        if (Loop)
        {
            Arrive(value);
        }
        else
        {
            _console.Transmit(value);
        }
    }

    private void Arrive(byte value)
    {
        if (_received.Count >= (FifoEnabled ? FifoSize : 1))
        {
            _overrun = true;
            if (!FifoEnabled)
            {
                _received.Clear();
                _received.Enqueue(value);
            }
        }
        else
        {
            _received.Enqueue(value);
        }

        ArmTimeout();
        Follow();
    }

    /// <summary>Four character times without traffic while data below the trigger level waits (PC16550D, "FIFO Interrupt Mode").</summary>
    private void ArmTimeout()
    {
        if (FifoEnabled && _received.Count > 0 && _received.Count < Trigger)
        {
            _services.Events.Schedule(_receiveTimeout, _services.Now + CharacterTime(4));
        }
        else
        {
            _services.Events.Cancel(_receiveTimeout);
        }
    }

    private void ReceiveTimedOut()
    {
        _timeout = _received.Count > 0;
        Follow();
    }

    /// <summary>In loopback DTR, RTS, OUT1 and OUT2 come back as DSR, CTS, RI and DCD.</summary>
    private void FollowModem()
    {
        byte status = ConnectedModem;
        if (Loop)
        {
            status = (byte)(((_modemControl & 1) << 5) | ((_modemControl & 2) << 3) | ((_modemControl & 4) << 4) | ((_modemControl & 8) << 4));
        }

        byte changed = (byte)(status ^ _modemStatus);

        // The ring indicator's delta bit marks its trailing edge only.
        byte delta = (byte)((changed >> 4) & 0x0B);
        delta |= (byte)((changed & _modemStatus & 0x40) >> 4);
        _modemDelta |= delta;
        _modemStatus = status;
    }

    private void Follow() => _services.Drive(Output, Pending != NothingPending && (_modemControl & ModemOut2) != 0);
}
