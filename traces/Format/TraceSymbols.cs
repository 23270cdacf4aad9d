using System.Buffers;
using MessagePack;

namespace CoSim.Traces.Format;

/// <summary>A named range of an image.</summary>
/// <param name="Address">Where it begins, as linked.</param>
/// <param name="Size">Its length in bytes; 0 for up to the next one.</param>
/// <param name="Name">Its name.</param>
public readonly record struct TraceSymbol(ulong Address, ulong Size, string Name);

/// <summary>The symbols of an image that a recorded run executed.</summary>
/// <param name="Name">The image's name.</param>
/// <param name="Bias">What is added to linked addresses; null while no `image` event has told.</param>
/// <param name="Symbols">Its symbols in the order of their addresses.</param>
public sealed record SymbolImage(string Name, ulong? Bias, IReadOnlyList<TraceSymbol> Symbols);

/// <summary>What an address of the guest is called.</summary>
/// <param name="Image">The image.</param>
/// <param name="Symbol">The symbol.</param>
/// <param name="Offset">Bytes from the symbol's beginning.</param>
public readonly record struct CodeName(string Image, string Symbol, ulong Offset);

/// <summary>
/// Names of addresses, as a trace carries them in its data `symbols`: MessagePack, an array of images, each an array of name, bias (nil when unknown) and
/// an array of addresses, sizes and names in turn. <c>image</c> events place images; one can lie at several addresses.
/// </summary>
public sealed class TraceSymbols
{
    /// <summary>Name of the data in the trace.</summary>
    public const string DataName = "symbols";

    private const int NumbersOfSymbol = 3;

    private readonly IReadOnlyList<SymbolImage> _images;
    private readonly List<(SymbolImage Image, ulong Bias)> _places = [];
    private (SymbolImage Image, ulong Bias, TraceSymbol Symbol, ulong End)? _last;

    /// <summary>Takes images.</summary>
    public TraceSymbols(IReadOnlyList<SymbolImage> images)
    {
        _images = images;
        foreach (SymbolImage image in images)
        {
            if (image.Bias is { } bias && image.Symbols.Count > 0)
                _places.Add((image, bias));
        }
    }

    /// <summary>The names that a trace carries; none when it carries none.</summary>
    /// <exception cref="TraceFormatException">They are damaged.</exception>
    public static TraceSymbols Of(TraceReader trace)
    {
        try
        {
            return trace.Data(DataName) is { } data ? Read(data) : new TraceSymbols([]);
        }
        catch (MessagePackSerializationException e)
        {
            throw new TraceFormatException($"data '{DataName}': {e.Message}");
        }
    }

    /// <summary>Encodes images.</summary>
    public static byte[] Write(IReadOnlyList<SymbolImage> images)
    {
        ArrayBufferWriter<byte> target = new();
        MessagePackWriter writer = new(target);
        writer.WriteArrayHeader(images.Count);
        foreach (SymbolImage image in images)
        {
            writer.WriteArrayHeader(3);
            writer.Write(image.Name);
            if (image.Bias is { } bias)
                writer.Write(bias);
            else
                writer.WriteNil();
            writer.WriteArrayHeader(image.Symbols.Count * NumbersOfSymbol);
            foreach (TraceSymbol symbol in image.Symbols)
            {
                writer.Write(symbol.Address);
                writer.Write(symbol.Size);
                writer.Write(symbol.Name);
            }
        }

        writer.Flush();
        return target.WrittenSpan.ToArray();
    }

    /// <summary>Learns from an `image` event where an image lies.</summary>
    public void Take(in TraceEvent e)
    {
        if (e.Kind.Name != "image")
            return;
        string? name = e.Text;
        SymbolImage? image = _images.FirstOrDefault(i => i.Name == name);
        if (image == null || image.Symbols.Count == 0)
            return;
        ulong bias = e.Number("bias");
        _last = null;
        if (!_places.Contains((image, bias)))
            _places.Add((image, bias));
    }

    /// <summary>The symbol that an address lies in; null when unknown.</summary>
    public CodeName? Find(ulong address)
    {
        if (_last is { } hit && address - hit.Bias - hit.Symbol.Address < hit.End - hit.Symbol.Address)
            return new CodeName(hit.Image.Name, hit.Symbol.Name, address - hit.Bias - hit.Symbol.Address);
        // The image that was placed last is looked at first.
        for (int i = _places.Count - 1; i >= 0; i--)
        {
            (SymbolImage image, ulong bias) = _places[i];
            if (Find(image.Symbols, unchecked(address - bias)) is not { } at)
                continue;
            TraceSymbol symbol = image.Symbols[at];
            ulong end = symbol.Size > 0 ? symbol.Address + symbol.Size : at + 1 < image.Symbols.Count ? image.Symbols[at + 1].Address : symbol.Address + 1;
            _last = (image, bias, symbol, end);
            return new CodeName(image.Name, symbol.Name, unchecked(address - bias - symbol.Address));
        }

        return null;
    }

    private static int? Find(IReadOnlyList<TraceSymbol> symbols, ulong linked)
    {
        int low = 0, high = symbols.Count;
        while (low < high)
        {
            int middle = (low + high) / 2;
            if (symbols[middle].Address <= linked)
                low = middle + 1;
            else
                high = middle;
        }

        if (low == 0)
            return null;
        TraceSymbol symbol = symbols[low - 1];
        bool inside = symbol.Size > 0 ? linked - symbol.Address < symbol.Size : low < symbols.Count || linked == symbol.Address;
        return inside ? low - 1 : null;
    }

    private static TraceSymbols Read(ReadOnlyMemory<byte> data)
    {
        MessagePackReader reader = new(data);
        List<SymbolImage> images = [];
        for (int left = reader.ReadArrayHeader(); left > 0; left--)
        {
            if (reader.ReadArrayHeader() != 3)
                throw new TraceFormatException($"data '{DataName}': an image is not a name, a bias and symbols");
            string name = reader.ReadString() ?? throw new TraceFormatException($"data '{DataName}': an image without a name");
            ulong? bias = reader.TryReadNil() ? null : reader.ReadUInt64();
            List<TraceSymbol> symbols = [];
            for (int values = reader.ReadArrayHeader(); values > 0; values -= NumbersOfSymbol)
                symbols.Add(new TraceSymbol(reader.ReadUInt64(), reader.ReadUInt64(), reader.ReadString() ?? ""));
            images.Add(new SymbolImage(name, bias, [.. symbols.OrderBy(s => s.Address)]));
        }

        return new TraceSymbols(images);
    }
}
