namespace CoSim.Traces.Import;

/// <summary>A line that an importer did not understand.</summary>
/// <param name="Line">Its number in the file, from 1.</param>
/// <param name="Cause">What is wrong with it.</param>
/// <param name="Text">Its beginning.</param>
public sealed record LineProblem(long Line, string Cause, string Text);

/// <summary>What an import found, line by line.</summary>
public sealed class ImportReport
{
    /// <summary>Problems that are kept with their text; all are counted.</summary>
    public const int KeptProblems = 1000;

    private const int ShownCharacters = 80;

    private readonly List<LineProblem> _problems = [];
    private readonly SortedDictionary<string, long> _causes = new(StringComparer.Ordinal);

    /// <summary>What the file was read as.</summary>
    public ImportFormat Format { get; init; }

    /// <summary>Lines of the file.</summary>
    public long Lines { get; internal set; }

    /// <summary>Empty lines, comments and headings.</summary>
    public long Silent { get; internal set; }

    /// <summary>Lines that were not understood.</summary>
    public long NotUnderstood { get; private set; }

    /// <summary>Lines whose meaning went into the trace.</summary>
    public long Understood => Lines - Silent - NotUnderstood;

    /// <summary>Events by kind and, for calls, by name: "program-call clock_gettime".</summary>
    public SortedDictionary<string, long> Events { get; } = new(StringComparer.Ordinal);

    /// <summary>Threads that did something.</summary>
    public int Threads { get; internal set; }

    /// <summary>Time from the first event to the end of the last one, in nanoseconds.</summary>
    public ulong Length { get; internal set; }

    /// <summary>The first <see cref="KeptProblems"/> lines that were not understood.</summary>
    public IReadOnlyList<LineProblem> Problems => _problems;

    /// <summary>How many lines were not understood, by cause.</summary>
    public IReadOnlyDictionary<string, long> Causes => _causes;

    internal void Add(long line, string cause, ReadOnlySpan<char> text)
    {
        NotUnderstood++;
        _causes[cause] = _causes.GetValueOrDefault(cause) + 1;
        if (_problems.Count < KeptProblems)
            _problems.Add(new LineProblem(line, cause, text.Length <= ShownCharacters ? text.ToString() : string.Concat(text[..ShownCharacters], "...")));
    }
}
