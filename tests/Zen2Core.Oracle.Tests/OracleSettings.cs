namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// What the environment says: COSIM_ORACLE_CASES is the number of cases a form (200; 10,000 for a night), COSIM_ORACLE_SEED the seed,
/// COSIM_ORACLE_FORMS restricts the forms to names that contain the text.
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

    private static ulong Setting(string name, ulong fallback) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(name), out ulong value) ? value : fallback;
}
