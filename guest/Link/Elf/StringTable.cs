using System.Text;

namespace CoSim.Guest.Link.Elf;

/// <summary>A string table: each name once, NUL terminated, the empty name at 0.</summary>
public sealed class StringTable
{
    private readonly Dictionary<string, uint> _known = new() { [""] = 0 };
    private readonly List<byte> _data = [0];

    /// <summary>The offset of a name, which is added when new.</summary>
    public uint Add(string name)
    {
        if (_known.TryGetValue(name, out uint at)) return at;
        _known[name] = at = (uint)_data.Count;
        _data.AddRange(Encoding.UTF8.GetBytes(name));
        _data.Add(0);
        return at;
    }

    /// <summary>The table's bytes.</summary>
    public byte[] ToArray() => [.. _data];
}
