using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>
/// What a program has in the kernel comes along: namespaces, pidfds, files of /proc, event counters, epoll sets, pipes, waiting signals,
/// robust lists, futex waiters, affinity, groups. The program (state.c) looks at all of it on the other machine.
/// </summary>
[Category("NeedsTools")]
public sealed class MigrateStateTests
{
    private const int Checks = 18;

    [TestCase("--to-uptime", "20d", "--to-clocksource", "hpet", "--to-model", "7F52")]
    [TestCase("--from-clocksource", "hpet", "--from-uptime", "3d", "--to-uptime", "10s")]
    [TestCase("--from-uptime", "3s", "--to-uptime", "4s", "--without-timens", Description = "clocks jump, but only forwards")]
    public void TheStateOfAProgramComesAlong(params string[] machines)
    {
        using TemporaryDirectory directory = new();
        string program = Build(directory), report = directory.File("report.json");
        CommandLine.Result result = CosimProcess.Run("", ["migrate", "--at", "250ms", "--from-cores", "2", "--to-cores", "2", .. machines, "--json", report, "--", program]);
        string[] lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Assert.That(result.Status, Is.Zero, result.Output + result.Error);
        using JsonDocument json = JsonDocument.Parse(File.ReadAllBytes(report));
        JsonElement image = json.RootElement.GetProperty("image");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(lines.Count(l => l.StartsWith("ok ", StringComparison.Ordinal)), Is.EqualTo(Checks), result.Output);
            Assert.That(lines, Has.None.StartsWith("FAILED").And.Some.EqualTo("0 failures"));
            Assert.That((image.GetProperty("processes").GetInt32(), image.GetProperty("threads").GetInt32()), Is.EqualTo((3, 5)));
            Assert.That(json.RootElement.GetProperty("timeNamespace").GetBoolean(), Is.EqualTo(!machines.Contains("--without-timens")));
            Assert.That(json.RootElement.GetProperty("exitStatus").GetInt32(), Is.Zero);
        }
    }

    private static string Build(TemporaryDirectory directory, [CallerFilePath] string here = "")
    {
        string program = directory.File("state"), source = Path.Combine(Path.GetDirectoryName(here)!, "state.c");
        if (!File.Exists("/usr/bin/gcc"))
            Assert.Ignore("no gcc");
        if (!File.Exists(source))
            Assert.Ignore($"no {source}: the sources have been moved since the build");
        using Process gcc = Process.Start("/usr/bin/gcc", ["-O1", "-static", "-pthread", "-o", program, source]);
        gcc.WaitForExit();
        Assert.That(gcc.ExitCode, Is.Zero, "gcc");
        return program;
    }
}
