using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Format;

/// <summary>A kind of events, as the trace itself describes it.</summary>
public sealed class EventKind
{
    /// <summary>Describes a kind.</summary>
    /// <param name="id">Number within the trace, below <see cref="MaxId"/>.</param>
    /// <param name="name">Lower case with hyphens, unique within the trace.</param>
    /// <param name="fields">At most <see cref="EventValues.Count"/> fields besides one of type <see cref="FieldType.Text"/>.</param>
    public EventKind(byte id, string name, IReadOnlyList<EventField> fields)
    {
        Id = id;
        Name = name;
        Fields = fields;
        FieldCount = fields.Count;
        TextField = CoreField = -1;
        for (int i = fields.Count - 1; i >= 0; i--)
        {
            if (fields[i].Type == FieldType.Text && TextField < 0)
                TextField = i;
            if (fields[i].Type == FieldType.Core)
                CoreField = i;
        }

        Packing = TextField >= 0 ? Packing.None : name switch
        {
            "retire" when fields.Count > InstructionLayout.FirstCause => Packing.Instruction,
            "deliver" when fields.Count > InstructionLayout.FirstCause => Packing.Delivery,
            "micro-op" when fields.Count == InstructionLayout.MicroOpFields => Packing.MicroOp,
            "operands" when fields.Count == InstructionLayout.OperandFields => Packing.Operands,
            _ => Packing.None,
        };
    }

    /// <summary>One more than the largest identifier.</summary>
    public const int MaxId = 128;

    /// <summary>Number within the trace.</summary>
    public byte Id { get; }

    /// <summary>Name within the trace.</summary>
    public string Name { get; }

    /// <summary>Its fields, in the order in which they are stored.</summary>
    public IReadOnlyList<EventField> Fields { get; }

    /// <summary>How many there are: asked for every event.</summary>
    public int FieldCount { get; }

    /// <summary>Index of the field of type <see cref="FieldType.Text"/>; -1 for none.</summary>
    public int TextField { get; }

    /// <summary>Index of the first field of type <see cref="FieldType.Core"/>; -1 for none.</summary>
    public int CoreField { get; }

    /// <summary>Whether such events only say what a pipeline needs, or a replay: they are not what happened in the guest.</summary>
    public bool IsOfPipeline => Name is "code" or "digest" or "page-walk" or "tlb-flush" or "block" or "microcode" or "device-time" or "wake" or "divide" or "context" or "code-store";

    /// <summary>How events of this kind are packed.</summary>
    internal Packing Packing { get; }

    /// <summary>Index of a field by name; -1 when there is none.</summary>
    public int IndexOf(string field)
    {
        for (int i = 0; i < Fields.Count; i++)
        {
            if (Fields[i].Name == field)
                return i;
        }

        return -1;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}

/// <summary>How events of a kind are packed in a block.</summary>
internal enum Packing : byte
{
    /// <summary>Each as an array of its own.</summary>
    None,

    /// <summary>In groups: an instruction that retired.</summary>
    Instruction,

    /// <summary>In groups: an interrupt or exception.</summary>
    Delivery,

    /// <summary>In groups: a micro-op.</summary>
    MicroOp,

    /// <summary>In groups: operands in memory.</summary>
    Operands,
}
