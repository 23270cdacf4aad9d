using System.CommandLine.Parsing;
using System.Globalization;

namespace CoSim.Cli.Options;

/// <summary>Offsets of a child time namespace (time_namespaces(7)), checked here so that init in the guest need not complain.</summary>
/// <param name="Text">"monotonic=S,boottime=S", as init takes it.</param>
public sealed record TimeNamespaceOffsets(string Text)
{
    private const int NanosecondDigits = 9;

    /// <summary>Parses "monotonic=S,boottime=S"; S is a number of seconds with an optional sign and fraction.</summary>
    public static TimeNamespaceOffsets? Parse(ArgumentResult result)
    {
        string text = MachineOptions.Word(result);
        foreach (string part in text.Split(','))
        {
            int equals = part.IndexOf('=');
            if (equals < 0 || part[..equals] is not ("monotonic" or "boottime"))
                return MachineOptions.Fail<TimeNamespaceOffsets?>(result, "write monotonic=SECONDS,boottime=SECONDS (either may be left out)");
            string seconds = part[(equals + 1)..];
            if (!IsSeconds(seconds))
                return MachineOptions.Fail<TimeNamespaceOffsets?>(result, $"'{seconds}' is not a number of seconds (at most {NanosecondDigits} decimals)");
        }
        return new TimeNamespaceOffsets(text);
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static bool IsSeconds(string text)
    {
        string digits = text.StartsWith('-') || text.StartsWith('+') ? text[1..] : text;
        string[] parts = digits.Split('.');
        return parts.Length <= 2
            && long.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
            && (parts.Length == 1 || (parts[1].Length is > 0 and <= NanosecondDigits && parts[1].All(char.IsAsciiDigit)));
    }
}
