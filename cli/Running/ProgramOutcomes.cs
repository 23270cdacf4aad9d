using System.Text;

namespace CoSim.Cli.Running;

/// <summary>How a program of a job ended.</summary>
/// <param name="Status">Its exit status, 0 to 255; 128 + signal when it was killed.</param>
/// <param name="Output">What it wrote to the console, with line feeds at line ends.</param>
public sealed record ProgramOutcome(int Status, string Output);

/// <summary>Takes what the programs of a job write apart: init says, by a label, where one ends and the next begins.</summary>
public sealed class ProgramOutcomes
{
    /// <summary>"END" in bits 23:0 of init's label; the status is in bits 31:24.</summary>
    private const ulong ProgramEnds = 0x444E45, EndMask = 0xFF_FFFF;
    private const int StatusBit = 24;

    private readonly List<ProgramOutcome> _ended = [];
    private readonly List<byte> _output = [];

    /// <summary>The programs that have ended, in their order.</summary>
    public IReadOnlyList<ProgramOutcome> Ended => _ended;

    /// <summary>Takes a byte that the present program wrote.</summary>
    public void Write(byte value) => _output.Add(value);

    /// <summary>Looks at a label of the guest; one that ends a program closes its output.</summary>
    public void Label(ulong value)
    {
        if ((value & EndMask) != ProgramEnds)
            return;
        // The console's terminal puts a CR before every LF.
        string text = Encoding.UTF8.GetString([.. _output]).Replace("\r\n", "\n", StringComparison.Ordinal);
        _ended.Add(new ProgramOutcome((int)(value >> StatusBit) & 0xFF, text));
        _output.Clear();
    }
}
