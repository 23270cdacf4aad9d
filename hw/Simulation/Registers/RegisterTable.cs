using System.Text;

namespace CoSim.Hw.Simulation.Registers;

/// <summary>
/// The registers of a kind of device, declared once: dispatch, dump, snapshot and documentation all come from here.
/// </summary>
public sealed class RegisterTable<TDevice>
    where TDevice : class
{
    private const short Hole = -1;
    private readonly short[] _slotAt;

    /// <summary>Checks and indexes the rows.</summary>
    /// <param name="component">The kind of device, for logs and documents.</param>
    /// <param name="size">Bytes of address space.</param>
    /// <param name="rows">The registers; none may overlap or lie outside.</param>
    /// <exception cref="ArgumentException">A row is malformed; this is a mistake in the simulator, found when the class is loaded.</exception>
    public RegisterTable(string component, int size, params Register<TDevice>[] rows)
    {
        Component = component;
        Size = size;
        Rows = rows;
        _slotAt = new short[size];
        Array.Fill(_slotAt, Hole);
        List<Slot> slots = [];
        foreach (Register<TDevice> row in rows)
        {
            for (int index = 0; index < row.Count; index++)
            {
                Slot slot = new(row, index);
                for (int at = slot.Offset; at < slot.Offset + row.Bytes; at++)
                {
                    if (at >= size || _slotAt[at] != Hole)
                    {
                        throw new ArgumentException($"{component}: {slot.Name} at {slot.Offset:X}h overlaps another register or the end");
                    }

                    _slotAt[at] = checked((short)slots.Count);
                }

                slots.Add(slot);
            }
        }

        Slots = [.. slots];
    }

    public string Component { get; }

    /// <summary>Bytes of address space.</summary>
    public int Size { get; }

    public IReadOnlyList<Register<TDevice>> Rows { get; }

    /// <summary>Every single register in order of declaration.</summary>
    internal Slot[] Slots { get; }

    /// <summary>The number of the register that covers a byte, or -1 for a hole.</summary>
    internal int SlotAt(int offset) => (uint)offset < (uint)Size ? _slotAt[offset] : Hole;

    /// <summary>The row of the register that covers a byte, or null for a hole.</summary>
    public Register<TDevice>? RowAt(int offset) => SlotAt(offset) is int number && number >= 0 ? Slots[number].Row : null;

    /// <summary>Register documentation as a Markdown table.</summary>
    public string Describe()
    {
        StringBuilder text = new();
        text.Append("| offset | register | bits | field | mode | reset | meaning |\n|---|---|---|---|---|---|---|\n");
        foreach (Register<TDevice> row in Rows)
        {
            string offset = row.Count == 1 ? $"{row.Offset:X3}" : $"{row.Offset:X3} + {row.Stride:X}n, n < {row.Count}";
            foreach (RegisterField field in row.Fields)
            {
                string bits = field.Width == 1 ? $"{field.Low}" : $"{field.Low + field.Width - 1}:{field.Low}";
                bool computed = row.Read is not null && field.Mode == FieldMode.ReadOnly;
                string reset = computed ? "-" : $"{field.Extract(row.Reset):X}";
                text.Append($"| {offset} | {row.Name} | {bits} | {field.Name} | {field.Mode} | {reset} | {field.Summary} |\n");
            }
        }

        return text.ToString();
    }

    /// <summary>One register of a run, with its masks worked out.</summary>
    internal sealed class Slot(Register<TDevice> row, int index)
    {
        public Register<TDevice> Row { get; } = row;

        public int Index { get; } = index;

        public int Offset { get; } = row.Offset + (index * row.Stride);

        public string Name { get; } = row.Count == 1 ? row.Name : $"{row.Name}{index}";

        public ulong Writable { get; } = row.MaskOf(FieldMode.ReadWrite) | row.MaskOf(FieldMode.Tagged);

        public ulong OneToClear { get; } = row.MaskOf(FieldMode.WriteOneToClear);

        public ulong Tagged { get; } = row.MaskOf(FieldMode.Tagged);

        public ulong Reserved { get; } = row.ReservedMask;
    }
}
