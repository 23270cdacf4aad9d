using System.Buffers.Binary;
using System.Text;
using CoSim.Hw.Board;

namespace CoSim.Tests.Board;

public class FlashImageTests
{
    [Test]
    public void TheDirectoryNamesEveryFileWhereItIs()
    {
        byte[] kernel = [.. Enumerable.Range(0, 10_000).Select(i => (byte)i)];
        byte[] flash = FlashImage.Build(new byte[65536], [new("kernel", kernel), new("cmdline", "quiet"u8.ToArray())]);
        Assert.That(flash, Has.Length.EqualTo(16 << 20));
        Span<byte> pointer = flash.AsSpan(flash.Length - 32);
        Assert.That(BinaryPrimitives.ReadUInt64LittleEndian(pointer), Is.EqualTo(FlashImage.Magic));
        int directory = (int)BinaryPrimitives.ReadUInt64LittleEndian(pointer[8..]);
        Assert.That(BinaryPrimitives.ReadUInt32LittleEndian(flash.AsSpan(directory)), Is.EqualTo(2));
        Assert.That(ReadFile(flash, directory + 8, "kernel"), Is.EqualTo(kernel));
        Assert.That(ReadFile(flash, directory + 56, "cmdline"), Is.EqualTo("quiet"u8.ToArray()));
    }

    [Test]
    public void FirmwareEndsAtTheResetVector()
    {
        byte[] firmware = new byte[65536];
        firmware[^16] = 0xEA;
        byte[] flash = FlashImage.Build(firmware, []);
        Assert.That(flash[^16], Is.EqualTo(0xEA));
    }

    [Test]
    public void LargeFilesMakeALargerFlash() =>
        Assert.That(FlashImage.Build(new byte[65536], [new("initrd", new byte[17 << 20])]), Has.Length.EqualTo(32 << 20));

    [Test]
    public void ALongNameIsRefused() =>
        Assert.That(() => FlashImage.Build(new byte[16], [new(new string('n', 32), new byte[1])]), Throws.ArgumentException);

    private static byte[] ReadFile(byte[] flash, int entry, string name)
    {
        Assert.That(Encoding.UTF8.GetString(flash, entry, 32).TrimEnd('\0'), Is.EqualTo(name));
        int offset = (int)BinaryPrimitives.ReadUInt64LittleEndian(flash.AsSpan(entry + 32));
        int size = (int)BinaryPrimitives.ReadUInt64LittleEndian(flash.AsSpan(entry + 40));
        return flash[offset..(offset + size)];
    }
}
