using System.Globalization;

namespace CoSim.Cli.Tests;

/// <summary>Many cores, long load, and the same bytes from the same boot.</summary>
[TestFixture]
[Category("NeedsLinuxKernel")]
public sealed class LinuxScaleTests
{
    /// <summary>How many of the last instructions of a boot the detailed engine executes.</summary>
    private const ulong DetailedInstructions = 1_000_000;

    /// <summary>Each core's L3 is shared by the four of its core complex, and the kernel's log has nothing to complain about.</summary>
    [TestCase(16)]
    [TestCase(64)]
    public void AllCoresComeUpQuietly(int cores)
    {
        if (cores > 16)
            LinuxGuest.RequireNightly();
        const string script = "nproc; cat /sys/devices/system/cpu/cpu5/cache/index3/shared_cpu_list /sys/devices/system/cpu/cpu5/topology/core_id; dmesg -r";
        CommandLine.Result result = LinuxGuest.Shell(cores, script, "rodata=off");
        using (Assert.EnterMultipleScope())
        {
            Assert.That((result.Status, result.Output), Is.EqualTo((0, result.Output)), result.Error);
            Assert.That(result.Output, Does.StartWith($"{cores}\n4-7\n5\n"));
            Assert.That(result.Output, Does.Contain($"smp: Brought up 1 node, {cores} CPUs").And.Not.Contain("TSC warp"));
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        }
    }

    /// <summary>Simulated time, instruction count, output and the whole machine at 300 ms are the same both times.</summary>
    [TestCase(1)]
    [TestCase(4)]
    public void TheSameBootGivesTheSameBytes(int cores)
    {
        (string Output, string[] Statistics, byte[] State) first = Once(), second = Once();
        Assert.That(second.Statistics, Is.EqualTo(first.Statistics));
        Assert.That(second.Output, Is.EqualTo(first.Output));
        Assert.That(second.State.AsSpan().SequenceEqual(first.State), Is.True, "the checkpoints differ");

        (string Output, string[] Statistics, byte[] State) Once()
        {
            using TemporaryDirectory directory = new();
            string checkpoint = directory.File("boot.ckpt");
            CommandLine.Result result = LinuxGuest.Shell(
                cores, "cat /proc/uptime /proc/interrupts; dmesg", "rodata=off", "--checkpoint-at", "300ms", "--checkpoint", checkpoint);
            Assert.That(result.Status, Is.Zero, result.Error);
            string[] statistics = [.. result.Error.Split('\n').Where(l => l.StartsWith("sim", StringComparison.Ordinal))];
            Assert.That(statistics, Has.Length.EqualTo(2), result.Error);
            return (result.Output, statistics, System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(checkpoint)));
        }
    }

    /// <summary>Processes, pipes and locks on all cores at once, for seconds of simulated time: no stall, no lockup, no warning.</summary>
    [TestCase(4)]
    [TestCase(16)]
    public void LoadStallsNobody(int cores)
    {
        if (cores > 4)
            LinuxGuest.RequireNightly();
        const string script =
            "load() { i=0; while [ $i -lt 12 ]; do (head -c 20000 /dev/zero | md5sum | cut -c1-8; sleep 0.01) >/dev/null; i=$((i+1)); done; }; "
            + "n=$(nproc); c=0; while [ $c -lt $n ]; do load & c=$((c+1)); done; wait; cut -d' ' -f1 /proc/uptime; dmesg -r";
        CommandLine.Result result = LinuxGuest.Shell(cores, script, "rodata=off");
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero, result.Error);
            Assert.That(result.Output, Does.Not.Contain("stall").And.Not.Contain("lockup").And.Not.Contain("cut here"));
            Assert.That(LinuxGuest.Warnings(result.Output), Is.Empty);
        }
    }

    /// <summary>A boot on the functional engine up to a program, and on from a checkpoint there on the detailed engine to its end.</summary>
    [TestCase(1)]
    [TestCase(4)]
    public void ACheckpointGoesOnOnTheDetailedEngine(int cores)
    {
        using TemporaryDirectory directory = new();
        string checkpoint = directory.File("prompt.ckpt");
        CommandLine.Result boot = LinuxGuest.Shell(
            cores, "echo one; sleep 1; echo two; exit 4", "rodata=off", "--checkpoint-at", "700ms", "--checkpoint", checkpoint);
        Assert.That((boot.Status, boot.Output), Is.EqualTo((4, "one\ntwo\n")), boot.Error);
        ulong instructions = ulong.Parse(boot.Error.Split('\n').First(l => l.StartsWith("simInsts", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        CommandLine.Result detailed = CosimProcess.Run("", "resume", checkpoint, "--detailed-from", $"{instructions - DetailedInstructions}");
        Assert.That((detailed.Status, detailed.Output), Is.EqualTo((4, "two\n")), detailed.Error);
    }
}
