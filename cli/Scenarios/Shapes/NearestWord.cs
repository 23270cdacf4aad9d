namespace CoSim.Cli.Scenarios.Shapes;

/// <summary>Finds what somebody may have meant.</summary>
internal static class NearestWord
{
    /// <summary>The end of an error: the nearest of the words that are possible, and all of them when there are few.</summary>
    public static string Hint(string word, IReadOnlyCollection<string> possible)
    {
        const int few = 12;
        if (possible.Count == 0)
            return "none is possible here";
        string nearest = possible.MinBy(p => Distance(word, p))!;
        string all = possible.Count <= few ? $"possible: {string.Join(", ", possible)}" : $"{possible.Count} are possible";
        return $"nearest: '{nearest}'; {all}";
    }

    /// <summary>Levenshtein's distance: single characters inserted, deleted or replaced, whatever their case.</summary>
    public static int Distance(string a, string b)
    {
        const int longest = 64;
        a = a.Length > longest ? a[..longest] : a;
        int[] row = new int[b.Length + 1];
        for (int j = 0; j <= b.Length; j++)
            row[j] = j;
        for (int i = 1; i <= a.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= b.Length; j++)
            {
                int replaced = diagonal + (char.ToLowerInvariant(a[i - 1]) == char.ToLowerInvariant(b[j - 1]) ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(replaced, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[b.Length];
    }
}
