using CoSim.Traces.Format;

namespace CoSim.Cli.Trace;

/// <summary>The first place at which two sequences of events differ, with what came before it.</summary>
/// <param name="Same">Events that agree from the start on.</param>
/// <param name="Before">The last of them.</param>
/// <param name="Left">The first event of the left trace that differs; null when it ends there.</param>
/// <param name="Right">The same of the right trace.</param>
internal sealed record TraceComparison(ulong Same, IReadOnlyList<TraceEvent> Before, TraceEvent? Left, TraceEvent? Right)
{
    private const int EventsShown = 3;

    /// <summary>Whether there is no difference.</summary>
    public bool AreSame => Left == null && Right == null;

    /// <summary>Compares two sequences.</summary>
    /// <param name="left">One.</param>
    /// <param name="right">The other.</param>
    /// <param name="withTime">Whether events at different times differ.</param>
    public static TraceComparison Of(IEnumerable<TraceEvent> left, IEnumerable<TraceEvent> right, bool withTime)
    {
        using IEnumerator<TraceEvent> a = left.GetEnumerator();
        using IEnumerator<TraceEvent> b = right.GetEnumerator();
        Queue<TraceEvent> before = new();
        for (ulong same = 0; ; same++)
        {
            TraceEvent? first = a.MoveNext() ? a.Current : null;
            TraceEvent? second = b.MoveNext() ? b.Current : null;
            bool agree = first is { } x && second is { } y && (withTime ? x.SameContent(in y) && x.Time == y.Time : x.SameDeed(in y));
            if (!agree)
                return new TraceComparison(same, [.. before], first, second);
            before.Enqueue(first!.Value);
            if (before.Count > EventsShown)
                _ = before.Dequeue();
        }
    }

    /// <summary>Writes the finding.</summary>
    public void Write(TextWriter output, string leftName, string rightName)
    {
        if (AreSame)
        {
            output.WriteLine($"the same: {Same} events");
            return;
        }

        output.WriteLine($"event {Same} is the first that differs");
        foreach (TraceEvent e in Before)
            output.WriteLine("  " + EventText.Line(in e));
        output.WriteLine("- " + Describe(Left, leftName));
        output.WriteLine("+ " + Describe(Right, rightName));
    }

    private static string Describe(TraceEvent? e, string name) => e is { } some ? EventText.Line(in some) : $"{name} ends here";
}
