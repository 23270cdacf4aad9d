using CoSim.Hw.Board;

namespace CoSim.Firmware.Tests;

/// <summary>From the reset vector to a kernel on our own machine, on both engines.</summary>
[TestFixture]
public sealed class BootTest
{
    private const ulong MiB = 1 << 20;
    private const int Milliseconds = 500;

    [TestCase(1, 64, EngineKind.Functional)]
    [TestCase(4, 256, EngineKind.Functional)]
    [TestCase(8, 256, EngineKind.Functional)]
    [TestCase(16, 4096, EngineKind.Functional)]
    public void Firmware_FindsTheMachineAndStartsTheKernel(int cores, int megabytes, EngineKind engine)
    {
        using Bench bench = new(cores, (ulong)megabytes * MiB, engine, Bench.SampleKernel);
        StopReason reason = bench.Run(Milliseconds);
        Assert.Multiple(() =>
        {
            Assert.That(bench.Console, Does.Contain($"CoSim firmware 0.1: {cores} processor").And.Contain($"at 2250 MHz, {megabytes} MiB"));
            Assert.That(bench.Console, Does.Contain("start info magic 00000000336ec578"));
            Assert.That(bench.Console, Does.Contain(cores > 1 ? "application processor 00000000000000c0" : "application processor 0000000000000000"));
            Assert.That(bench.Console, Does.Contain("system call result 000000000000002a"));
            Assert.That(bench.Console, Does.EndWith("done\n"));
            Assert.That(reason, Is.EqualTo(StopReason.PowerOff));
        });
    }

    [Test]
    public void Firmware_TouchesNothingThatIsNotModelled()
    {
        using Bench bench = new(2, 256 * MiB, EngineKind.Functional);
        bench.Run(Milliseconds);
        Assert.That(bench.Unmodelled, Is.Empty);
    }

    [Test]
    public void Firmware_WithoutKernel_SaysSoAndHalts()
    {
        using Bench bench = new(2, 256 * MiB, EngineKind.Functional);
        bench.Run(Milliseconds);
        Assert.That(bench.Console, Does.EndWith("firmware: the flash holds no kernel\n").Or.EndWith("firmware: the flash holds no directory of files\n"));
    }

    [Test]
    public void Firmware_WithABadKernel_SaysSoAndHalts([Values(0, 16, 64, 300, 5000)] int length)
    {
        byte[] kernel = Bench.SampleKernel.Contents[..length].ToArray();
        using Bench bench = new(1, 64 * MiB, EngineKind.Functional, new FlashFile("kernel", kernel));
        bench.Run(Milliseconds);
        Assert.That(bench.Console, Does.EndWith("the kernel is not an ELF64 file with a PVH entry that fits into memory\n"));
    }

    [Test]
    public void Firmware_ReachesTheKernelQuickly()
    {
        const ulong most = 3_000_000; // instructions of the boot processor, of which the string instructions count once for each element
        using Bench bench = new(8, 256 * MiB, EngineKind.Functional, new FlashFile("kernel", new byte[64]));
        bench.Run(Milliseconds);
        Assert.That(bench.Machine.Cores[0].Cycle, Is.LessThan(most).And.GreaterThan(10_000));
    }

    [Test]
    public void Boot_OnTheDetailedEngine_SaysTheSame()
    {
        using Bench functional = new(2, 64 * MiB, EngineKind.Functional, Bench.SampleKernel);
        using Bench detailed = new(2, 64 * MiB, EngineKind.Detailed, Bench.SampleKernel);
        functional.Run(Milliseconds);
        StopReason reason = detailed.Run(Milliseconds);
        Assert.That((reason, detailed.Console), Is.EqualTo((StopReason.PowerOff, functional.Console)));
    }
}
