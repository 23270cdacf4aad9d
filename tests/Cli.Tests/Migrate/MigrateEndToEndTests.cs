using System.Text.Json;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>
/// The proof program moves from one machine to another. time_namespaces(7): the offsets are there so that clocks go on after a
/// migration or a restore.
/// </summary>
public sealed class MigrateEndToEndTests
{
    private static readonly string[] s_virtualised = ["monotonic", "monotonic_raw", "monotonic_coarse", "boottime"];

    private static readonly string[][] s_machines =
    [
        ["--from-model", "7742", "--to-model", "7F52", "--to-uptime", "1042d", "--to-suspended", "3d", "--to-clocksource", "hpet"],
        ["--from-model", "7252", "--to-model", "7742", "--from-uptime", "400d", "--from-clocksource", "hpet", "--from-cores", "2", "--to-uptime", "2s", "--to-cores", "4"],
        ["--from-model", "7F32", "--to-model", "7F32", "--from-suspended", "20d", "--from-clocksource", "acpi_pm", "--to-uptime", "1h"],
    ];

    /// <summary>Every clock goes on and every timer comes in its time, wherever the program is interrupted.</summary>
    [Test]
    public void ClocksContinueAndNoTimerIsEarlyLateOrLost([Values(0, 1, 2)] int machines)
    {
        int seed = TestSeed.Next();
        long at = 20_000_000 + new Random(seed).Next(400_000_000);
        TestContext.Out.WriteLine($"at {at} ns");
        using JsonDocument report = Migrate(0, [.. s_machines[machines], "--at", $"{at}ns"]);
        JsonElement proof = report.RootElement.GetProperty("proof");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(proof.GetProperty("violations").GetInt64(), Is.Zero, report.RootElement.ToString());
            Assert.That(proof.GetProperty("clocks").EnumerateObject().Count(), Is.EqualTo(7));
            Assert.That(proof.GetProperty("timers").EnumerateObject().Count(), Is.EqualTo(13));
            foreach (JsonProperty timer in proof.GetProperty("timers").EnumerateObject())
                Assert.That(timer.Value.GetProperty("rounds").GetInt64(), Is.GreaterThanOrEqualTo(30), timer.Name);
            JsonElement image = report.RootElement.GetProperty("image");
            Assert.That((image.GetProperty("processes").GetInt32(), image.GetProperty("threads").GetInt32()), Is.EqualTo((14, 14)));
            Assert.That(image.GetProperty("timers").GetInt32(), Is.GreaterThanOrEqualTo(6));
        }
    }

    /// <summary>Without a namespace the program sees the other machine's uptime: forwards all clocks jump, and every wait is late.</summary>
    [Test]
    public void WithoutANamespaceClocksJumpToTheOtherUptime()
    {
        using JsonDocument report = Migrate(1, ["--to-uptime", "1042d", "--without-timens"]);
        JsonElement proof = report.RootElement.GetProperty("proof");
        using (Assert.EnterMultipleScope())
        {
            foreach (string clock in s_virtualised)
            {
                JsonElement line = proof.GetProperty("clocks").GetProperty(clock);
                Assert.That(line.GetProperty("jumps").GetInt64(), Is.EqualTo(2), $"{clock}, by vDSO and by system call");
                Assert.That(line.GetProperty("step").GetInt64(), Is.InRange(90_028_798_000_000_000, 90_028_801_000_000_000), clock);
            }
            foreach (JsonProperty timer in proof.GetProperty("timers").EnumerateObject())
                Assert.That(timer.Value.GetProperty("late").GetInt64(), Is.Positive, timer.Name);
        }
    }

    /// <summary>Backwards is worse: clocks go back, waits are early by the clock, and absolute sleeps do not end.</summary>
    [Test]
    public void WithoutANamespaceClocksGoBackwardsAndAbsoluteSleepsAreLost()
    {
        using JsonDocument report = Migrate(1, ["--from-uptime", "10d", "--to-uptime", "0s", "--without-timens"]);
        JsonElement proof = report.RootElement.GetProperty("proof"), timers = proof.GetProperty("timers");
        using (Assert.EnterMultipleScope())
        {
            foreach (string clock in s_virtualised)
                Assert.That(proof.GetProperty("clocks").GetProperty(clock).GetProperty("backwards").GetInt64(), Is.EqualTo(2), clock);
            foreach (string timer in (string[])["clock_nanosleep-absolute", "clock_nanosleep-absolute-boottime"])
                Assert.That(timers.GetProperty(timer).GetProperty("lost").GetInt64(), Is.EqualTo(1), timer);
            foreach (string timer in (string[])["nanosleep", "timerfd", "timer", "itimer", "futex", "poll"])
                Assert.That(timers.GetProperty(timer).GetProperty("early").GetInt64(), Is.EqualTo(1), timer);
        }
    }

    [Test]
    public void SameMigrationGivesSameBytes()
    {
        string[] words = ["migrate", "--at", "123456789ns", "--to-cores", "2", "--json", "-"];
        CommandLine.Result first = CosimProcess.Run("", words);
        Assert.That(first.Status, Is.Zero, first.Error);
        Assert.That(CosimProcess.Run("", words).Output, Is.EqualTo(first.Output));
    }

    /// <summary>An image that is kept goes on as often as one likes; one that another system made is refused by the guest's kernel.</summary>
    [Test]
    public void KeptImageGoesOnAndAnImpossibleOneIsRefused()
    {
        using TemporaryDirectory directory = new();
        string kept = directory.File("program.img");
        Assert.That(CosimProcess.Run("", "migrate", "--save", kept, "--json", "-").Status, Is.Zero);
        CommandLine.Result result = CosimProcess.Run("", "migrate", "--image", kept, "--to-model", "7252", "--json", "-");
        Assert.That(result.Status, Is.Zero, result.Error);

        byte[] image = File.ReadAllBytes(kept)[56..];
        image[8 + (6 * 8)] ^= 1; // the vDSO's fingerprint
        string changed = directory.Write("changed.img", ImageBytes.File(image));
        result = CosimProcess.Run("", "migrate", "--image", changed);
        Assert.That((result.Status, result.Output.Trim()), Is.EqualTo((125, "init: cannot restore the program: the image is of a system with another vDSO")));

        CommandLine.Result small = CosimProcess.Run("", "migrate", "--image", directory.Write("small.img", ImageBytes.File(ImageBytes.Small())));
        Assert.That((small.Status, small.Output.Trim()), Is.EqualTo((125, "init: cannot restore the program: the image is of a system with another vDSO")));
    }

    /// <summary>Records that do not fit together: the guest's kernel refuses them, or restores processes that then run or die; it stays up.</summary>
    [Test]
    public void DamagedRecordsNeverBringTheKernelDown()
    {
        const int cases = 12;
        int seed = TestSeed.Next();
        Random random = new(seed);
        using TemporaryDirectory directory = new();
        string kept = directory.File("program.img");
        Assert.That(CosimProcess.Run("", "migrate", "--at", "50ms", "--save", kept, "--json", "-").Status, Is.Zero);
        byte[] image = File.ReadAllBytes(kept)[56..];
        int[] words = MetadataWords(image);
        for (int i = 0; i < cases; i++)
        {
            byte[] damaged = [.. image];
            BitConverter.TryWriteBytes(damaged.AsSpan(words[random.Next(words.Length)]), random.Next(2) == 0 ? (ulong)random.Next(40) : (ulong)random.NextInt64());
            CommandLine.Result result = CosimProcess.Run("", "migrate", "--image", directory.Write("damaged.img", ImageBytes.File(damaged)));
            Assert.That(result.Output + result.Error, Does.Not.Contain("BUG:").And.Not.Contain("Unhandled").And.Not.Contain("panic").And.Not.Contain("triple fault"), $"seed {seed}, case {i}");
        }
    }

    /// <summary>Offsets of the words of records that describe objects, not of memory, registers, or the header.</summary>
    private static int[] MetadataWords(byte[] image)
    {
        List<int> words = [];
        for (int at = 0; at < image.Length;)
        {
            uint kind = BitConverter.ToUInt32(image, at);
            int length = BitConverter.ToInt32(image, at + 4);
            if (kind is 2 or (>= 5 and <= 9) or 11 or 13 or 16 or 17)
                words.AddRange(Enumerable.Range(0, length / 8).Select(w => at + 8 + (w * 8)));
            at += 8 + length;
        }
        return [.. words];
    }

    private static JsonDocument Migrate(int status, string[] options)
    {
        CommandLine.Result result = CosimProcess.Run("", ["migrate", .. options, "--json", "-"]);
        Assert.That(result.Status, Is.EqualTo(status), result.Output + result.Error);
        return JsonDocument.Parse(result.Output);
    }
}
