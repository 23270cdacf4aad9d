using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>Taking interrupts in, ranking them, handing them to the core (APM 16.6).</summary>
public sealed partial class LocalApic
{
    private readonly VectorSet _requested = new();
    private readonly VectorSet _inService = new();
    private readonly VectorSet _levelTriggered = new();
    private readonly VectorSet _enabledVectors = new();
    private bool _externalMessage;

    /// <summary>CR8: bits 7:4 of TPR. A write clears bits 3:0 (APM 16.6.4).</summary>
    public byte TaskPriorityClass
    {
        get => (byte)(TaskPriority >> 4);
        set => WriteTaskPriority((uint)(value & 0xF) << 4);
    }

    /// <summary>SVR bit 8 with APIC_BASE bit 11.</summary>
    internal bool AcceptsFixed => Enabled && (_registers.Stored(LocalApicRegisters.Spurious) & SpuriousFields.SoftwareEnable) != 0;

    /// <summary>APR, as lowest-priority delivery compares it: the higher of TPR, ISRV and the class of IRRV.</summary>
    internal uint ArbitrationPriority
    {
        get
        {
            uint processor = ProcessorPriority;
            uint request = (uint)Math.Max(_requested.Highest, 0) & 0xF0;
            return Math.Max(processor, request);
        }
    }

    /// <summary>PPR: TPR, or the class in service when that is higher.</summary>
    internal uint ProcessorPriority
    {
        get
        {
            uint inService = (uint)Math.Max(_inService.Highest, 0) & 0xF0;
            return (TaskPriority & 0xF0) >= inService ? TaskPriority : inService;
        }
    }

    private uint TaskPriority => (uint)_registers.Stored(LocalApicRegisters.TaskPriorityOffset);

    /// <summary>The vector that the core would get now, or -1.</summary>
    private int Deliverable
    {
        get
        {
            int vector = _requested.HighestWith(_enabledVectors);
            return vector > 0 && (vector & 0xF0) > (ProcessorPriority & 0xF0) ? vector : -1;
        }
    }

    /// <summary>Whether this processor handles the vector already: lowest-priority delivery then picks it, unless SVR bit 9 says no.</summary>
    internal bool IsFocusFor(byte vector) =>
        (_registers.Stored(LocalApicRegisters.Spurious) & SpuriousFields.FocusDisable) == 0 && (_requested[vector] || _inService[vector]);

    public byte Acknowledge()
    {
        int vector = Enabled ? Deliverable : -1;
        if (vector >= 0)
        {
            _requested[vector] = false;
            _inService[vector] = true;
            UpdateRequest();
            return (byte)vector;
        }

        if (ExternalWaiting && _external is not null)
        {
            _externalMessage = false;
            byte external = _external.AcknowledgeExternal();
            UpdateRequest();
            return external;
        }

        // The request went away between INTR and the acknowledge cycle (APM 16.4.7); the ISR stays as it is.
        UpdateRequest();
        return (byte)_registers.Stored(LocalApicRegisters.Spurious);
    }

    /// <summary>Takes a message. False when it could not be accepted.</summary>
    internal bool Accept(in InterruptMessage message)
    {
        if (!Enabled)
        {
            return false;
        }

        if (message.Mode is not (DeliveryMode.Fixed or DeliveryMode.LowestPriority))
        {
            _services.Probe?.InterruptAccepted(Id, _services.Now, message.Vector, (int)message.Mode);
        }

        switch (message.Mode)
        {
            case DeliveryMode.Fixed or DeliveryMode.LowestPriority:
                return AcceptFixed(message.Vector, message.Level, InterruptOrigin.Message);
            case DeliveryMode.Smi:
                _core.RaiseSmi();
                return true;
            case DeliveryMode.Nmi:
                _core.RaiseNmi();
                return true;
            case DeliveryMode.Init:
                ResetRegisters();
                _core.RaiseInit();
                return true;
            case DeliveryMode.Startup:
                _core.RaiseStartup(message.Vector);
                return true;
            case DeliveryMode.External:
                _externalMessage = true;
                UpdateRequest();
                return true;
            default:
                _services.Log.Touched(StateName, "message", "delivery mode not modelled", (ulong)message.Mode);
                return false;
        }
    }

    internal void WriteTaskPriority(uint value)
    {
        _registers.Store(LocalApicRegisters.TaskPriorityOffset, value & 0xFF);
        UpdateRequest();
    }

    internal void EndOfInterrupt()
    {
        int vector = _inService.Highest;
        if (vector >= 0)
        {
            EndOfInterrupt((byte)vector);
        }
    }

    /// <summary>The specific end of interrupt of AMD's extended space (APM 16.7.1).</summary>
    internal void SpecificEndOfInterrupt(byte vector)
    {
        if ((_registers.Stored(LocalApicRegisters.ExtendedControl) & ExtendedControlFields.SpecificEoiEnable) != 0 && _inService[vector])
        {
            EndOfInterrupt(vector);
        }
    }

    internal uint VectorWord(int register, int index) => register switch
    {
        LocalApicRegisters.InServiceOffset => _inService.Word(index),
        LocalApicRegisters.TriggerModeOffset => _levelTriggered.Word(index),
        LocalApicRegisters.RequestOffset => _requested.Word(index),
        _ => _enabledVectors.Word(index),
    };

    internal void WriteInterruptEnable(int index, uint value)
    {
        // Without IerEn the registers read as all ones and writes are lost (APM 16.7.2).
        if ((_registers.Stored(LocalApicRegisters.ExtendedControl) & ExtendedControlFields.InterruptEnableEnable) != 0)
        {
            _enabledVectors.SetWord(index, value);
            UpdateRequest();
        }
    }

    private void EndOfInterrupt(byte vector)
    {
        _inService[vector] = false;
        // TMR's bit stays: it tells how the vector was last accepted (APM 16.6.2).
        if (_levelTriggered[vector])
        {
            if ((_registers.Stored(LocalApicRegisters.Spurious) & SpuriousFields.SuppressBroadcast) == 0)
            {
                _fabric.BroadcastEndOfInterrupt(vector);
            }

            EndLocalLevel(vector);
        }

        UpdateRequest();
    }

    private bool AcceptFixed(byte vector, bool level, InterruptOrigin origin)
    {
        if (!AcceptsFixed)
        {
            return false;
        }

        // What is on its way and gets lost, or comes late, was accepted as far as the sender can tell.
        return (_fabric.Filter is { } filter && filter.Holds(this, vector, level, origin)) || Take(vector, level);
    }

    /// <summary>Takes an interrupt that the filter has held.</summary>
    public void TakeLate(byte vector, bool level)
    {
        if (AcceptsFixed)
            _ = Take(vector, level);
    }

    private bool Take(byte vector, bool level)
    {
        if (vector < 16)
        {
            ReportError(LocalApicErrors.ReceiveIllegalVector);
            return true;
        }

        _services.Probe?.InterruptAccepted(Id, _services.Now, vector, (int)DeliveryMode.Fixed);
        _requested[vector] = true;
        _levelTriggered[vector] = level;
        UpdateRequest();
        return true;
    }

    private void UpdateRequest() => _core.SetInterruptRequest((Enabled && Deliverable >= 0) || ExternalWaiting);
}
