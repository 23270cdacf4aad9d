namespace CoSim.Cli.Study;

/// <summary>The words of one axis of the study, in the order of their numbers.</summary>
public sealed class StudyWords
{
    private readonly string[] _names;

    private StudyWords(params string[] names) => _names = names;

    /// <summary>Clocksources, by Linux's names.</summary>
    public static StudyWords Source { get; } = new("tsc", "hpet", "acpi_pm");

    /// <summary>Time namespaces.</summary>
    public static StudyWords Namespace { get; } = new("root", "child");

    /// <summary>Ways of calling.</summary>
    public static StudyWords Path { get; } = new("vdso", "syscall");

    /// <summary>States of the caches.</summary>
    public static StudyWords Cache { get; } = new("warm", "cold");

    /// <summary>All words.</summary>
    public IReadOnlyList<string> Names => _names;

    /// <summary>The word of a number, or the number itself.</summary>
    public string Name(int value) => (uint)value < (uint)_names.Length ? _names[value] : value.ToString(System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>The number of a word in any case; -1 when there is none.</summary>
    public int Find(string word) => Array.FindIndex(_names, n => n.Equals(word, StringComparison.OrdinalIgnoreCase));
}
