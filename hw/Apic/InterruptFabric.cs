using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>
/// Carries interrupt messages from local APICs, IO-APICs and message-signalling devices to local APICs, each with a latency,
/// and end-of-interrupt broadcasts back to the IO-APICs.
/// </summary>
public sealed class InterruptFabric : IMessageInterruptSink, IStateful
{
    private readonly InterruptFabricSpec _spec;
    private readonly DeviceServices _services;
    private readonly List<LocalApic> _localApics = [];
    private readonly List<IoApic> _ioApics = [];
    private readonly List<(SimTime Time, InterruptMessage Message)> _inFlight = [];
    private readonly SimEvent _delivery;

    /// <summary>Makes a fabric with nobody on it.</summary>
    public InterruptFabric(InterruptFabricSpec spec, DeviceServices services)
    {
        _spec = spec;
        _services = services;
        _delivery = new SimEvent("fabric.delivery", EventPriority.Interrupt, DeliverDue);
    }

    public string StateName => "interrupt-fabric";

    /// <summary>From sending a message to its acceptance.</summary>
    public SimDuration MessageLatency => _spec.MessageLatency;

    /// <summary>Loses and delays interrupts; null in a machine that works.</summary>
    public IInterruptFilter? Filter { get; set; }

    /// <summary>Messages that have been sent but not accepted.</summary>
    public int InFlight => _inFlight.Count;

    /// <summary>Drops all messages on their way, as a warm or cold reset does.</summary>
    public void Reset()
    {
        _inFlight.Clear();
        _services.Events.Cancel(_delivery);
    }

    /// <summary>A memory write to FEExxxxxh (AMD64 APM volume 2, 16.12): destination in address bits 19:12, mode bits in both.</summary>
    public void DeliverMessage(ulong address, uint data)
    {
        if (address >> 20 != 0xFEE)
        {
            _services.Log.Touched(StateName, "message interrupt", "address outside FEExxxxxh: lost", address);
            return;
        }

        // Address bit 3 (redirection hint) together with bit 2 asks for lowest priority among a logical group.
        bool logical = (address & 0xC) == 0xC;
        Send(new InterruptMessage(
            (DeliveryMode)((data >> 8) & 7),
            (byte)data,
            (uint)(address >> 12) & 0xFF,
            logical,
            Wide: false,
            Level: (data & 0x8000) != 0,
            DestinationShorthand.None,
            Source: -1));
    }

    /// <summary>
    /// Sends a message; it arrives after the fabric's latency. What a processor sends to itself alone, by shorthand or by its own
    /// APIC ID, its local APIC accepts at once, without the fabric: the sender takes it after the instruction that sent it, if it can.
    /// </summary>
    public void Send(in InterruptMessage message)
    {
        if (message.Source >= 0 && _localApics[message.Source].IsOnlyTarget(message))
        {
            Deliver(message);
            return;
        }

        SimTime arrival = _services.Now + _spec.MessageLatency;
        int at = _inFlight.Count;
        while (at > 0 && _inFlight[at - 1].Time > arrival)
        {
            at--;
        }

        _inFlight.Insert(at, (arrival, message));
        if (at == 0)
        {
            _services.Events.Schedule(_delivery, arrival);
        }
    }

    /// <summary>Tells every IO-APIC that a level-triggered vector has been completed.</summary>
    public void BroadcastEndOfInterrupt(byte vector)
    {
        foreach (IoApic ioApic in _ioApics)
        {
            ioApic.EndOfInterrupt(vector);
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Int32(_inFlight.Count);
        foreach ((SimTime time, InterruptMessage message) in _inFlight)
        {
            writer.Time(time);
            message.Save(writer);
        }

        writer.Event(_delivery);
    }

    public void Restore(StateReader reader)
    {
        _inFlight.Clear();
        int count = reader.Int32();
        for (int i = 0; i < count; i++)
        {
            SimTime time = reader.Time();
            _inFlight.Add((time, InterruptMessage.Restore(reader)));
        }

        reader.Event(_delivery);
    }

    /// <summary>Joins a local APIC; its position is its source index.</summary>
    internal int Join(LocalApic apic)
    {
        _localApics.Add(apic);
        return _localApics.Count - 1;
    }

    internal void Join(IoApic ioApic) => _ioApics.Add(ioApic);

    /// <summary>Whether a processor still has a message of its own on the way: the ICR's delivery status.</summary>
    internal bool HasInFlight(int source)
    {
        foreach ((SimTime _, InterruptMessage message) in _inFlight)
        {
            if (message.Source == source)
            {
                return true;
            }
        }

        return false;
    }

    private void DeliverDue()
    {
        while (_inFlight.Count > 0 && _inFlight[0].Time <= _services.Now)
        {
            InterruptMessage message = _inFlight[0].Message;
            _inFlight.RemoveAt(0);
            Deliver(message);
        }

        if (_inFlight.Count > 0)
        {
            _services.Events.Schedule(_delivery, _inFlight[0].Time);
        }
    }

    private void Deliver(in InterruptMessage message)
    {
        bool accepted = false;
        if (message.Mode == DeliveryMode.LowestPriority && message.Shorthand == DestinationShorthand.None)
        {
            LocalApic? winner = Arbitrate(message);
            winner?.Accept(message);
            accepted = winner is not null;
        }
        else
        {
            for (int i = 0; i < _localApics.Count; i++)
            {
                if (IsFor(message, i))
                {
                    accepted |= _localApics[i].Accept(message);
                }
            }
        }

        if (!accepted && message.Source >= 0)
        {
            _localApics[message.Source].ReportSendAcceptError();
        }
    }

    private bool IsFor(in InterruptMessage message, int index) => message.Shorthand switch
    {
        DestinationShorthand.Self => index == message.Source,
        DestinationShorthand.AllIncludingSelf => true,
        DestinationShorthand.AllExcludingSelf => index != message.Source,
        _ => _localApics[index].Matches(message),
    };

    /// <summary>Lowest-priority delivery: the focus processor, else the lowest priority, else the first by index (a fixed rule where hardware rotates).</summary>
    private LocalApic? Arbitrate(in InterruptMessage message)
    {
        LocalApic? winner = null;
        foreach (LocalApic apic in _localApics)
        {
            if (!apic.Matches(message) || !apic.AcceptsFixed)
            {
                continue;
            }

            if (apic.IsFocusFor(message.Vector))
            {
                return apic;
            }

            if (winner is null || apic.ArbitrationPriority < winner.ArbitrationPriority)
            {
                winner = apic;
            }
        }

        return winner;
    }
}
