using System.Globalization;
using System.Text;
using CoSim.Hw.Simulation;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Format;

/// <summary>One thing that happened.</summary>
public struct TraceEvent
{
    /// <summary>Makes an event without values.</summary>
    public TraceEvent(EventKind kind, SimTime time)
    {
        Kind = kind;
        Time = time;
    }

    /// <summary>What happened.</summary>
    public EventKind Kind { get; set; }

    /// <summary>When.</summary>
    public SimTime Time { get; set; }

    /// <summary>Value of the field of type <see cref="FieldType.Text"/>; null when the kind has none.</summary>
    public string? Text { get; set; }

    /// <summary>Values of the other fields.</summary>
    public EventValues Values;

    /// <summary>The core that the event belongs to; -1 for none.</summary>
    public readonly int Core => Kind.CoreField < 0 ? -1 : (int)Values[Kind.CoreField];

    /// <summary>Value of a field that is no text, by its name; 0 when the kind has no such field.</summary>
    public readonly ulong Number(string field)
    {
        int index = Kind.IndexOf(field);
        return index < 0 || index == Kind.TextField ? 0 : Values[index];
    }

    /// <summary>Value of a field, by its index.</summary>
    public readonly string Show(int field) => Kind.Fields[field].Type switch
    {
        FieldType.Text => Text ?? "",
        FieldType.Hex => Values[field].ToString("x", CultureInfo.InvariantCulture),
        FieldType.Signed => unchecked((long)Values[field]).ToString(CultureInfo.InvariantCulture),
        FieldType.Delay => Values[field] == ulong.MaxValue ? "never" : ShowDelay(Values[field]),
        _ => Values[field].ToString(CultureInfo.InvariantCulture),
    };

    /// <summary>True when kind, text and values are the same; the time may differ.</summary>
    public readonly bool SameContent(in TraceEvent other)
    {
        if (Kind.Name != other.Kind.Name || Text != other.Text)
            return false;
        for (int i = 0; i < Kind.FieldCount; i++)
        {
            if (Values[i] != other.Values[i])
                return false;
        }

        return true;
    }

    /// <summary>True when the same was done, whenever and however long it took: of an instruction only core and address count.</summary>
    public readonly bool SameDeed(in TraceEvent other) => Kind.Packing == Packing.None
        ? SameContent(in other)
        : Kind.Name == other.Kind.Name && Values[InstructionLayout.Core] == other.Values[InstructionLayout.Core] && Values[InstructionLayout.Rip] == other.Values[InstructionLayout.Rip];

    /// <summary>Name and fields: <c>clock-read core=0 rip=7fffefffe6ee clock=tsc value=123</c>.</summary>
    public override readonly string ToString()
    {
        StringBuilder text = new(Kind.Name);
        for (int i = 0; i < Kind.FieldCount; i++)
        {
            // Of an instruction's many causes only those that it has are shown.
            if (i >= InstructionLayout.FirstCause && (Kind.Packing is Packing.Instruction or Packing.Delivery) && Values[i] == 0)
                continue;
            text.Append(' ').Append(Kind.Fields[i].Name).Append('=').Append(Show(i));
        }

        return text.ToString();
    }

    /// <summary>Nanoseconds with the digits that are not zero: <c>69.841279ns</c>.</summary>
    private static string ShowDelay(ulong femtoseconds)
    {
        const ulong perNanosecond = 1_000_000;
        string fraction = (femtoseconds % perNanosecond).ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0');
        string whole = (femtoseconds / perNanosecond).ToString(CultureInfo.InvariantCulture);
        return fraction.Length == 0 ? $"{whole}ns" : $"{whole}.{fraction}ns";
    }
}
