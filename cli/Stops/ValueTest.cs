using System.Globalization;

namespace CoSim.Cli.Stops;

/// <summary>How a value is compared.</summary>
internal enum Comparison
{
    /// <summary>==</summary>
    Equal,

    /// <summary>!=</summary>
    NotEqual,

    /// <summary>&lt;, unsigned</summary>
    Less,

    /// <summary>&lt;=, unsigned</summary>
    AtMost,

    /// <summary>&gt;, unsigned</summary>
    Greater,

    /// <summary>&gt;=, unsigned</summary>
    AtLeast,
}

/// <summary>A test of an unsigned value: some of its bits against a number.</summary>
/// <param name="Mask">The bits that count.</param>
/// <param name="Comparison">How they are compared.</param>
/// <param name="Value">With what.</param>
internal readonly record struct ValueTest(ulong Mask, Comparison Comparison, ulong Value)
{
    /// <summary>The operators, longer ones first, as they are written; a single = is what people type for ==.</summary>
    public static readonly (string Text, Comparison Comparison)[] Operators =
    [
        ("==", Comparison.Equal), ("!=", Comparison.NotEqual), ("<=", Comparison.AtMost), (">=", Comparison.AtLeast),
        ("<", Comparison.Less), (">", Comparison.Greater), ("=", Comparison.Equal),
    ];

    /// <summary>Whether a value passes.</summary>
    public bool Holds(ulong value)
    {
        value &= Mask;
        return Comparison switch
        {
            Comparison.Equal => value == Value,
            Comparison.NotEqual => value != Value,
            Comparison.Less => value < Value,
            Comparison.AtMost => value <= Value,
            Comparison.Greater => value > Value,
            _ => value >= Value,
        };
    }

    /// <summary>The test that passes where this one does not.</summary>
    public ValueTest Not() => this with
    {
        Comparison = Comparison switch
        {
            Comparison.Equal => Comparison.NotEqual,
            Comparison.NotEqual => Comparison.Equal,
            Comparison.Less => Comparison.AtLeast,
            Comparison.AtMost => Comparison.Greater,
            Comparison.Greater => Comparison.AtMost,
            _ => Comparison.Less,
        },
    };

    /// <summary>A number: decimal, or hexadecimal behind 0x; underscores may separate digits.</summary>
    public static bool TryNumber(string text, out ulong value)
    {
        string digits = text.Replace("_", "", StringComparison.Ordinal);
        return digits.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
            ? ulong.TryParse(digits.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : ulong.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>As it is written behind a name: <c> &amp; 0xff >= 0x10</c>.</summary>
    public override string ToString()
    {
        Comparison comparison = Comparison;
        string mask = Mask == ulong.MaxValue ? "" : string.Create(CultureInfo.InvariantCulture, $" & 0x{Mask:x}");
        return string.Create(CultureInfo.InvariantCulture, $"{mask} {Operators.First(o => o.Comparison == comparison).Text} 0x{Value:x}");
    }
}
