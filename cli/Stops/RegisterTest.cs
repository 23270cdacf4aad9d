using System.Text.RegularExpressions;
using CoSim.Os.Loader;

namespace CoSim.Cli.Stops;

/// <summary>A test of a register of a device or a core, by name.</summary>
/// <param name="Text">As the user wrote it.</param>
/// <param name="Path">The register: <c>hpet.MAIN_CNT</c>, <c>hpet.GEN_CONF.ENABLE_CNF</c>, <c>core0.rax</c>.</param>
/// <param name="Test">The test of its value.</param>
internal sealed partial record RegisterTest(string Text, string Path, ValueTest Test)
{
    private const string Help = "help";

    /// <summary>Whether the user wants to see the names of the registers instead.</summary>
    public bool AsksForNames => Path == Help;

    /// <summary>Reads <c>REGISTER [&amp; MASK] OPERATOR VALUE</c>. Whether there is such a register, only a machine can tell.</summary>
    /// <param name="option">Where it comes from, for messages.</param>
    /// <param name="text">What the user wrote.</param>
    /// <exception cref="BadInputException">It is none.</exception>
    public static RegisterTest Parse(string option, string text)
    {
        if (text.Trim() == Help)
            return new RegisterTest(Help, Help, default);
        Match match = Form().Match(text);
        if (!match.Success)
            throw new BadInputException($"{option} '{text}'", "a condition is REGISTER [& MASK] OPERATOR VALUE with ==, !=, <, <=, > or >=: 'hpet.MAIN_CNT >= 0x1000'; 'help' lists the registers");
        ulong mask = ulong.MaxValue;
        foreach (string group in (string[])["mask", "value"])
        {
            if (match.Groups[group].Success && !ValueTest.TryNumber(match.Groups[group].Value, out _))
                throw new BadInputException($"{option} '{text}'", $"'{match.Groups[group].Value}' is no number of 64 bits: decimal, or hexadecimal behind 0x");
        }

        _ = ValueTest.TryNumber(match.Groups["value"].Value, out ulong value);
        if (match.Groups["mask"].Success)
            _ = ValueTest.TryNumber(match.Groups["mask"].Value, out mask);
        return new RegisterTest(text.Trim(), match.Groups["path"].Value, new ValueTest(mask, ValueTest.Operators.First(o => o.Text == match.Groups["sign"].Value).Comparison, value));
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    [GeneratedRegex(@"^\s*(?<path>[\w./-]+)\s*(&\s*(?<mask>\w+)\s*)?(?<sign>==|!=|<=|>=|=|<|>)\s*(?<value>\w+)\s*$")]
    private static partial Regex Form();
}
