using System.Text;

namespace CoSim.Os.Programs.Tests;

/// <summary>/init on the host: what it passes on and what it reports.</summary>
[TestFixture]
[Category("NeedsTools")]
public sealed class InitTests
{
    [TestCase("exit 0", 0)]
    [TestCase("exit 7", 7)]
    [TestCase("exit 255", 255)]
    [TestCase("kill -9 $$", 128 + 9)]
    [TestCase("kill -15 $$", 128 + 15)]
    public void StatusIsTheProgramsOwn(string script, int status) =>
        Assert.That(GuestProgram.Run("init", "/bin/sh", "-c", script).Status, Is.EqualTo(status));

    [Test]
    public void MissingProgramIs127()
    {
        GuestProgram.Result result = GuestProgram.Run("init", "no-such-program");
        Assert.That((result.Status, result.Error), Is.EqualTo((127, "init: cannot run /bin/no-such-program -2\n")));
    }

    [Test]
    public void NothingToRunIs2() => Assert.That(GuestProgram.Run("init").Status, Is.EqualTo(2));

    [Test]
    public void ArgumentsComeFromAFileByteForByte()
    {
        string[] words = ["--no-echo", "/bin/sh", "-c", "for word; do printf '[%s]' \"$word\"; done", "sh", "a b", "", "quote\" and 'quote'", "umlaut ä", "line\nend"];
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, Encoding.UTF8.GetBytes(string.Join('\0', words) + "\0"));
            Assert.That(GuestProgram.Run("init", "@" + file).Output, Is.EqualTo("[a b][][quote\" and 'quote'][umlaut ä][line\nend]"));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [TestCase("monotonic=86400,boottime=172800", "monotonic       86400         0\nboottime       172800         0\n")]
    [TestCase("monotonic=100.25,boottime=-1.5", "monotonic         100 250000000\nboottime           -2 500000000\n")]
    [TestCase("boottime=+0.000000001", "monotonic           0         0\nboottime            0         1\n")]
    public void OffsetsOfATimeNamespace(string offsets, string expected)
    {
        GuestProgram.RequireTimeNamespaces();
        Assert.That(GuestProgram.Run("init", "--timens", offsets, "/bin/cat", "/proc/self/timens_offsets").Output, Is.EqualTo(expected));
    }
}
