namespace CoSim.Cli.Stops;

/// <summary>The user wants to be told what can be said instead of a run; the message is the answer.</summary>
/// <param name="text">Whole lines.</param>
internal sealed class HelpRequest(string text) : Exception(text);
