namespace CoSim.Guest.Link;

/// <summary>Symbols that only the layout can define: the bounds of the image and of its parts, page aligned at their starts.</summary>
public static class LinkerSymbols
{
    /// <summary>All of them.</summary>
    public static readonly IReadOnlySet<string> Names = new HashSet<string>
    {
        "image_start", "image_end", "image_load_start",
        "text_start", "text_end", "rodata_start", "rodata_end", "data_start", "data_end", "bss_start", "bss_end",
    };

    /// <summary>The value of one.</summary>
    /// <exception cref="LinkException">There is no such symbol.</exception>
    public static ulong Value(string name, ImageLayout layout)
    {
        if (!Names.Contains(name)) throw new LinkException(4, $"{name} is not defined");
        if (name == "image_load_start") return layout.LoadStart;
        string part = name[..name.IndexOf('_', StringComparison.Ordinal)];
        (ulong start, ulong end) = part == "image" ? layout.Image : layout.Bounds(part);
        return name.EndsWith("_start", StringComparison.Ordinal) ? start : end;
    }
}
