namespace CoSim.Os.Interface.Tests;

/// <summary>A program of threads, processes, locks, signals and timers, built by gcc and unmodified, goes on on another machine.</summary>
[TestFixture, Category("NeedsTools"), Platform("Linux")]
public sealed class MigrationTests
{
    private static readonly string[][] s_machines =
    [
        [],
        ["--from-cores", "4", "--to-cores", "2", "--from-uptime", "30d", "--to-uptime", "1h", "--to-model", "7252"],
        ["--to-cores", "4", "--to-clocksource", "hpet", "--to-uptime", "1042d", "--os-semantics", "6.12"],
    ];

    [Test]
    public void ProgramWithoutMigrationIsGood() => AssertGood(InterfaceProgram.Run(InterfaceProgram.Compile("migrating"), ["--cores", "2"]));

    [Test]
    public void ThreadsLocksSignalsAndPipesGoOn([Values(0, 1, 2)] int machines)
    {
        int seed = TestSeed.Next();
        long at = 15_000_000 + new Random(seed).Next(600_000_000);
        TestContext.Out.WriteLine($"at {at} ns");
        AssertGood(InterfaceProgram.Migrate(InterfaceProgram.Compile("migrating"), [.. s_machines[machines], "--at", $"{at}ns"]));
    }

    /// <summary>Queues with names and without, messages of all sizes in their order, waiting receivers, who asked to be told; another root directory.</summary>
    [Test]
    public void MessageQueuesAndRootDirectoriesComeAlong([Values(0, 1)] int machines) =>
        AssertGood(InterfaceProgram.Migrate(InterfaceProgram.Compile("migrating_queues"), [.. s_machines[machines], "--at", "350ms"]));

    private static void AssertGood(InterfaceProgram.Result r) => Assert.That((r.Status, r.Output.Trim()), Is.EqualTo((0, "good")), r.Error);
}
