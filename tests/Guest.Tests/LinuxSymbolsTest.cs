using System.Text;
using CoSim.Guest.Symbols;
using CoSim.Guest.Symbols.Linux;

namespace CoSim.Guest.Tests;

/// <summary>Symbols of Linux kernels: kallsyms tables of several versions, System.map, and damaged ones.</summary>
[TestFixture]
public sealed class LinuxSymbolsTest
{
    private const ulong Text = 0xFFFF_FFFF_8100_0000;

    [Test]
    public void Kallsyms_OfEveryLayoutAreFound([Values] KallsymsLayout layout, [Values(5, 255, 256, 257, 1500)] int count)
    {
        (ulong Address, char Letter, string Name)[] symbols = Symbols(count);
        IReadOnlyList<CodeSymbol> found = Kallsyms.Read(KallsymsBuilder.Build(symbols, layout));
        Assert.That(
            found.Select(s => (s.Address, s.Name, s.IsFunction, s.IsGlobal)),
            Is.EqualTo(symbols.Where(s => s.Address >= Text).Select(s => (s.Address, s.Name, s.Letter is 'T' or 't', char.IsUpper(s.Letter)))));
    }

    [Test]
    public void KernelNames_StayAsTheyAre()
    {
        CodeSymbol symbol = Kallsyms.Read(KallsymsBuilder.Build([(Text, 'T', "do_one__thing")], KallsymsLayout.OffsetsFirst))[0];
        Assert.That(symbol.DisplayName, Is.EqualTo("do_one__thing"));
    }

    [Test]
    public void ImageWithoutTables_HasNoSymbols() => Assert.That(Kallsyms.Read(new byte[100_000]), Is.Empty);

    [Test]
    public void DamagedTables_NeverFail([Values] KallsymsLayout layout)
    {
        const int seed = 61;
        byte[] original = KallsymsBuilder.Build(Symbols(600), layout);
        Random random = new(seed);
        for (int i = 0; i < 300; i++)
        {
            byte[] damaged = i % 3 == 0 ? original[..random.Next(original.Length)] : (byte[])original.Clone();
            for (int n = 0; n < i % 3 * 8; n++)
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            Assert.That(() => Kallsyms.Read(damaged), Throws.Nothing, $"seed {seed}, case {i}");
        }
    }

    [Test]
    public void SystemMap_GivesSymbols()
    {
        IReadOnlyList<CodeSymbol> symbols = SystemMap.Read("map", "0000000000000000 D __per_cpu_start\nffffffff81000000 T _text\nffffffff81000040 t helper\n"u8.ToArray());
        Assert.That(symbols.Select(s => (s.Address, s.Name, s.IsFunction)), Is.EqualTo(new[] { (0UL, "__per_cpu_start", false), (Text, "_text", true), (Text + 0x40, "helper", true) }));
    }

    [TestCase("ffffffff81000000 T _text\nnonsense\n", "map: line 2: ")]
    [TestCase("ffffffff8100000g T _text\n", "map: line 1: ")]
    [TestCase("ffffffffffffffff B The real System.map is in the linux-image-<version>-dbg package\n", "map: no symbol is a function: ")]
    [TestCase("", "map: no symbol is a function: ")]
    public void SystemMap_ThatIsNoneGivesOneClearError(string content, string message) =>
        Assert.That(() => SystemMap.Read("map", Encoding.UTF8.GetBytes(content)), Throws.TypeOf<ImageFormatException>().With.Message.StartWith(message));

    [Test]
    public void Vdso_IsFoundByItsNameAmongSharedObjects()
    {
        // Our own vDSO has the name that Linux gives to its.
        byte[] vdso = File.ReadAllBytes(Images.Path("sample-vdso.elf"));
        byte[] kernel = [.. File.ReadAllBytes(Images.Path("sample-kernel.elf"))];
        byte[] file = [.. kernel, .. new byte[-kernel.Length & 0xFFF], .. vdso, .. new byte[-vdso.Length & 0xFFF], .. "\0Linux version 6.1.0-test (me)\n\0"u8];
        ElfImage image = ElfImage.Read("kernel", file);
        Assert.Multiple(() =>
        {
            Assert.That(KernelSymbols.Vdso(image)?.Symbols.Find("__vdso_clock_gettime"), Is.Not.Null);
            Assert.That(KernelSymbols.Version(image), Is.EqualTo("Linux version 6.1.0-test"));
            Assert.That(KernelSymbols.Vdso(ElfImage.Read("kernel", kernel)), Is.Null);
        });
    }

    /// <summary>Two values below the kernel, as per-CPU variables have, and functions above; one name of more than 127 tokens.</summary>
    private static (ulong Address, char Letter, string Name)[] Symbols(int count) =>
        [.. Enumerable.Range(0, count).Select(i => i < 2 && count > 2
            ? ((ulong)i * 64, 'A', $"per_cpu_{i}")
            : (Text + (ulong)i * 16, i % 3 == 0 ? 'T' : i % 3 == 1 ? 't' : 'D', i == 200 ? new string('x', 300) : $"function_{i}_word{128 + (i % 128)}"))];
}
