using System.Runtime.Versioning;
using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>`--file`: what comes along into the machine, and where it is there.</summary>
[TestFixture]
public sealed class GuestFileTests
{
    private static readonly byte[] s_content = "a b\n"u8.ToArray();

    [TestCase("", ExpectedResult = "/data")]
    [TestCase(":/etc/other", ExpectedResult = "/etc/other")]
    [TestCase(":/etc/", ExpectedResult = "/etc/data")]
    [TestCase(":/", ExpectedResult = "/data")]
    public string PathInTheGuest(string guest)
    {
        using TemporaryDirectory directory = new();
        GuestFile file = GuestFile.Read(directory.Write("data", s_content) + guest, "").Single();
        Assert.That((file.Content, file.IsExecutable), Is.EqualTo((s_content, false)));
        return file.GuestPath;
    }

    [TestCase("", ExpectedResult = "/folder/b /folder/sub/a")]
    [TestCase(":/x", ExpectedResult = "/x/b /x/sub/a")]
    [TestCase(":/x/", ExpectedResult = "/x/b /x/sub/a")]
    [TestCase(":/", ExpectedResult = "/b /sub/a")]
    public string FoldersComeWhole(string guest)
    {
        using TemporaryDirectory directory = new();
        Directory.CreateDirectory(directory.File("folder/sub"));
        directory.Write("folder/b", s_content);
        directory.Write("folder/sub/a", s_content);
        return string.Join(' ', GuestFile.Read(directory.File("folder") + guest, "").Select(f => f.GuestPath));
    }

    [Test]
    public void ProgramsAreFoundInThePath()
    {
        using TemporaryDirectory directory = new();
        directory.Write("tool", s_content);
        Assert.That(GuestFile.Read("tool:/bin/sh", "/nowhere:" + Path.GetDirectoryName(directory.File("tool"))).Single().GuestPath, Is.EqualTo("/bin/sh"));
    }

    [TestCase("/nowhere/file", "no such file")]
    [TestCase("no-such-file-here", "PATH")]
    [TestCase(":/x", "names no file")]
    [TestCase("/dev/null:x", "not absolute")]
    [TestCase("/dev/null:/a/../b", "not a plain path")]
    [TestCase("/dev/null:/a//b", "not a plain path")]
    [TestCase("/dev/null:/init", "simulator's own")]
    public void BadFilesAreRefused(string value, string cause)
    {
        using TemporaryDirectory directory = new();
        string program = directory.Write("program", ElfBuilder.StaticProgram());
        CommandLine.Run("run", "--file", value, "--", program).AssertUserError(cause);
    }

    [TestCase("/a", "/a", "two files")]
    [TestCase("/bin/program", "/a", "two files")]
    [TestCase("/a/b/c", "/a/b", "not a folder")]
    [TestCase("/bin/program/x", "/a", "not a folder")]
    public void FilesCannotShareAPath(string first, string second, string cause)
    {
        using TemporaryDirectory directory = new();
        string program = directory.Write("program", ElfBuilder.StaticProgram()), file = directory.Write("data", s_content);
        CommandLine.Run("run", "--file", $"{file}:{first}", "--file", $"{file}:{second}", "--", program).AssertUserError(cause);
    }

    [Test]
    public void LinuxTakesFilesWithProgramsOnly() =>
        CommandLine.Run("boot", "linux", "--kernel", "k", "--initrd", "i", "--file", "f").AssertUserError("--file", "needs --exec");

    [Test, Category("NeedsTools"), Platform("Linux"), SupportedOSPlatform("linux")]
    public void TheGuestReadsAndRunsThem()
    {
        CosimProcess.RequireBusybox();
        using TemporaryDirectory directory = new();
        string data = directory.Write("data", s_content), script = directory.Write("script", "#!/bin/sh\ncat data; exit 3\n"u8);
        File.SetUnixFileMode(script, (UnixFileMode)0b111_101_101);
        CommandLine.Result result = CosimProcess.Run("", "run", "--file", "busybox:/bin/sh", "--file", data, "--file", script, "--", "busybox", "sh", "-c", "stat -c '%a %s' data script; ./script");
        Assert.That((result.Status, result.Output), Is.EqualTo((3, "644 4\n755 27\na b\n")), result.Error);
    }
}
