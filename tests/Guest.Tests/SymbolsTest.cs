using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>Symbols and lines of our images, and of what gcc makes, where addr2line is the oracle.</summary>
[TestFixture]
public sealed class SymbolsTest
{
    [Test]
    public void KernelFunction_HasNameSizeAndLine()
    {
        ElfImage image = Images.Load("sample-kernel.elf");
        CodeSymbol main = image.Symbols.Find("kernel_main")!;
        string[] source = File.ReadAllLines(Path.Combine(Images.Root, "guest/Samples/Kernel/Kernel.cs"));
        SourceLine line = image.Lines.Find(main.Address)!.Value;
        Assert.Multiple(() =>
        {
            Assert.That(image.Symbols.Find(main.Address + 5)!.DisplayName, Is.EqualTo("Kernel.Main"));
            Assert.That(image.Symbols.Find(main.Address + main.Size - 1)!.Address, Is.EqualTo(main.Address));
            Assert.That(line.File, Is.EqualTo("/cosim/guest/Samples/Kernel/Kernel.cs"));
            Assert.That(source[(line.Line - 3)..line.Line], Has.Some.Contain("void Main(uint startInfo)"));
        });
    }

    [Test]
    public void EveryInstructionOfAFunction_HasALineOfItsFile()
    {
        ElfImage image = Images.Load("sample-kernel.elf");
        CodeSymbol f = image.Symbols.Find("kernel_syscall")!;
        for (ulong a = f.Address; a < f.Address + f.Size; a++) Assert.That(image.Lines.Find(a)?.File, Does.EndWith(".cs"), $"at {a:X}h");
    }

    [Test]
    public void AddressOutsideTheImage_HasNeitherSymbolNorLine()
    {
        ElfImage image = Images.Load("sample-kernel.elf");
        Assert.That((image.Symbols.Find(0x10UL), image.Lines.Find(0x10), image.BytesAt(0x10, 4).Length), Is.EqualTo(((CodeSymbol?)null, (SourceLine?)null, 0)));
    }

    [Test]
    public void DamagedFiles_GiveOneClearError([Values("sample-kernel.elf", "sample-vdso.elf")] string name)
    {
        const int seed = 7742;
        byte[] original = File.ReadAllBytes(Images.Path(name));
        Random random = new(seed);
        for (int i = 0; i < 2000; i++)
        {
            byte[] damaged = i % 4 == 0 ? original[..random.Next(original.Length)] : (byte[])original.Clone();
            for (int n = 0; n < i % 4 * 4; n++) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            try
            {
                ElfImage image = ElfImage.Read(name, damaged);
                Assert.That(image.Symbols.All.Count + image.Lines.Count, Is.GreaterThanOrEqualTo(0));
            }
            catch (ImageFormatException e)
            {
                Assert.That(e.Message, Does.StartWith(name + ": "), $"seed {seed}, case {i}");
            }
        }
    }

    [Test, Category("NeedsTools")]
    public void GccLines_AgreeWithAddr2line([Values(2, 3, 4, 5)] int version, [Values("", "-gz=zlib")] string compression)
    {
        string directory = Directory.CreateTempSubdirectory("cosim-lines").FullName;
        string source = Path.Combine(directory, "sample.c"), program = Path.Combine(directory, "sample");
        File.WriteAllText(source, "int f(int a)\n{\n    int s = 0;\n    for (int i = 0; i < a; i++)\n        s += i * a;\n    return s;\n}\n\nint main(int c, char **v)\n{\n    return f(c) + v[0][0];\n}\n");
        (int status, string output) = Tool.Run("gcc", $"-O1 -g -gdwarf-{version} {compression} -static -no-pie -o {program} {source}");
        Assert.That(status, Is.Zero, output);
        ElfImage image = ElfImage.Load(program);
        foreach (string name in new[] { "f", "main" })
        {
            CodeSymbol f = image.Symbols.Find(name)!;
            string[] expected = Tool.Run("addr2line", $"-e {program} " + string.Join(' ', Enumerable.Range(0, (int)f.Size).Select(i => $"{f.Address + (ulong)i:x}"))).Output.Trim().Split('\n');
            for (int i = 0; i < (int)f.Size; i++)
            {
                SourceLine line = image.Lines.Find(f.Address + (ulong)i)!.Value;
                string want = expected[i].Split(" (")[0];
                Assert.That($"{Path.GetFileName(line.File)}:{line.Line}", Is.EqualTo(Path.GetFileName(want)), $"{name}+{i}");
            }
        }
        Directory.Delete(directory, true);
    }
}
