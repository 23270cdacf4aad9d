namespace CoSim.Os.Interface.Tests;

/// <summary>Makes a failing sequence short.</summary>
internal static class Shrinking
{
    /// <summary>
    /// Takes out parts, large ones first, as long as the rest still fails: in the end every word that is left matters.
    /// </summary>
    /// <param name="words">A sequence that fails.</param>
    /// <param name="fails">Tries a sequence.</param>
    internal static List<string> Minimise(IReadOnlyList<string> words, Func<IReadOnlyList<string>, bool> fails)
    {
        List<string> kept = [.. words];
        for (int size = Math.Max(1, kept.Count / 2); ; size /= 2)
        {
            for (int at = 0; at < kept.Count;)
            {
                List<string> fewer = [.. kept.Take(at), .. kept.Skip(at + size)];
                if (fails(fewer)) kept = fewer;
                else at += size;
            }
            if (size <= 1) return kept;
        }
    }
}
