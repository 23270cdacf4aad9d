namespace CoSim.Cli.Options;

/// <summary>The value of an option that takes several words: their numbers, and the words again for the help.</summary>
/// <param name="Values">The numbers, without duplicates, in the user's order.</param>
/// <param name="Name">Gives the word of a number.</param>
internal sealed record WordList(IReadOnlyList<int> Values, Func<int, string> Name)
{
    /// <summary>The words between commas, as the user writes them.</summary>
    public override string ToString() => string.Join(',', Values.Select(Name));
}
