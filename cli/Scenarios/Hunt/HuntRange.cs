using System.Globalization;
using System.Text.RegularExpressions;
using CoSim.Cli.Logging;
using CoSim.Cli.Scenarios.Yaml;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;

namespace CoSim.Cli.Scenarios.Hunt;

/// <summary>
/// Makes a kind of deviation of a piece of a scenario with ranges: <c>1ms..64ms</c> and <c>1..1000</c> (every order of magnitude as likely
/// as any other), <c>hpet|pm</c> (one of the words), <c>core</c> where a core is expected stays a number: <c>0..1</c>.
/// </summary>
internal static partial class HuntRange
{
    /// <summary>The kind that a scenario describes.</summary>
    /// <exception cref="BadInputException">A range ends before it begins.</exception>
    public static HuntKind Kind(OwnDeviation own)
    {
        List<HuntParameter> parameters = [];
        YamlNode piece = Replace(own.Piece!, "value", parameters);
        return new HuntKind(own.Name, YamlText.Flow(piece), [.. parameters]) { IsFault = own.IsFault, Weight = own.Weight };
    }

    private static YamlNode Replace(YamlNode node, string key, List<HuntParameter> parameters)
    {
        switch (node)
        {
            case YamlMap map:
                return map with { Entries = [.. map.Entries.Select(e => e with { Value = Replace(e.Value, e.Key.Text, parameters) })] };
            case YamlList list:
                return list with { Items = [.. list.Items.Select(i => Replace(i, key, parameters))] };
            case YamlWord { IsPlain: true } word when Parameter(word, string.Create(CultureInfo.InvariantCulture, $"{key}-{parameters.Count + 1}")) is { } parameter:
                parameters.Add(parameter);
                return word with { Text = $"<{parameter.Name}>" };
            default:
                return node;
        }
    }

    private static HuntParameter? Parameter(YamlWord word, string name)
    {
        if (Alternatives().IsMatch(word.Text))
            return HuntParameter.Word(name, word.Text.Split('|'));
        string[] ends = word.Text.Split("..");
        if (ends.Length != 2)
            return null;
        HuntParameter? parameter = null;
        if (long.TryParse(ends[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long least) && long.TryParse(ends[1], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out long most))
            parameter = HuntParameter.Magnitude(name, least, most);
        else if (LogTime.TryParse(ends[0]) is { } first && LogTime.TryParse(ends[1]) is { } last)
            parameter = new HuntParameter(name, Nanoseconds(first), Nanoseconds(last), HuntSpread.Time);
        return parameter is not { } range || range.Least < range.Most && range.Most > 0
            ? parameter
            : throw word.Place.Error($"the range '{word.Text}' ends before it begins");
    }

    private static long Nanoseconds(SimTime time) => (long)time.WholeNanoseconds;

    [GeneratedRegex(@"^[A-Za-z0-9_./+-]+(\|[A-Za-z0-9_./+-]+)+$", RegexOptions.CultureInvariant)]
    private static partial Regex Alternatives();
}
