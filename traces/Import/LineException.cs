namespace CoSim.Traces.Import;

/// <summary>A line is not what its recorder prints. Importers catch it, count the line and go on.</summary>
/// <param name="cause">What is wrong, without the line's own text, so that causes can be counted.</param>
internal sealed class LineException(string cause) : Exception(cause);
