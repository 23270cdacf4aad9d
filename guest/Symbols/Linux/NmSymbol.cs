namespace CoSim.Guest.Symbols.Linux;

/// <summary>A symbol as nm(1) prints it: an address, a letter and a name. So are those of kallsyms and of System.map.</summary>
internal static class NmSymbol
{
    /// <summary>Makes a symbol. Its length is not known: it reaches to the next one.</summary>
    /// <param name="address">Linear address.</param>
    /// <param name="letter">T or W is code; upper case is global.</param>
    /// <param name="name">The name.</param>
    public static CodeSymbol Create(ulong address, char letter, string name) =>
        new(name, address, 0, IsFunction: letter is 'T' or 't' or 'W' or 'w', IsGlobal: char.IsAsciiLetterUpper(letter)) { IsPlain = true };
}
