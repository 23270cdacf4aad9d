using CoSim.Cli.Debug;
using CoSim.Guest.Symbols;
using CoSim.Os.Loader;

namespace CoSim.Debug.Tests;

/// <summary>The file of symbols for gdb, read back by the reader of images.</summary>
[TestFixture]
public sealed class SymbolFileTests
{
    [TestCase(0UL)]
    [TestCase(0x1A00000UL)]
    public void NamesAndAddressesComeBack(ulong moved)
    {
        CodeSymbol[] symbols =
        [
            new("_text", 0xFFFFFFFF81000000, 0, true, true), new("local", 0xFFFFFFFF81000010, 8, true, false), new("jiffies", 0xFFFFFFFF82A079C0, 8, false, true),
            new("jiffies_64", 0xFFFFFFFF82A079C0, 0, false, true), new("per_cpu", 0x1234, 8, false, false),
        ];
        SymbolTable read = ElfImage.Read("made", SymbolFile.Make(new SymbolTable(symbols), moved)).Symbols;
        using (Assert.EnterMultipleScope())
        {
            foreach (CodeSymbol symbol in symbols[..4])
            {
                CodeSymbol? found = read.Find(symbol.Name);
                Assert.That((found?.Address, found?.IsFunction, found?.IsGlobal), Is.EqualTo(((ulong?)(symbol.Address + moved), (bool?)symbol.IsFunction, (bool?)symbol.IsGlobal)), symbol.Name);
            }

            Assert.That(read.Find("per_cpu"), Is.Null, "an offset is no address");
            Assert.That(read.Find("_text")!.Size, Is.EqualTo(0x10), "up to the next one");
        }
    }

    [Test]
    public void AnImageWithoutAKernelIsRefused() =>
        Assert.Throws<BadInputException>(() => SymbolFile.Make(new SymbolTable([new CodeSymbol("main", 0x400000, 1, true, true)]), 0));
}
