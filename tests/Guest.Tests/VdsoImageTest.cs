using System.Buffers.Binary;
using CoSim.Guest.Link;
using CoSim.Guest.Symbols;

namespace CoSim.Guest.Tests;

/// <summary>The vDSO's tables, read as a libc reads them: by the dynamic table of the mapped image only.</summary>
[TestFixture]
public sealed class VdsoImageTest
{
    private const ulong Hash = 4, Strings = 5, Symbols = 6, Soname = 14;

    [TestCase("__vdso_clock_gettime")]
    [TestCase("clock_gettime")]
    [TestCase("__vdso_time")]
    [TestCase("time")]
    public void Function_IsFoundByTheHashTable(string name)
    {
        Mapped vdso = new(Images.Load("sample-vdso.elf"));
        ElfImage image = Images.Load("sample-vdso.elf");
        string export = name.StartsWith("__", StringComparison.Ordinal) ? name : "__vdso_" + name;
        Assert.That(vdso.Lookup(name), Is.EqualTo(image.Symbols.Find(export)!.Address));
    }

    [Test]
    public void UnknownFunction_IsNotFound() => Assert.That(new Mapped(Images.Load("sample-vdso.elf")).Lookup("__vdso_getrandom"), Is.Zero);

    [Test]
    public void Soname_IsLinuxs()
    {
        Mapped vdso = new(Images.Load("sample-vdso.elf"));
        Assert.That(vdso.Text(vdso.Dynamic(Strings) + vdso.Dynamic(Soname)), Is.EqualTo("linux-vdso.so.1"));
    }

    [Test]
    public void Image_IsOneExecutableSegmentFromAddressZero()
    {
        ElfProgramHeader load = Images.Load("sample-vdso.elf").Segments.Single(s => s.Type == 1);
        Assert.That((load.VirtualAddress, load.Offset, load.Flags), Is.EqualTo((0UL, 0UL, 5U)));
    }

    // Values from the gABI's function, computed by hand for the first and taken from a libc's table for the last.
    [TestCase("a", 0x61U)]
    [TestCase("ab", 0x672U)]
    [TestCase("LINUX_2.6", 0x3AE75F6U)]
    public void Hash_IsTheGabis(string name, uint expected) => Assert.That(DynamicTables.Hash(name), Is.EqualTo(expected));

    [Test, Category("NeedsTools")]
    public void Readelf_AcceptsTheTables()
    {
        (int status, string output) = Tool.Run("readelf", "-aW " + Images.Path("sample-vdso.elf"));
        Assert.Multiple(() =>
        {
            Assert.That(status, Is.Zero);
            Assert.That(output, Does.Contain("__vdso_clock_gettime@@LINUX_2.6"));
            Assert.That(output, Does.Contain("Library soname: [linux-vdso.so.1]"));
            Assert.That(output, Does.Not.Contain("Warning").And.Not.Contain("Error"));
        });
    }

    private sealed class Mapped(ElfImage image)
    {
        private readonly byte[] _memory = image.BytesAt(0, int.MaxValue).ToArray();

        public ulong Dynamic(ulong tag)
        {
            ElfProgramHeader table = image.Segments.Single(s => s.Type == 2);
            for (ulong at = table.VirtualAddress; U64(at) != 0; at += 16)
            {
                if (U64(at) == tag) return U64(at + 8);
            }
            return 0;
        }

        public ulong Lookup(string name)
        {
            ulong hash = Dynamic(Hash), buckets = U32(hash);
            for (ulong i = U32(hash + 8 + DynamicTables.Hash(name) % buckets * 4); i != 0; i = U32(hash + 8 + (buckets + i) * 4))
            {
                ulong symbol = Dynamic(Symbols) + i * 24;
                bool defined = BinaryPrimitives.ReadUInt16LittleEndian(_memory.AsSpan((int)symbol + 6)) != 0;
                if (defined && Text(Dynamic(Strings) + U32(symbol)) == name) return U64(symbol + 8);
            }
            return 0;
        }

        public string Text(ulong at)
        {
            Span<byte> s = _memory.AsSpan((int)at);
            return System.Text.Encoding.UTF8.GetString(s[..s.IndexOf((byte)0)]);
        }

        private uint U32(ulong at) => BinaryPrimitives.ReadUInt32LittleEndian(_memory.AsSpan((int)at));

        private ulong U64(ulong at) => BinaryPrimitives.ReadUInt64LittleEndian(_memory.AsSpan((int)at));
    }
}
