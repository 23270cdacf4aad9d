using System.Buffers.Binary;

namespace CoSim.Os.Tests;

/// <summary>The header parser of exec: what it takes from good files, and that bad ones are refused, not misread.</summary>
[TestFixture]
public sealed unsafe class ElfImageTests
{
    private static byte[] Build(ushort type, params (ulong Offset, ulong Address, ulong FileBytes, ulong MemoryBytes, uint Flags)[] segments)
    {
        byte[] f = new byte[64 + 56 * segments.Length];
        Span<byte> s = f;
        new byte[] { 0x7F, (byte)'E', (byte)'L', (byte)'F', 2, 1, 1 }.CopyTo(s);
        BinaryPrimitives.WriteUInt16LittleEndian(s[16..], type);
        BinaryPrimitives.WriteUInt16LittleEndian(s[18..], 62);
        BinaryPrimitives.WriteUInt64LittleEndian(s[24..], 0x401234);
        BinaryPrimitives.WriteUInt64LittleEndian(s[32..], 64);
        BinaryPrimitives.WriteUInt16LittleEndian(s[54..], 56);
        BinaryPrimitives.WriteUInt16LittleEndian(s[56..], (ushort)segments.Length);
        for (int i = 0; i < segments.Length; i++)
        {
            Span<byte> p = s[(64 + i * 56)..];
            BinaryPrimitives.WriteUInt32LittleEndian(p, 1);
            BinaryPrimitives.WriteUInt32LittleEndian(p[4..], segments[i].Flags);
            BinaryPrimitives.WriteUInt64LittleEndian(p[8..], segments[i].Offset);
            BinaryPrimitives.WriteUInt64LittleEndian(p[16..], segments[i].Address);
            BinaryPrimitives.WriteUInt64LittleEndian(p[32..], segments[i].FileBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(p[40..], segments[i].MemoryBytes);
        }
        return f;
    }

    private static bool Parse(byte[] file, out ElfImage image)
    {
        ElfImage e;
        bool ok;
        fixed (byte* p = file) ok = ElfImage.Parse(p, (ulong)file.Length, &e);
        image = e;
        return ok;
    }

    [Test]
    public void StaticProgram()
    {
        Assert.That(Parse(Build(2, (0, 0x400000, 0x1800, 0x1800, 5), (0x1800, 0x402800, 0x100, 0x900, 6)), out ElfImage e));
        Assert.That(e.SegmentCount, Is.EqualTo(2));
        Assert.That((e.Entry, e.Low, e.High, e.Relocatable), Is.EqualTo((0x401234UL, 0x400000UL, 0x404000UL, false)));
        Assert.That(e.HeadersAddress, Is.EqualTo(0x400040UL));
    }

    [Test]
    public void PositionIndependentProgram()
    {
        Assert.That(Parse(Build(3, (0, 0, 0x500, 0x500, 5)), out ElfImage e));
        Assert.That(e.Relocatable, Is.True);
    }

    [TestCase(0, 0x400000UL, 0x2000UL, 0x1000UL, TestName = "file part larger than memory")]
    [TestCase(0, 0x400100UL, 0x100UL, 0x100UL, TestName = "address and offset not congruent")]
    [TestCase(0, 0x7FFF_FFFF_E000UL, 0x100UL, 0x2000UL, TestName = "beyond user space")]
    [TestCase(0, 0x400000UL, 0x100UL, ulong.MaxValue, TestName = "size overflows")]
    public void BadSegmentIsRefused(int offset, ulong address, ulong fileBytes, ulong memoryBytes) =>
        Assert.That(Parse(Build(2, ((ulong)offset, address, fileBytes, memoryBytes, 5)), out _), Is.False);

    [Test]
    public void OverlappingSegmentsAreRefused() =>
        Assert.That(Parse(Build(2, (0, 0x400000, 0x1800, 0x1800, 5), (0x1000, 0x401000, 0x100, 0x100, 6)), out _), Is.False);

    [Test]
    public void EveryTruncationIsRefused()
    {
        byte[] good = Build(2, (0, 0x400000, 0x100, 0x100, 5));
        for (int n = 0; n < good.Length; n++) Assert.That(Parse(good[..n], out _), Is.False, $"{n} bytes");
    }
}
