using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Apic;

/// <summary>Ways in: the xAPIC page, the x2APIC MSRs, APIC_BASE.</summary>
public sealed partial class LocalApic
{
    private const uint ApicBaseMsr = 0x1B;
    private const uint FirstExtendedMsr = 0x800;
    private const uint LastExtendedMsr = 0x8FF;

    /// <summary>ICR bits that are reserved in x2APIC mode; delivery status is one of them (APM 16.11).</summary>
    private const ulong ExtendedIcrReserved = 0xFFF3_3000;

    /// <summary>Reads a doubleword at a multiple of 10h; other offsets are illegal register addresses (ESR bit 7) and read as 0.</summary>
    public uint ReadRegister(int offset)
    {
        if (!Enabled || ExtendedMode)
        {
            return uint.MaxValue;
        }

        if ((offset & 0xF) != 0 || offset == LocalApicRegisters.SelfIpi || LocalApicRegisters.Table.RowAt(offset) is null)
        {
            ReportError(LocalApicErrors.IllegalRegister);
            return 0;
        }

        return (uint)_registers.Read(offset, sizeof(uint), hole: 0);
    }

    /// <summary>Writes a doubleword at a multiple of 10h; other offsets are illegal register addresses.</summary>
    public void WriteRegister(int offset, uint value)
    {
        if (!Enabled || ExtendedMode)
        {
            return;
        }

        if ((offset & 0xF) != 0 || offset == LocalApicRegisters.SelfIpi || LocalApicRegisters.Table.RowAt(offset) is null)
        {
            ReportError(LocalApicErrors.IllegalRegister);
            return;
        }

        _registers.Write(offset, sizeof(uint), value);
    }

    public bool TryReadMsr(uint msr, out ulong value)
    {
        value = 0;
        if (msr == ApicBaseMsr)
        {
            value = _apicBase;
            return true;
        }

        if (ExtendedRow(msr, out int offset) is not { } row || IsOnly(row, FieldMode.WriteOnly))
        {
            return false;
        }

        value = offset switch
        {
            LocalApicRegisters.IdOffset => _spec.Id,
            LocalApicRegisters.LogicalDestination => ExtendedLogicalId,
            LocalApicRegisters.CommandLow => (_registers.Stored(LocalApicRegisters.CommandHigh) << 32) | CommandValue,
            _ => _registers.Read(offset, sizeof(uint), hole: 0),
        };
        return true;
    }

    public bool TryWriteMsr(uint msr, ulong value)
    {
        if (msr == ApicBaseMsr)
        {
            return TryWriteApicBase(value);
        }

        if (ExtendedRow(msr, out int offset) is not { } row || IsOnly(row, FieldMode.ReadOnly))
        {
            return false;
        }

        switch (offset)
        {
            case LocalApicRegisters.LogicalDestination:
                return false;
            case LocalApicRegisters.CommandLow:
                if ((value & ExtendedIcrReserved) != 0)
                {
                    return false;
                }

                _registers.Store(LocalApicRegisters.CommandHigh, value >> 32);
                _registers.Write(offset, sizeof(uint), (uint)value);
                return true;
            case LocalApicRegisters.EndOfInterruptOffset or LocalApicRegisters.ErrorStatus when value != 0:
                return false;
        }

        ulong writable = row.WidthMask & ~row.ReservedMask;
        if ((value & ~writable) != 0)
        {
            return false;
        }

        _registers.Write(offset, sizeof(uint), value);
        return true;
    }

    /// <summary>
    /// APIC_BASE (APM 16.9): disabled to xAPIC to x2APIC to disabled; anything else, and any reserved bit, is #GP. BSC is read-only.
    /// </summary>
    private bool TryWriteApicBase(ulong value)
    {
        ulong addressMask = ((1UL << _spec.PhysicalAddressBits) - 1) & ~0xFFFUL;
        if ((value & ~(addressMask | BootProcessorBit | ExtendedModeBit | EnableBit)) != 0)
        {
            return false;
        }

        bool enabled = (value & EnableBit) != 0;
        bool extended = (value & ExtendedModeBit) != 0;
        bool legal = (Enabled, ExtendedMode) switch
        {
            (false, _) => !extended,
            (true, false) => enabled || !extended,
            (true, true) => enabled == extended,
        };
        if (!legal)
        {
            return false;
        }

        bool turnedOff = Enabled && !enabled;
        bool turnedExtended = extended && !ExtendedMode;
        _apicBase = (value & (addressMask | ExtendedModeBit | EnableBit)) | (_apicBase & BootProcessorBit);
        if (turnedOff)
        {
            ResetRegisters();
        }
        else if (turnedExtended)
        {
            _registers.Store(LocalApicRegisters.CommandHigh, 0);
        }

        UpdateRequest();
        return true;
    }

    /// <summary>The register behind an x2APIC MSR, or null where #GP is due: not in x2APIC mode, or no such register.</summary>
    private Register<LocalApic>? ExtendedRow(uint msr, out int offset)
    {
        offset = (int)(msr - FirstExtendedMsr) << 4;
        if (!ExtendedMode || msr is < FirstExtendedMsr or > LastExtendedMsr ||
            offset is LocalApicRegisters.DestinationFormat or LocalApicRegisters.CommandHigh)
        {
            return null;
        }

        return LocalApicRegisters.Table.RowAt(offset);
    }

    private static bool IsOnly(Register<LocalApic> row, FieldMode mode)
    {
        foreach (RegisterField field in row.Fields)
        {
            if (field.Mode != mode)
            {
                return false;
            }
        }

        return true;
    }
}
