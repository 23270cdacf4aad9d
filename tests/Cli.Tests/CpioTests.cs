using System.Diagnostics;
using System.Runtime.Versioning;
using System.Text;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>The archive writer against the format's description and against busybox's reader.</summary>
[TestFixture]
public sealed class CpioTests
{
    [Test]
    public void HeaderFieldsStandWhereTheFormatSays()
    {
        CpioWriter writer = new();
        writer.AddFile("bin/x", 0x1ED, "hello"u8);
        byte[] archive = writer.Finish();
        string header = Encoding.ASCII.GetString(archive, 0, 110);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(header[..6], Is.EqualTo("070701"));
            Assert.That(header.Substring(14, 8), Is.EqualTo("000081ed"), "mode: regular file, 0755");
            Assert.That(header.Substring(54, 8), Is.EqualTo("00000005"), "size");
            Assert.That(header.Substring(94, 8), Is.EqualTo("00000006"), "length of the name with its NUL");
            Assert.That(Encoding.ASCII.GetString(archive, 110, 6), Is.EqualTo("bin/x\0"));
            Assert.That(Encoding.ASCII.GetString(archive, 116, 5), Is.EqualTo("hello"), "content at a multiple of 4");
            Assert.That(archive.Length % 512, Is.Zero);
        }
    }

    [Test]
    public void SameCallsGiveSameBytes() => Assert.That(Sample(), Is.EqualTo(Sample()));

    [Test]
    [Category("NeedsTools")]
    [UnsupportedOSPlatform("windows")]
    public void BusyboxReadsTheArchive()
    {
        if (!File.Exists("/bin/busybox"))
            Assert.Ignore("no /bin/busybox (package busybox-static)");
        using TemporaryDirectory directory = new();
        using Process cpio = Process.Start(new ProcessStartInfo("/bin/busybox", ["sh", "-c", $"cpio -i -d < {directory.Write("a.cpio", Sample())}"])
        {
            WorkingDirectory = Path.GetDirectoryName(directory.File("x")),
            RedirectStandardError = true,
        })!;
        Assert.That(cpio.WaitForExit(10_000), Is.True);
        using (Assert.EnterMultipleScope())
        {
            Assert.That(cpio.ExitCode, Is.Zero, cpio.StandardError.ReadToEnd());
            Assert.That(File.ReadAllText(directory.File("bin/x")), Is.EqualTo("hello"));
            Assert.That(File.ReadAllText(directory.File("bin/link")), Is.EqualTo("hello"));
            Assert.That(File.GetUnixFileMode(directory.File("bin/x")), Is.EqualTo((UnixFileMode)0x1ED));
        }
    }

    private static byte[] Sample()
    {
        CpioWriter writer = new();
        writer.AddDirectory("bin", 0x1ED);
        writer.AddFile("bin/x", 0x1ED, "hello"u8);
        writer.AddSymbolicLink("bin/link", "x");
        return writer.Finish();
    }
}
