namespace CoSim.Guest.Symbols;

/// <summary>A named place in an image.</summary>
/// <param name="Name">The name as the file has it.</param>
/// <param name="Address">Virtual address, as linked.</param>
/// <param name="Size">Length in bytes; 0 when the file does not say.</param>
/// <param name="IsFunction">Whether it is code.</param>
/// <param name="IsGlobal">Whether it is visible to other files.</param>
public sealed record CodeSymbol(string Name, ulong Address, ulong Size, bool IsFunction, bool IsGlobal)
{
    /// <summary>Whether the name is the one in the source, so that nothing in it is ILC's.</summary>
    public bool IsPlain { get; init; }

    /// <summary>
    /// A name for people. ILC names a method Assembly_Namespace_Type__Method; of that, Type.Method is left. Other names stay.
    /// </summary>
    public string DisplayName
    {
        get
        {
            if (IsPlain) return Name;
            int method = Name.LastIndexOf("__", StringComparison.Ordinal);
            int type = method > 0 ? Name.LastIndexOf('_', method - 1) : -1;
            return method <= 0 || type <= 0 || Name[0] == '_' ? Name : $"{Name[(type + 1)..method]}.{Name[(method + 2)..]}";
        }
    }
}

/// <summary>The symbols of an image by address and by name.</summary>
public sealed class SymbolTable
{
    private readonly CodeSymbol[] _all, _sorted;
    private readonly ulong[] _addresses;
    private readonly Dictionary<string, CodeSymbol> _byName = [];

    /// <summary>Takes the symbols in any order.</summary>
    public SymbolTable(IEnumerable<CodeSymbol> symbols)
    {
        _all = [.. symbols];
        foreach (CodeSymbol s in _all)
        {
            if (!_byName.TryGetValue(s.Name, out CodeSymbol? known) || (s.IsGlobal && !known.IsGlobal)) _byName[s.Name] = s;
        }
        // One symbol for an address: functions before data, global before local, a C# name before its export, then the shortest.
        _sorted = [.. _all.GroupBy(s => s.Address).Select(g => g
            .OrderByDescending(s => s.IsFunction).ThenByDescending(s => s.IsGlobal).ThenByDescending(s => s.DisplayName != s.Name)
            .ThenBy(s => s.Name.Length).ThenBy(s => s.Name, StringComparer.Ordinal).First()).OrderBy(s => s.Address)];
        _addresses = [.. _sorted.Select(s => s.Address)];
    }

    /// <summary>All symbols in the order of their addresses, one for each address.</summary>
    public IReadOnlyList<CodeSymbol> All => _sorted;

    /// <summary>All symbols, with several for an address where it has several names, in no order.</summary>
    public IReadOnlyList<CodeSymbol> WithAliases => _all;

    /// <summary>The symbol of a name, or null.</summary>
    public CodeSymbol? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>All symbols of a name: several files may each have a local one.</summary>
    public IEnumerable<CodeSymbol> Named(string name) => _all.Where(s => s.Name == name);

    /// <summary>The symbol that an address belongs to, or null when it lies beyond the end of the one before it.</summary>
    public CodeSymbol? Find(ulong address)
    {
        int i = Array.BinarySearch(_addresses, address);
        if (i < 0) i = ~i - 1;
        if (i < 0) return null;
        CodeSymbol s = _sorted[i];
        return s.Size == 0 || address - s.Address < s.Size ? s : null;
    }
}
