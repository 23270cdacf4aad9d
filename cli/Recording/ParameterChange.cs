using System.Globalization;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Os.Loader;

namespace CoSim.Cli.Recording;

/// <summary>A parameter of the cores that a what-if changes: <c>dram.latency=200000</c>.</summary>
/// <param name="Name">Its name in parameters.csv.</param>
/// <param name="Value">Its value, in the file's unit.</param>
internal sealed record ParameterChange(string Name, int Value)
{
    /// <summary>Reads what the user wrote; null when it is not a name, an equals sign and a whole number.</summary>
    public static ParameterChange? TryParse(string text)
    {
        int at = text.IndexOf('=', StringComparison.Ordinal);
        return at > 0 && int.TryParse(text.AsSpan(at + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? new ParameterChange(text[..at], value) : null;
    }

    /// <summary>The changes of a recording with others on top: of one parameter the later change holds.</summary>
    public static ParameterChange[] Merge(IReadOnlyList<ParameterChange> recorded, IReadOnlyList<ParameterChange> changes) =>
        [.. recorded.Where(p => !changes.Any(c => c.Name == p.Name)), .. changes];

    /// <summary>The parameters of a model's cores with changes; null for none.</summary>
    /// <exception cref="BadInputException">A parameter cannot be changed, or not to that value.</exception>
    public static CoreParameters? Apply(EpycModel model, IReadOnlyList<ParameterChange> changes)
    {
        if (changes.Count == 0)
            return null;
        CoreParameters parameters = CoreParameters.Load(model.Base);
        foreach (ParameterChange change in changes)
        {
            if (parameters.RangeOf(change.Name) is not { } range)
                throw new BadInputException("--set", $"'{change.Name}' cannot be changed; these can: {string.Join(", ", parameters.Changeable)}");
            if (change.Value < range.Low || change.Value > range.High)
                throw new BadInputException("--set", $"{change.Name} must be {range.Low} to {range.High}");
            parameters = parameters.With(change.Name, change.Value);
        }

        return parameters;
    }

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Name}={Value}");
}
