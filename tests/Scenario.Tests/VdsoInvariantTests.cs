namespace CoSim.Cli.Scenarios.Tests;

/// <summary>Rules see the clocks that programs read by the vDSO: nobody else does, no system call is made and nothing is printed.</summary>
[TestFixture]
public sealed class VdsoInvariantTests
{
    /// <summary>The second core's TSC is 89 us behind, and the system was told to trust it.</summary>
    private const string Offset = ", tsc-offsets: [0, -200000]";

    [TestCase("functional")]
    [TestCase("detailed")]
    public void AnOffsetBetweenCoresIsSeen(string engine) =>
        AssertAsExpected(Scenario($"machine: {{cores: 2, memory: 64M, engine: {engine}{Offset}}}\nsystem: {{parameters: tsc=reliable}}", "false"));

    [Test]
    public void WithoutTheOffsetNothingIsSeen() =>
        AssertAsExpected(Scenario("machine: {cores: 2, memory: 64M}\nsystem: {parameters: tsc=reliable}", "true"));

    [Test]
    [Category("NeedsLinuxKernel")]
    public void AnOffsetBetweenCoresIsSeenOnLinux() => AssertAsExpected(
        Scenario($"machine: {{cores: 2, memory: 256M{Offset}}}\nsystem: {{kind: linux, parameters: quiet cryptomgr.notests tsc=reliable}}", "false"),
        "--kernel",
        LinuxImage.Require());

    [Test]
    public void ProgramsOfDifferentTimeNamespacesAreNotCompared()
    {
        // The second reading of three is a day ahead of the others, and all are right.
        AssertAsExpected("""
            title: Processes in two time namespaces
            machine: {memory: 64M}
            workload: [[timekeepingbugs, two-namespaces]]
            expect:
              status: 0
              invariants:
                - monotonic: {clocks: [monotonic]}
                - agree: {clocks: [tsc, monotonic], within: 1ms}
            """);
    }

    private static string Scenario(string machine, string holdsAcrossCores) => $$"""
        title: Two cores read CLOCK_MONOTONIC in turns
        {{machine}}
        workload: [[timekeepingbugs, two-cores]]
        expect:
          status: 0
          console: [{present: "two cores: read the clock 400 times"}]
          invariants:
            - monotonic: {clocks: [monotonic]}
              holds: {{holdsAcrossCores}}
            - monotonic: {clocks: [monotonic], across-cores: false}
        """;

    private static void AssertAsExpected(string text, params string[] options)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("two.yaml");
        File.WriteAllText(file, text);
        CommandLine.Result result = CommandLine.Run(["scenario", "run", file, .. options]);
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
    }
}
