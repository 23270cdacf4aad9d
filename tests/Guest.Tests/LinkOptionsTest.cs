using CoSim.Guest.Link;

namespace CoSim.Guest.Tests;

/// <summary>The linker's command line.</summary>
[TestFixture]
public sealed class LinkOptionsTest
{
    [TestCase("--frobnicate x", "unknown option '--frobnicate'")]
    [TestCase("--kind", "option --kind needs a value")]
    [TestCase("--input a.o --output a.elf --kind teapot", "unknown image kind 'teapot'")]
    [TestCase("--virtual-base zz", "--virtual-base: 'zz' is not a hexadecimal number")]
    [TestCase("--embed vdso.elf", "--embed wants symbol=path, not 'vdso.elf'")]
    [TestCase("--kind user", "--input and --output are needed")]
    public void BadCommandLine_IsExplained(string arguments, string message) =>
        Assert.That(() => LinkOptions.Parse(arguments.Split(' ')), Throws.TypeOf<LinkException>().With.Message.EqualTo(message));

    [TestCase("kernel", 0xFFFFFFFF80000000, "kernel_main")]
    [TestCase("firmware", 0x40000UL, "firmware_main")]
    [TestCase("user", 0x400000UL, "main")]
    [TestCase("vdso", 0UL, "")]
    public void Kind_DecidesBaseAndEntry(string kind, ulong address, string entry)
    {
        LinkOptions options = LinkOptions.Parse(["--input", "a.o", "--output", "a.elf", "--kind", kind]);
        Assert.That((options.VirtualBase, options.Entry), Is.EqualTo((address, entry)));
    }

    [Test]
    public void MissingInputFile_GivesExitStatus2() =>
        Assert.That(Program.Main(["--input", "/nonexistent/a.o", "--output", "/nonexistent/a.elf", "--kind", "user"]), Is.EqualTo(2));
}
