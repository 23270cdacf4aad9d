using System.Buffers.Binary;
using System.Text;
using CoSim.Hw.Legacy;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Devices.Tests;

/// <summary>The firmware configuration device, as its specification describes it (QEMU 7.2, docs/specs/fw_cfg.rst).</summary>
public sealed class FwCfgTests : IDisposable
{
    private const ushort Selector = 0x510, Data = 0x511, Dma = 0x514;
    private const ulong DescriptorAt = 0x1000, BufferAt = 0x2000;

    private readonly Rig _rig = new();
    private readonly PhysicalMemory _memory = new();
    private readonly PortBus _ports = new();
    private readonly FwCfg _device;

    public FwCfgTests()
    {
        _memory.AddRam(0, 0x10000);
        FwCfgItems items = new(256UL << 20, 4);
        items.AddFile("opt/second", [1, 2, 3]);
        items.AddFile("opt/first", Encoding.ASCII.GetBytes("contents"));
        _device = new FwCfg(items, _memory, _rig.Services);
        _device.Map(_ports);
    }

    public void Dispose() => _memory.Dispose();

    [Test]
    public void ItemsTellTheMachine()
    {
        Assert.Multiple(() =>
        {
            Assert.That(Read(0, 6), Is.EqualTo("QEMU\0\0"u8.ToArray()), "bytes behind the end are zero");
            Assert.That(BitConverter.ToUInt32(Read(1, 4)), Is.EqualTo(3), "traditional interface and DMA");
            Assert.That(BitConverter.ToUInt64(Read(3, 8)), Is.EqualTo(256UL << 20));
            Assert.That(BitConverter.ToUInt16(Read(5, 2)), Is.EqualTo(4));
            Assert.That(Read(0x7777, 2), Is.EqualTo(new byte[2]), "an absent item");
        });
    }

    [Test]
    public void DirectoryNamesTheFiles()
    {
        byte[] directory = Read(0x19, 4 + (2 * 64));
        Assert.That(BinaryPrimitives.ReadUInt32BigEndian(directory), Is.EqualTo(2));
        Assert.That(Entry(directory, 0), Is.EqualTo((8u, (ushort)0x20, "opt/first")));
        Assert.That(Entry(directory, 1), Is.EqualTo((3u, (ushort)0x21, "opt/second")));
        Assert.That(Read(0x20, 8), Is.EqualTo("contents"u8.ToArray()));
    }

    [Test]
    public void DmaCopiesAndSkips()
    {
        uint signature = _ports.Read(Dma, 4, out SimDuration _);
        Assert.That(BinaryPrimitives.ReverseEndianness(signature), Is.EqualTo(0x51454D55), "\"QEMU\"");
        Assert.That(Transfer((0x20 << 16) | 8 | 4, 4, 0), Is.Zero, "select and skip");
        Assert.That(Transfer(2, 8, BufferAt), Is.Zero);
        byte[] copied = new byte[8];
        _memory.Read(BufferAt, copied);
        Assert.That(copied, Is.EqualTo("ents\0\0\0\0"u8.ToArray()));
    }

    [TestCase(2u, 16u, 0xFFF8UL, "beyond the end of RAM")]
    [TestCase(2u, 16u, ulong.MaxValue, "far beyond it")]
    [TestCase(16u, 4u, BufferAt, "items cannot be written")]
    public void DmaThatCannotBeIsAnError(uint control, uint length, ulong address, string why) =>
        Assert.That(Transfer((0x20 << 16) | 8 | control, length, address), Is.EqualTo(1), why);

    [Test]
    public void NoDescriptorHurts()
    {
        _ports.Write(Dma, 4, uint.MaxValue, out SimDuration _);
        _ports.Write(Dma + 4, 4, uint.MaxValue, out SimDuration _);
        Assert.That(_rig.Log, Has.Some.Contains("descriptor outside of memory"));
    }

    [Test]
    public void SnapshotKeepsThePosition()
    {
        Read(0x20, 3);
        byte[] snapshot = _rig.Save(_device);
        byte[] rest = ReadOn(5);
        _rig.Restore(snapshot, _device);
        Assert.That(ReadOn(5), Is.EqualTo(rest).And.EqualTo("tents"u8.ToArray()));
    }

    private static (uint Size, ushort Number, string Name) Entry(byte[] directory, int index)
    {
        ReadOnlySpan<byte> entry = directory.AsSpan(4 + (index * 64), 64);
        return (BinaryPrimitives.ReadUInt32BigEndian(entry), BinaryPrimitives.ReadUInt16BigEndian(entry[4..]), Encoding.ASCII.GetString(entry[8..]).TrimEnd('\0'));
    }

    private byte[] Read(ushort item, int count)
    {
        _ports.Write(Selector, 2, item, out SimDuration _);
        return ReadOn(count);
    }

    private byte[] ReadOn(int count)
    {
        byte[] bytes = new byte[count];
        for (int n = 0; n < count; n++)
        {
            bytes[n] = (byte)_ports.Read(Data, 1, out SimDuration _);
        }

        return bytes;
    }

    /// <summary>Has a descriptor carried out, and returns what became of its control word.</summary>
    private uint Transfer(uint control, uint length, ulong address)
    {
        byte[] descriptor = new byte[16];
        BinaryPrimitives.WriteUInt32BigEndian(descriptor, control);
        BinaryPrimitives.WriteUInt32BigEndian(descriptor.AsSpan(4), length);
        BinaryPrimitives.WriteUInt64BigEndian(descriptor.AsSpan(8), address);
        _memory.Write(DescriptorAt, descriptor);
        _ports.Write(Dma, 4, 0, out SimDuration _);
        _ports.Write(Dma + 4, 4, BinaryPrimitives.ReverseEndianness((uint)DescriptorAt), out SimDuration _);
        _memory.Read(DescriptorAt, descriptor);
        return BinaryPrimitives.ReadUInt32BigEndian(descriptor);
    }
}
