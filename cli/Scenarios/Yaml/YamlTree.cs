using CoSim.Os.Loader;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace CoSim.Cli.Scenarios.Yaml;

/// <summary>
/// Reads one YAML document into nodes that know their places. Of YAML 1.2 (yaml.org, revision 1.2.2) it takes block and flow collections
/// and all styles of scalars; anchors, aliases and tags are refused, because a scenario has no use for them.
/// </summary>
internal sealed class YamlTree
{
    /// <summary>Nesting that is accepted; a scenario needs six levels.</summary>
    private const int MaximumDepth = 32;

    /// <summary>Length of a file that is accepted, in characters.</summary>
    private const int MaximumLength = 1 << 20;

    private readonly string _file;
    private readonly Parser _parser;

    private YamlTree(string file, string text)
    {
        _file = file;
        _parser = new Parser(new StringReader(text));
    }

    /// <summary>Reads a document.</summary>
    /// <param name="file">The file's name, for errors.</param>
    /// <param name="text">Its content.</param>
    /// <exception cref="BadInputException">The text is no single YAML document of the kind described above.</exception>
    public static YamlNode Read(string file, string text)
    {
        if (text.Length > MaximumLength)
            throw new BadInputException(file, $"is longer than {MaximumLength} characters");
        YamlTree tree = new(file, text);
        try
        {
            return tree.ReadDocument();
        }
        catch (YamlException e)
        {
            if (TabOf(text) is { } tab)
                throw new YamlPlace(file, tab.Line, tab.Column).Error("a tab stands here; lines are indented by spaces");
            // The library's message repeats the place.
            string cause = e.Message[(e.Message.LastIndexOf("): ", StringComparison.Ordinal) is int at and >= 0 ? at + 3 : 0)..];
            throw tree.PlaceOf(e.Start).Error(cause.TrimEnd('.'));
        }
        catch (InvalidOperationException)
        {
            // YamlDotNet 16.3.0 does so for some plain words that are cut short by what no YAML has.
            throw tree.Reached.Error("is no YAML from here on: a bracket, brace or quotation mark may be open");
        }
    }

    private YamlNode ReadDocument()
    {
        _parser.Consume<StreamStart>();
        if (!_parser.TryConsume<DocumentStart>(out _))
            throw new BadInputException(_file, "is empty");
        YamlNode root = ReadNode(0);
        _parser.Consume<DocumentEnd>();
        return _parser.Consume<ParsingEvent>() is DocumentStart second ? throw PlaceOf(second.Start).Error("a second document begins here; a file has one") : root;
    }

    private YamlNode ReadNode(int depth)
    {
        ParsingEvent next = _parser.Consume<ParsingEvent>();
        YamlPlace place = PlaceOf(next.Start);
        if (depth > MaximumDepth)
            throw place.Error($"is nested more than {MaximumDepth} levels deep");
        if (next is AnchorAlias)
            throw place.Error("aliases are not used in scenarios");
        if (next is NodeEvent { Anchor.IsEmpty: false })
            throw place.Error("anchors are not used in scenarios");
        if (next is NodeEvent { Tag: { IsEmpty: false, IsNonSpecific: false } })
            throw place.Error("tags are not used in scenarios");
        return next switch
        {
            Scalar scalar => new YamlWord(place, scalar.Value, scalar.Style == ScalarStyle.Plain),
            SequenceStart => ReadList(place, depth),
            MappingStart => ReadMap(place, depth),
            _ => throw place.Error("a value is expected here"),
        };
    }

    private YamlList ReadList(YamlPlace place, int depth)
    {
        List<YamlNode> items = [];
        while (!_parser.TryConsume<SequenceEnd>(out _))
            items.Add(ReadNode(depth + 1));
        return new YamlList(place, items);
    }

    private YamlMap ReadMap(YamlPlace place, int depth)
    {
        List<YamlEntry> entries = [];
        HashSet<string> keys = [];
        while (!_parser.TryConsume<MappingEnd>(out _))
        {
            YamlNode node = ReadNode(depth + 1);
            if (node is not YamlWord key)
                throw node.Place.Error("a name is expected before the colon");
            if (!keys.Add(key.Text))
                throw key.Place.Error($"'{key.Text}' is there twice");
            entries.Add(new YamlEntry(key, ReadNode(depth + 1)));
        }
        return new YamlMap(place, entries);
    }

    /// <summary>The end of what was read last.</summary>
    private YamlPlace Reached => PlaceOf(_parser.Current?.End ?? Mark.Empty);

    /// <summary>The first tab before the first character of a line; null for none. In most other places YAML takes tabs.</summary>
    private static (long Line, long Column)? TabOf(string text)
    {
        string[] lines = text.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            int column = lines[i].AsSpan().IndexOfAnyExcept(' ');
            if (column >= 0 && lines[i][column] == '\t' && lines[i].AsSpan(column).TrimStart().Length > 0)
                return (i + 1, column + 1);
        }
        return null;
    }

    private YamlPlace PlaceOf(in Mark mark) => new(_file, Math.Max(1, mark.Line), Math.Max(1, mark.Column));
}
