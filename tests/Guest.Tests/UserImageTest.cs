using System.Runtime.InteropServices;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>User programs are Linux programs: Linux itself runs them.</summary>
[TestFixture]
public sealed class UserImageTest
{
    [TestCase("alpha beta", 2, "alpha\nbeta\n")]
    [TestCase("--selftest", 0, "")]
    public void Program_OnLinux_SeesItsArgumentsAndExits(string arguments, int expectedStatus, string expectedOutput)
    {
        if (!OperatingSystem.IsLinux() || RuntimeInformation.OSArchitecture != Architecture.X64)
        {
            Assert.Ignore("not on x86-64 Linux");
            return;
        }
        string program = Images.Path("sample-user.elf");
        File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        (int status, string output) = Tool.Run(program, arguments);
        Assert.That((status, output), Is.EqualTo((expectedStatus, expectedOutput)));
    }

    [Test]
    public void Program_IsAStaticExecutable()
    {
        ElfImage image = Images.Load("sample-user.elf");
        Assert.Multiple(() =>
        {
            Assert.That(image.Header.Type, Is.EqualTo(ElfHeader.Executable));
            Assert.That(image.Header.Entry, Is.EqualTo(image.Symbols.Find("_start")!.Address));
            Assert.That(image.Segments.Where(s => (s.Flags & 3) == 3), Is.Empty, "segments both writable and executable");
            Assert.That(image.BytesAt(0x400000, 4).ToArray(), Is.EqualTo(new byte[] { 0x7F, 0x45, 0x4C, 0x46 }), "the headers are mapped");
        });
    }
}
