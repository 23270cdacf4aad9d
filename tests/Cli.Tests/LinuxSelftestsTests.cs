using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoSim.Cli.Tests;

/// <summary>
/// Linux' own self-tests of time namespaces and of the vDSO, unmodified, as tests/selftests/build.sh builds them: every program
/// ends with status 0, and every test point that it reports passes.
/// </summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed partial class LinuxSelftestsTests
{
    /// <summary>Test points of the programs that report by TAP, as their sources have them.</summary>
    private static readonly Dictionary<string, int> s_points = new()
    {
        ["timens/clock_nanosleep"] = 4,
        ["timens/exec"] = 1,
        ["timens/futex"] = 2,
        ["timens/procfs"] = 2,
        ["timens/timens"] = 10,
        ["timens/timer"] = 3,
        ["timens/timerfd"] = 3,
        ["vDSO/vdso_test_abi"] = 16,
    };

    private static readonly string[] s_others =
        ["vDSO/vdso_test_gettimeofday", "vDSO/vdso_test_getcpu", "vDSO/vdso_test_clock_getres", "vDSO/vdso_standalone_test_x86", "vDSO/vdso_test_correctness"];

    [Test]
    public void EveryProgramPasses([Values(1, 4)] int cores)
    {
        string[] names = [.. s_points.Keys, .. s_others];
        (int Status, string Output)[] programs = Run(cores, names);
        using (Assert.EnterMultipleScope())
        {
            for (int i = 0; i < names.Length; i++)
            {
                (int status, string output) = programs[i];
                Assert.That(status, Is.Zero, $"{names[i]}: {output}");
                Assert.That(output, Does.Not.Contain("FAIL").And.Not.Contain("not ok"), names[i]);
                Assert.That(Passed().Count(output), Is.EqualTo(s_points.GetValueOrDefault(names[i])), $"{names[i]}: {output}");
            }
        }
    }

    /// <summary>It calls clock_gettime for 24 s: on a machine that is slow for its clocks that is less to simulate.</summary>
    [Test]
    public void TheMeasuringProgramPasses()
    {
        (int status, string output) = Run(1, ["timens/gettime_perf"], "--ipc", "1/100")[0];
        Assert.That((status, Passed().Count(output)), Is.EqualTo((0, 8)), output);
    }

    private static (int Status, string Output)[] Run(int cores, string[] names, params string[] options)
    {
        string folder = Path.Combine(LinuxGuest.Artifacts, "selftests");
        string[] files = [.. names.Select(n => Path.Combine(folder, n))];
        if (!files.All(File.Exists))
            Assert.Ignore("Linux' self-tests are not built; run tests/selftests/build.sh");
        using TemporaryDirectory directory = new();
        string report = directory.File("report.json");
        CommandLine.Result result = LinuxGuest.Boot(cores, "", ["--json", report, .. options, .. files.SelectMany(f => new[] { "--exec", f })]);
        using JsonDocument json = JsonDocument.Parse(File.Exists(report) ? File.ReadAllText(report) : throw new AssertionException(result.Error));
        Assert.That(json.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(result.Status));
        JsonElement[] programs = [.. json.RootElement.GetProperty("programs").EnumerateArray()];
        Assert.That(string.Concat(programs.Select(p => p.GetProperty("output").GetString())), Is.EqualTo(result.Output), "the outputs of all, one after another");
        return [.. programs.Select(p => (p.GetProperty("status").GetInt32(), p.GetProperty("output").GetString()!))];
    }

    [GeneratedRegex("^ok [0-9]+", RegexOptions.Multiline)]
    private static partial Regex Passed();
}
