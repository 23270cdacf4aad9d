namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// What the environment says: COSIM_ORACLE_CASES is the number of cases a form (200; 10,000 for a night), COSIM_ORACLE_SEED the seed,
/// COSIM_ORACLE_FORMS restricts the forms to names that contain the text, COSIM_ORACLE_SHARD (3/16: the third of sixteen parts) to a
/// part of them, so that a night's work can be divided.
/// </summary>
internal static class OracleSettings
{
    private const int DefaultCases = 200;
    private const ulong DefaultSeed = 0xC051;

    /// <summary>Cases a form.</summary>
    public static int Cases => (int)Setting("COSIM_ORACLE_CASES", DefaultCases);

    /// <summary>Seed of all choices.</summary>
    public static ulong Seed => Setting("COSIM_ORACLE_SEED", DefaultSeed);

    /// <summary>Text that names of forms must contain, or null.</summary>
    public static string? Only => Environment.GetEnvironmentVariable("COSIM_ORACLE_FORMS");

    /// <summary>The part to examine, from 0, and the number of parts.</summary>
    /// <exception cref="FormatException">The variable is not i/n with 1 &lt;= i &lt;= n.</exception>
    public static (int Part, int Parts) Shard
    {
        get
        {
            if (Environment.GetEnvironmentVariable("COSIM_ORACLE_SHARD") is not { Length: > 0 } text)
                return (0, 1);
            string[] numbers = text.Split('/');
            return numbers.Length == 2 && int.TryParse(numbers[0], out int part) && int.TryParse(numbers[1], out int parts) && part >= 1 && part <= parts
                ? (part - 1, parts)
                : throw new FormatException($"COSIM_ORACLE_SHARD={text}: not i/n");
        }
    }

    private static ulong Setting(string name, ulong fallback) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), out ulong value) ? value : fallback;
}
