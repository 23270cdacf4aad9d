namespace CoSim.Hw.Apic;

/// <summary>Sending interrupts to processors and deciding whether a message is for this one (APM 16.5, 16.6.1, 16.11).</summary>
public sealed partial class LocalApic
{
    /// <summary>The logical ID that x2APIC mode derives from the APIC ID: cluster in 31:16, one bit of 16 below.</summary>
    internal uint ExtendedLogicalId => ((_spec.Id >> 4) << 16) | (1U << (int)(_spec.Id & 0xF));

    /// <summary>ICR's low half; delivery status exists in xAPIC mode only.</summary>
    internal uint CommandValue =>
        (uint)_registers.Stored(LocalApicRegisters.CommandLow) |
        (!ExtendedMode && _fabric.HasInFlight(_index) ? CommandFields.DeliveryStatus : 0);

    /// <summary>A write of the ICR's low half sends.</summary>
    internal void WriteCommand(uint low)
    {
        _registers.Store(LocalApicRegisters.CommandLow, low & ~CommandFields.DeliveryStatus);
        DeliveryMode mode = (DeliveryMode)((low >> 8) & 7);
        byte vector = (byte)low;
        bool level = (low & CommandFields.Level) != 0;
        if (mode == DeliveryMode.Init && level && (low & CommandFields.Assert) == 0)
        {
            // "INIT level de-assert" only synchronised arbitration IDs, which no AMD64 processor has.
            return;
        }

        if (mode is DeliveryMode.Fixed or DeliveryMode.LowestPriority && vector < 16)
        {
            ReportError(LocalApicErrors.SendIllegalVector);
            return;
        }

        if (mode is DeliveryMode.RemoteRead or DeliveryMode.External)
        {
            _services.Log.Touched(StateName, "ICR", $"delivery mode {mode} not modelled", low);
            return;
        }

        uint high = (uint)_registers.Stored(LocalApicRegisters.CommandHigh);
        _fabric.Send(new InterruptMessage(
            mode,
            vector,
            ExtendedMode ? high : high >> 24,
            (low & CommandFields.Logical) != 0,
            Wide: ExtendedMode,
            Level: false,
            (DestinationShorthand)((low >> 18) & 3),
            _index));
    }

    /// <summary>The SELF IPI register of x2APIC mode.</summary>
    internal void SendSelf(byte vector)
    {
        if (vector < 16)
        {
            ReportError(LocalApicErrors.SendIllegalVector);
            return;
        }

        _fabric.Send(new InterruptMessage(
            DeliveryMode.Fixed, vector, 0, Logical: false, Wide: true, Level: false, DestinationShorthand.Self, _index));
    }

    /// <summary>Whether a message of this processor's own goes to itself and to nobody else, as its mode of addressing already says.</summary>
    internal bool IsOnlyTarget(in InterruptMessage message) =>
        message.Shorthand == DestinationShorthand.Self
        || (message.Shorthand == DestinationShorthand.None && !message.Logical && message.Destination == _spec.Id);

    /// <summary>Whether a message without shorthand is for this processor.</summary>
    internal bool Matches(in InterruptMessage message)
    {
        if (!Enabled)
        {
            return false;
        }

        uint destination = message.Destination;
        if (destination == (message.Wide ? uint.MaxValue : 0xFFU))
        {
            return true;
        }

        if (!message.Logical)
        {
            return destination == _spec.Id;
        }

        if (ExtendedMode)
        {
            return destination >> 16 == ExtendedLogicalId >> 16 && (destination & ExtendedLogicalId & 0xFFFF) != 0;
        }

        uint logicalId = (uint)_registers.Stored(LocalApicRegisters.LogicalDestination) >> 24;
        bool flat = _registers.Stored(LocalApicRegisters.DestinationFormat) >> 28 == 0xF;
        return flat
            ? (destination & logicalId & 0xFF) != 0
            : (destination >> 4 == logicalId >> 4 || destination >> 4 == 0xF) && (destination & logicalId & 0xF) != 0;
    }
}
