namespace CoSim.Hw.Simulation.Registers;

/// <summary>
/// One row of a device's register table, or a run of equal registers. Rows are static data: the two functions are static
/// and get the device as an argument, so that one table serves every instance of the device.
/// </summary>
/// <typeparam name="TDevice">The device that the functions act on.</typeparam>
public sealed class Register<TDevice>
    where TDevice : class
{
    /// <summary>Computes the present value without changing anything, so that a dump may call it too. Null: the bank stores the value.</summary>
    /// <param name="device">The device.</param>
    /// <param name="index">Which register of the run, from 0.</param>
    public delegate ulong ReadFunction(TDevice device, int index);

    /// <summary>Acts on a write.</summary>
    /// <param name="device">The device.</param>
    /// <param name="index">Which register of the run, from 0.</param>
    /// <param name="write">What was written and what it makes of the register.</param>
    public delegate void WriteFunction(TDevice device, int index, in RegisterWrite write);

    /// <summary>As the data sheet calls it; a run gets the index appended.</summary>
    public required string Name { get; init; }

    /// <summary>Byte offset (or index number) of the first register of the run.</summary>
    public required int Offset { get; init; }

    /// <summary>Bytes of one register: 1, 2, 4 or 8.</summary>
    public required int Bytes { get; init; }

    /// <summary>Length of the run.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Distance in bytes between neighbours of the run.</summary>
    public int Stride { get; init; }

    /// <summary>Value after reset.</summary>
    public ulong Reset { get; init; }

    public required RegisterField[] Fields { get; init; }

    /// <summary>See <see cref="ReadFunction"/>.</summary>
    public ReadFunction? Read { get; init; }

    /// <summary>Runs after a read by the guest, never after a dump: clear-on-read and the like.</summary>
    public Action<TDevice, int>? AfterRead { get; init; }

    /// <summary>See <see cref="WriteFunction"/>.</summary>
    public WriteFunction? Write { get; init; }

    /// <summary>Bits of all fields of a mode.</summary>
    public ulong MaskOf(FieldMode mode)
    {
        ulong mask = 0;
        foreach (RegisterField field in Fields)
        {
            mask |= field.Mode == mode ? field.Mask : 0;
        }

        return mask;
    }

    /// <summary>Bits that no field names.</summary>
    public ulong ReservedMask
    {
        get
        {
            ulong named = 0;
            foreach (RegisterField each in Fields)
            {
                named |= each.Mask;
            }

            return WidthMask & ~named;
        }
    }

    /// <summary>All bits of the register.</summary>
    public ulong WidthMask => Bytes == 8 ? ulong.MaxValue : (1UL << (Bytes * 8)) - 1;
}

/// <summary>A write as a register's function sees it.</summary>
/// <param name="Value">What software put on the bus, at the register's bit positions; bits outside <paramref name="Lanes"/> are zero.</param>
/// <param name="Lanes">The bits that the access covers.</param>
/// <param name="Old">The register before the write.</param>
/// <param name="New">The register after the write by the fields' modes: read-only bits kept, write-one-to-clear bits cleared.</param>
public readonly record struct RegisterWrite(ulong Value, ulong Lanes, ulong Old, ulong New)
{
    /// <summary>Whether the access covers all of the bits.</summary>
    public bool Covers(ulong bits) => (Lanes & bits) == bits;
}
