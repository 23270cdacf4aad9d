namespace CoSim.Cli.Tests;

/// <summary>`cosim run` refuses what is no static x86-64 program, and says which file, where and why.</summary>
[TestFixture]
public sealed class ProgramFileTests
{
    [Test]
    public void MissingFile() => CommandLine.Run("run", "--", "/nowhere/program").AssertUserError("/nowhere/program", "no such file");

    [Test]
    public void NameThatIsNowhere() => CommandLine.Run("run", "--", "no-such-program-here").AssertUserError("no-such-program-here", "PATH");

    [Test]
    public void Directory() => CommandLine.Run("run", "--", "/tmp").AssertUserError("/tmp", "is a directory");

    [Test]
    public void EmptyFile() => AssertRefused([], "empty");

    [Test]
    public void Script() => AssertRefused("#!/bin/sh\n"u8.ToArray(), "script");

    [Test]
    public void OtherFormat() => AssertRefused("MZ executable of another kind"u8.ToArray(), "offset 0", "not an ELF file");

    [Test]
    public void TruncatedHeader() => AssertRefused(ElfBuilder.StaticProgram()[..40], "offset 40", "truncated");

    [Test]
    public void TruncatedSegment()
    {
        byte[] program = ElfBuilder.StaticProgram();
        AssertRefused(program[..^1], "program header 0", "truncated");
    }

    [Test]
    public void TruncatedProgramHeaders() => AssertRefused(ElfBuilder.StaticProgram()[..100], "offset 64", "truncated");

    [Test]
    public void ProgramOf32Bits() => AssertRefused(ElfBuilder.With(4, 1), "32-bit");

    [Test]
    public void BigEndian() => AssertRefused(ElfBuilder.With(5, 2), "little-endian");

    [Test]
    public void OtherMachine() => AssertRefused(ElfBuilder.With(18, 183), "AArch64");

    [Test]
    public void ObjectFile() => AssertRefused(ElfBuilder.With(16, 1), "object file");

    [Test]
    public void CoreDump() => AssertRefused(ElfBuilder.With(16, 4), "core dump");

    [Test]
    public void NoProgramHeaders() => AssertRefused(ElfBuilder.With(56, 0), "no program headers");

    [Test]
    public void Dynamic() => AssertRefused(ElfBuilder.Dynamic("/lib64/ld-linux-x86-64.so.2"), "dynamically linked", "/lib64/ld-linux-x86-64.so.2", "-static");

    [Test]
    public void InterpreterNameCannotDisturbTheTerminal() => AssertRefused(ElfBuilder.Dynamic("\u001b[31mred\nline"), "?[31mred?line");

    [Test]
    public void EntryOutsideTheCode() => AssertRefused(ElfBuilder.With(26, 0), "entry point");

    [Test]
    public void KernelAddress() => AssertRefused(ElfBuilder.With(64 + 16 + 7, 0xFF), "outside user space");

    [Test]
    public void OtherExecutableOfThisHost()
    {
        if (!File.Exists("/bin/sh"))
            Assert.Ignore("no /bin/sh");
        CommandLine.Run("run", "--", "/bin/sh").AssertUserError("/bin/sh", "dynamically linked");
    }

    private static void AssertRefused(byte[] content, params string[] mentions)
    {
        using TemporaryDirectory directory = new();
        string path = directory.Write("program", content);
        CommandLine.Run("run", "--", path).AssertUserError([path, .. mentions]);
    }
}
