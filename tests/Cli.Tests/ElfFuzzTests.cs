using CoSim.Os.Loader;

namespace CoSim.Cli.Tests;

/// <summary>Broken ELF files, by chance: the check either accepts them or refuses them in one line, and never fails otherwise.</summary>
[TestFixture]
public sealed class ElfFuzzTests
{
    private const int Cases = 20_000;

    [TestCase(1)]
    [TestCase(2)]
    public void AnyBytesAreAcceptedOrRefused(int seed)
    {
        TestContext.Out.WriteLine($"seed {seed}");
        Random random = new(seed);
        int refused = 0;
        for (int i = 0; i < Cases; i++)
        {
            byte[] program = i % 2 == 0 ? ElfBuilder.StaticProgram() : ElfBuilder.Dynamic("/lib/ld.so");
            for (int change = random.Next(1, 6); change > 0; change--)
                program[random.Next(program.Length)] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            if (random.Next(4) == 0)
                program = program[..random.Next(program.Length + 1)];
            try
            {
                ElfProgram.Check("fuzzed", program);
            }
            catch (BadInputException e)
            {
                refused++;
                Assert.That(e.Message, Does.StartWith("fuzzed: ").And.Not.Contains("\n"));
            }
        }
        Assert.That(refused, Is.InRange(1, Cases));
    }

    [Test]
    public void TheUnchangedProgramIsAccepted() => Assert.That(() => ElfProgram.Check("program", ElfBuilder.StaticProgram()), Throws.Nothing);

    [Test]
    [Category("NeedsTools")]
    public void BusyboxIsAccepted()
    {
        if (!File.Exists("/bin/busybox"))
            Assert.Ignore("no /bin/busybox (package busybox-static)");
        Assert.That(() => ElfProgram.Check("busybox", File.ReadAllBytes("/bin/busybox")), Throws.Nothing);
    }
}
