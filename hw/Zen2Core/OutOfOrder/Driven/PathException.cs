namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>A recording cannot drive an engine: something that every recorded path has is missing.</summary>
/// <param name="message">What, and where.</param>
public sealed class PathException(string message) : Exception(message);
