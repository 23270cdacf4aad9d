namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>A kind of deviation from a machine that works: a piece of a scenario file with gaps.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Text">
/// For a setting a mapping that is laid over the scenario; for a fault its trigger or its effect, or both, as properties. Parameters stand
/// between angle brackets.
/// </param>
/// <param name="Parameters">What is drawn.</param>
internal sealed record HuntKind(string Name, string Text, params HuntParameter[] Parameters)
{
    /// <summary>Cores that a machine must have for it.</summary>
    public int LeastCores { get; init; } = 1;

    /// <summary>Whether it is an entry of the scenario's faults, or a part of one; else it is a setting.</summary>
    public bool IsFault { get; init; }

    /// <summary>Whether it is an effect, which says nothing of when it happens.</summary>
    public bool NeedsTrigger { get; init; }

    /// <summary>Turns in a round of draws, in which every kind has its turns; 0 for a kind that is never drawn.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>For a trigger a simpler one with the same first parameters; null for none.</summary>
    public string? Simpler { get; init; }

    /// <summary>The text with its gaps filled in.</summary>
    public string Fill(ReadOnlySpan<long> values)
    {
        string text = Text;
        for (int i = 0; i < Parameters.Length; i++)
            text = text.Replace($"<{Parameters[i].Name}>", Parameters[i].Text(values[i]), StringComparison.Ordinal);
        return text;
    }
}
