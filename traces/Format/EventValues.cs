using System.Runtime.CompilerServices;

namespace CoSim.Traces.Format;

/// <summary>Values of an event's fields, in the order of <see cref="EventKind.Fields"/>; the place of a text is unused.</summary>
[InlineArray(Count)]
public struct EventValues
{
    /// <summary>Fields that an event can have.</summary>
    public const int Count = 24;

    private ulong _first;
}
