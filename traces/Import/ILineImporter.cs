namespace CoSim.Traces.Import;

/// <summary>Understands the lines of one recorder.</summary>
internal interface ILineImporter
{
    /// <summary>Reads a line.</summary>
    /// <returns>False when it has no meaning: an empty line, a comment, a heading.</returns>
    /// <exception cref="LineException">It is not understood; nothing of it is recorded.</exception>
    bool Read(string line);

    /// <summary>There are no more lines: records calls that have not returned.</summary>
    void Finish();
}
