using System.Globalization;
using System.Text;

namespace CoSim.Guest.Symbols.Linux;

/// <summary>A kernel's System.map: a line "ADDRESS LETTER NAME" for each symbol, as nm(1) prints them.</summary>
public static class SystemMap
{
    /// <summary>Reads a map.</summary>
    /// <param name="file">Its name, for messages.</param>
    /// <param name="content">Its bytes.</param>
    /// <exception cref="ImageFormatException">A line has another form, or the map names no function.</exception>
    public static IReadOnlyList<CodeSymbol> Read(string file, byte[] content)
    {
        List<CodeSymbol> symbols = [];
        int number = 0;
        foreach (ReadOnlySpan<char> line in Encoding.UTF8.GetString(content).AsSpan().EnumerateLines())
        {
            number++;
            if (line.IsWhiteSpace())
                continue;
            int space = line.IndexOf(' ');
            if (space <= 0 || line.Length < space + 4 || line[space + 2] != ' ' || !ulong.TryParse(line[..space], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out ulong address))
                throw new ImageFormatException(file, $"line {number}", "is not 'ADDRESS LETTER NAME'");
            symbols.Add(NmSymbol.Create(address, line[space + 1], line[(space + 3)..].Trim().ToString()));
        }
        return symbols.Exists(s => s.IsFunction) ? symbols : throw new ImageFormatException(
            file, "no symbol is a function", "distributions ship a placeholder of this name; without a map the kernel's own symbols are used");
    }
}
