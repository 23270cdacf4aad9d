namespace CoSim.Traces.Export;

/// <summary>Turns a trace into a file that some other program opens.</summary>
public interface ITraceExporter
{
    /// <summary>Writes the file. The same input gives the same bytes.</summary>
    /// <param name="input">The trace.</param>
    /// <param name="output">Receives the file; not disposed.</param>
    /// <exception cref="Format.TraceFormatException">The trace is damaged, or holds nothing that this format can show.</exception>
    void Write(ExportInput input, Stream output);
}
