using CoSim.Os.Loader;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// Linux as oracle: timecheck.c asks some three hundred questions about clocks, sleeps, timers and time namespaces. It runs on
/// this host's Linux and, under QEMU, on our kernel; the answers must be the same.
/// </summary>
[TestFixture]
[Category("NeedsTools")]
public class TimeCheckTests
{
    private string _directory = "";
    private string _program = "";

    [OneTimeSetUp]
    public void Compile()
    {
        Tools.Need("gcc");
        Tools.Need("qemu-system-x86_64");
        _directory = Directory.CreateTempSubdirectory("timecheck").FullName;
        _program = Path.Combine(_directory, "timecheck");
        string source = Path.Combine(TestContext.CurrentContext.TestDirectory, "Programs", "timecheck.c");
        (_, string errors, int status) = Tools.Run("gcc", TimeSpan.FromMinutes(1), "-O1", "-static", "-o", _program, source);
        Assert.That(status, Is.Zero, errors);
    }

    [OneTimeTearDown]
    public void CleanUp()
    {
        if (_directory.Length != 0) Directory.Delete(_directory, true);
    }

    [Test]
    public void SameAnswersAsLinux([Values(1, 4)] int cpus)
    {
        string[] linux = Answers(Tools.Run(_program, TimeSpan.FromMinutes(1)).Output);
        if (linux.Any(l => l == "unshare: EPERM")) Assert.Ignore("needs a host where namespaces may be made (root)");
        Assert.That(linux, Has.Some.EqualTo("== end"));
        string[] ours = Answers(Boot(cpus));
        Assert.That(ours, Is.EqualTo(linux));
    }

    private string Boot(int cpus)
    {
        CpioWriter archive = new();
        archive.AddDirectory("bin", 0x1ED);
        archive.AddFile("init", 0x1ED, File.ReadAllBytes(TestImages.Path("init.elf")));
        archive.AddFile("bin/timecheck", 0x1ED, File.ReadAllBytes(_program));
        string initramfs = Path.Combine(_directory, "initramfs.cpio");
        File.WriteAllBytes(initramfs, archive.Finish());
        return Tools.Run(
            "qemu-system-x86_64", TimeSpan.FromMinutes(2), "-M", "q35", "-cpu", "EPYC-Rome", "-smp", $"{cpus}", "-m", "256", "-nographic", "-no-reboot",
            "-kernel", TestImages.Path("os.elf"), "-initrd", initramfs, "-append", "console=ttyS0 quiet -- timecheck").Output;
    }

    /// <summary>The lines between the first and the last heading; kernel messages fall between them on a console.</summary>
    private static string[] Answers(string output)
    {
        string text = output.Replace("\r", "", StringComparison.Ordinal);
        int start = text.IndexOf("== clocks", StringComparison.Ordinal);
        return start < 0 ? [text] : [.. text[start..].Split('\n').Where(l => l.Length != 0 && l[0] != '[')];
    }
}
