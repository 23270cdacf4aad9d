using System.Text.RegularExpressions;
using CoSim.Hw.Board;

namespace CoSim.Cli.Tests;

/// <summary>`cosim resume` goes on exactly where `cosim run` wrote the checkpoint; engines change on the way.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed partial class ResumeEndToEndTests
{
    private static readonly string[] Date = ["--", "/bin/busybox", "date", "+%s.%N"];

    [SetUp]
    public void RequireBusybox() => CosimProcess.RequireBusybox();

    [TestCase("100ms")]
    [TestCase("1234567")]
    [TestCase("kernel_syscall")]
    public void ResumedRunEndsAsTheFirst(string at)
    {
        using TemporaryDirectory directory = new();
        string file = directory.File("machine.ckpt");
        CommandLine.Result whole = CosimProcess.Run("", ["run", "--checkpoint-at", at, "--checkpoint", file, .. Date]);
        Assert.That(directory.Names, Is.EqualTo(new[] { "machine.ckpt" }), whole.Error);
        CommandLine.Result resumed = CosimProcess.Run("", "resume", file);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(whole.Status, Is.Zero, whole.Error);
            Assert.That(resumed.Status, Is.Zero, resumed.Error);
            Assert.That(resumed.Output, Is.EqualTo(whole.Output).And.Not.Empty);
            Assert.That(Simulated(resumed.Error), Is.EqualTo(Simulated(whole.Error)));
        }
    }

    /// <summary>The file has nothing of the host, its user, time zone or language in it, and a host with fewer instructions goes on with it just the same.</summary>
    [Test]
    public void ACheckpointIsTheSameOnEveryHost()
    {
        using TemporaryDirectory here = new();
        using TemporaryDirectory there = new();
        Dictionary<string, string> other = new()
        {
            ["TZ"] = "Asia/Tokyo",
            ["LANG"] = "de_DE.UTF-8",
            ["HOME"] = there.File(""),
            ["USER"] = "somebody-else",
            ["DOTNET_EnableAVX2"] = "0",
            ["DOTNET_EnableBMI2"] = "0",
            ["DOTNET_SYSTEM_GLOBALIZATION_INVARIANT"] = "1",
        };
        CommandLine.Result whole = CosimProcess.Run("", ["run", "--checkpoint-at", "90ms", "--checkpoint", here.File("a.ckpt"), .. Date]);
        _ = CosimProcess.RunWith(other, there.File(""), ["run", "--checkpoint-at", "90ms", "--checkpoint", "a.ckpt", .. Date]);
        byte[] file = File.ReadAllBytes(here.File("a.ckpt"));
        Assert.That(File.ReadAllBytes(there.File("a.ckpt")), Is.EqualTo(file));
        CommandLine.Result resumed = CosimProcess.RunWith(other, there.File(""), ["resume", here.File("a.ckpt")]);
        Assert.That((resumed.Status, resumed.Output), Is.EqualTo((0, whole.Output)), resumed.Error);

        Checkpoint checkpoint = Checkpoint.Read(file);
        foreach (string word in (string[])[Environment.MachineName, Environment.CurrentDirectory, AppContext.BaseDirectory, here.File(""), TimeZoneInfo.Local.Id])
        {
            byte[] text = System.Text.Encoding.UTF8.GetBytes(word);
            if (text.Length > 6)
                Assert.That(((ReadOnlyMemory<byte>[])[file, checkpoint.State, checkpoint.Host, checkpoint.Spec.Flash]).Any(b => b.Span.IndexOf(text) >= 0), Is.False, word);
        }
    }

    [Test]
    public void EnginesChangeWhereTheyAreTold()
    {
        CommandLine.Result mixed = CosimProcess.Run("", ["run", "--detailed-from", "kernel_syscall", "--functional-from", "2200000", .. Date]);
        CommandLine.Result plain = CosimProcess.Run("", ["run", .. Date]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(mixed.Status, Is.Zero, mixed.Error);
            Assert.That(mixed.Output, Does.Match(@"^15778368\d\d\.").And.Length.EqualTo(plain.Output.Length));
            Assert.That(Simulated(mixed.Error), Is.Not.EqualTo(Simulated(plain.Error)), "the detailed engine takes another time");
        }
    }

    [Test]
    public void AMissedPlaceIsReported()
    {
        using TemporaryDirectory directory = new();
        CommandLine.Result result = CosimProcess.Run("", ["run", "--detailed-from", "999999999", "--checkpoint-at", "50s", "--checkpoint", directory.File("a"), .. Date]);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(result.Status, Is.Zero);
            Assert.That(result.Error, Does.Contain("--checkpoint-at '50s' was not reached").And.Contain("instruction 999999999 was not reached"));
            Assert.That(directory.Names, Is.Empty);
        }
    }

    [TestCase("--detailed-from 'no_such_function': no such symbol in os.elf or /bin/busybox", "--detailed-from", "no_such_function")]
    [TestCase("an address is 0x", "--functional-from", "0xyz")]
    [TestCase("a whole number below 2^64", "--detailed-from", "99999999999999999999999")]
    [TestCase("name the file with --checkpoint", "--checkpoint-at", "1ms")]
    [TestCase("say when, with --checkpoint-at", "--checkpoint", "file")]
    public void PlacesThatCannotBeAreUserErrors(string mention, string option, string value) =>
        CommandLine.Run(["run", option, value, .. Date]).AssertUserError(mention);

    /// <summary>The lines of the closing statistics that do not depend on the host.</summary>
    private static string Simulated(string error) => string.Join(';', Lines().Matches(error).Select(m => m.Value));

    [GeneratedRegex(@"sim(Seconds|Insts) +[0-9.]+")]
    private static partial Regex Lines();
}
