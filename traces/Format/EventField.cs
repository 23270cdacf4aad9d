namespace CoSim.Traces.Format;

/// <summary>One field of a kind of events.</summary>
/// <param name="Name">Lower case, unique within the kind.</param>
/// <param name="Type">How to understand its value.</param>
public sealed record EventField(string Name, FieldType Type);
