namespace CoSim.Tests;

/// <summary>
/// Seeds of the tests that draw at random. They are the same in every run, so that a change passes or fails alike wherever it is tried; a
/// night's run (<c>COSIM_NIGHTLY=1</c>) draws new ones, and <c>COSIM_SEED=N</c> repeats one that failed.
/// </summary>
internal static class TestSeed
{
    /// <summary>The seed of the running test, and of this repetition of it; printed with the test's output.</summary>
    public static int Next()
    {
        int seed = int.TryParse(Environment.GetEnvironmentVariable("COSIM_SEED"), out int given) ? given
            : Environment.GetEnvironmentVariable("COSIM_NIGHTLY") == "1" ? Random.Shared.Next()
            : Fixed(TestContext.CurrentContext.Test.FullName, TestContext.CurrentContext.CurrentRepeatCount);
        TestContext.Out.WriteLine($"seed {seed}");
        return seed;
    }

    /// <summary>FNV-1a of the test's name and the repetition, without the sign.</summary>
    private static int Fixed(string test, int repetition)
    {
        uint hash = 2_166_136_261;
        foreach (char c in test)
            hash = (hash ^ c) * 16_777_619;
        return (int)((hash ^ (uint)repetition) * 16_777_619 & int.MaxValue);
    }
}
