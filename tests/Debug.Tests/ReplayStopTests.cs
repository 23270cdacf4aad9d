using CoSim.Cli.Tests;

namespace CoSim.Debug.Tests;

/// <summary>Replays that end before the recording does, and checkpoints of any time of a recording.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class ReplayStopTests
{
    private readonly string _folder = Directory.CreateTempSubdirectory("cosim-replay-stop").FullName;

    private string Trace(string engine) => Path.Combine(_folder, engine + ".trace");

    [OneTimeSetUp]
    public void Record()
    {
        CosimProcess.RequireBusybox();
        foreach (string engine in (string[])["functional", "detailed"])
            Ran(0, "record", "--engine", engine, "-o", Trace(engine), "--", "busybox", "sh", "-c", "echo first; sleep 0.01; echo last");
    }

    [OneTimeTearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCase("--stop-when", "hpet.counter >= 20000", "up to hpet.counter >= 20000")]
    [TestCase("--stop-on", "syscall:nr=1", "up to syscall:nr=1")]
    [TestCase("--stop-at", "1ms", "up to 0.001")]
    [TestCase("--stop-at", "100000", "up to ")]
    [TestCase("--stop-on-console", "first", "up to ")]
    [TestCase("--stop-at", "1000s", "the recording ends before")]
    public void AReplayEndsEarlier(string option, string value, string expected)
    {
        string text = Ran(0, "replay", Trace("functional"), option, value);
        Assert.That(text, Does.StartWith("the same: ").And.Contain(expected));
    }

    /// <summary>The checkpoint holds what the recorded machine was: it goes on to the same end, on either engine.</summary>
    [TestCase("functional", "functional")]
    [TestCase("functional", "detailed")]
    [TestCase("detailed", "functional")]
    public void ACheckpointOfATimeOfARecordingGoesOn(string engine, string other)
    {
        string checkpoint = Path.Combine(_folder, $"{engine}-{other}.ckpt");
        string said = Ran(0, "replay", Trace(engine), "--console", "--stop-on-console", "last", "--checkpoint-at", "1500000", "--checkpoint", checkpoint);
        Assert.That(said, Does.Contain("the same: "));
        Assert.That(File.Exists(checkpoint), said);
        string rest = Ran(0, "resume", checkpoint, $"--{other}-from", "1500001");
        Assert.That(rest, Does.EndWith("last\n"));
        Assert.That(Ran(2, "replay", Trace(engine), "--stop-at", "1s", "--checkpoint-at", "2s", "--checkpoint", checkpoint), Does.Contain("a replay ends at its checkpoint"));
    }

    [Test]
    public void NamesAreListed() =>
        Assert.That(Ran(0, "replay", Trace("functional"), "--stop-when", "help"), Does.Contain("pit: COUNT0").And.Contain("rtc: SECONDS"));

    private static string Ran(int status, params string[] arguments)
    {
        CommandLine.Result result = CosimProcess.Run("", arguments);
        Assert.That(result.Status, Is.EqualTo(status), result.Error);
        return result.Output + (status == 2 ? result.Error : "");
    }
}
