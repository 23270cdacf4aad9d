namespace CoSim.Hw.Simulation.Registers;

/// <summary>One device's registers: the values that the table says are stored, and the way in for guest accesses.</summary>
public sealed class RegisterBank<TDevice>
    where TDevice : class
{
    private readonly RegisterTable<TDevice> _table;
    private readonly TDevice _device;
    private readonly string _instance;
    private readonly IUnmodelledLog _log;
    private readonly ulong[] _values;

    // Bits that the log knows of already: a guest that writes them a million times costs one line and no strings.
    private readonly ulong[] _reported;

    /// <summary>Makes a bank in the reset state.</summary>
    /// <param name="table">The declaration, shared by all instances.</param>
    /// <param name="device">What the table's functions act on.</param>
    /// <param name="instance">Name of this instance for the log: <c>apic3</c>.</param>
    /// <param name="log">Hears of reserved and unmodelled bits.</param>
    public RegisterBank(RegisterTable<TDevice> table, TDevice device, string instance, IUnmodelledLog log)
    {
        _table = table;
        _device = device;
        _instance = instance;
        _log = log;
        _values = new ulong[table.Slots.Length];
        _reported = new ulong[table.Slots.Length];
        Reset();
    }

    /// <summary>Puts every stored register to its reset value.</summary>
    public void Reset()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = _table.Slots[i].Row.Reset;
        }
    }

    /// <summary>
    /// A guest's read of 1 to 8 bytes. It may cover part of a register or several registers; holes read as
    /// <paramref name="hole"/> in each byte.
    /// </summary>
    public ulong Read(int offset, int size, byte hole)
    {
        ulong result = 0;
        for (int done = 0; done < size;)
        {
            int number = _table.SlotAt(offset + done);
            if (number < 0)
            {
                result |= (ulong)hole << (done * 8);
                done++;
                continue;
            }

            RegisterTable<TDevice>.Slot slot = _table.Slots[number];
            int skip = offset + done - slot.Offset;
            int count = Math.Min(slot.Row.Bytes - skip, size - done);
            ulong value = (Peek(slot, number) >> (skip * 8)) & BytesMask(count);
            result |= value << (done * 8);
            slot.Row.AfterRead?.Invoke(_device, slot.Index);
            done += count;
        }

        return result;
    }

    /// <summary>A guest's write of 1 to 8 bytes. Registers are written in ascending order; bytes in holes are lost, and logged.</summary>
    public void Write(int offset, int size, ulong value)
    {
        for (int done = 0; done < size;)
        {
            int number = _table.SlotAt(offset + done);
            if (number < 0)
            {
                _log.Touched(_instance, $"offset {offset + done:X}h", "no register here, written", (value >> (done * 8)) & 0xFF);
                done++;
                continue;
            }

            RegisterTable<TDevice>.Slot slot = _table.Slots[number];
            int skip = offset + done - slot.Offset;
            int count = Math.Min(slot.Row.Bytes - skip, size - done);
            WriteSlot(slot, number, ((value >> (done * 8)) & BytesMask(count)) << (skip * 8), BytesMask(count) << (skip * 8));
            done += count;
        }
    }

    /// <summary>The stored value of the register at an offset, for the device itself.</summary>
    public ulong Stored(int offset) => _values[_table.SlotAt(offset)];

    /// <summary>Changes a stored register on the device's own behalf.</summary>
    public void Store(int offset, ulong value) => _values[_table.SlotAt(offset)] = value;

    /// <summary>Every register's name, offset, bytes and present value, without side effects.</summary>
    public IEnumerable<(string Name, int Offset, int Bytes, ulong Value)> Dump()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            RegisterTable<TDevice>.Slot slot = _table.Slots[i];
            yield return (slot.Name, slot.Offset, slot.Row.Bytes, Peek(slot, i));
        }
    }

    /// <summary>Every register with its fields and a way to read it, without side effects.</summary>
    public IEnumerable<NamedRegister> Named()
    {
        for (int i = 0; i < _values.Length; i++)
        {
            int number = i;
            RegisterTable<TDevice>.Slot slot = _table.Slots[i];
            yield return new NamedRegister(slot.Name, slot.Row.Bytes, slot.Row.Fields, () => Peek(slot, number));
        }
    }

    public void Save(StateWriter writer)
    {
        foreach (ulong value in _values)
        {
            writer.UInt64(value);
        }
    }

    public void Restore(StateReader reader)
    {
        for (int i = 0; i < _values.Length; i++)
        {
            _values[i] = reader.UInt64();
        }
    }

    private static ulong BytesMask(int count) => count == 8 ? ulong.MaxValue : (1UL << (count * 8)) - 1;

    private ulong Peek(RegisterTable<TDevice>.Slot slot, int number) =>
        slot.Row.Read is { } read ? read(_device, slot.Index) & slot.Row.WidthMask : _values[number];

    private void WriteSlot(RegisterTable<TDevice>.Slot slot, int number, ulong value, ulong lanes)
    {
        ulong old = Peek(slot, number);
        ulong tagged = value & slot.Tagged & ~old & ~_reported[number];
        ulong reserved = (value ^ slot.Row.Reset) & slot.Reserved & lanes & ~_reported[number];
        if ((tagged | reserved) != 0)
        {
            _reported[number] |= tagged | reserved;
            ReportBits(slot, tagged, "not modelled, set");
            ReportBits(slot, reserved, "reserved, changed");
        }

        ulong next = ((old & ~(slot.Writable & lanes)) | (value & slot.Writable)) & ~(value & slot.OneToClear);
        if (slot.Row.Read is null)
        {
            _values[number] = next;
        }

        slot.Row.Write?.Invoke(_device, slot.Index, new RegisterWrite(value, lanes, old, next));
    }

    private void ReportBits(RegisterTable<TDevice>.Slot slot, ulong bits, string what)
    {
        for (; bits != 0; bits &= bits - 1)
        {
            int bit = System.Numerics.BitOperations.TrailingZeroCount(bits);
            string name = $"bit {bit}";
            foreach (RegisterField field in slot.Row.Fields)
            {
                name = (field.Mask & (1UL << bit)) != 0 ? field.Name : name;
            }

            _log.Touched(_instance, slot.Name, $"{name} {what}", 1UL << bit);
        }
    }
}
