namespace CoSim.Guest.Link;

/// <summary>A problem that stops the link: one number, one sentence, printed in MSBuild's canonical form.</summary>
public sealed class LinkException(int number, string message) : Exception(message)
{
    /// <summary>The number behind "GL".</summary>
    public int Number { get; } = number;
}
