using System.Buffers.Binary;
using CoSim.Cli.Migrate;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Tests.Migrate;

/// <summary>Blocks that a guest hands over: what cannot be is a complaint, never an exception.</summary>
public sealed class BlockReceiverTests
{
    private const ulong Bytes = 1 << 20;

    [Test]
    public void BlocksAreJoinedUntilAnEmptyOne()
    {
        BlockReceiver receiver = With(memory =>
        {
            Put(memory, 0x1000, [1, 2, 3]);
            Put(memory, 0x2000, [4, 5]);
            Put(memory, 0x3000, []);
        });
        receiver.Take(0x1000);
        receiver.Take(0x2000);
        Assert.That(receiver.IsComplete, Is.False);
        receiver.Take(0x3000);
        Assert.That((receiver.IsComplete, receiver.Problem), Is.EqualTo((true, (string?)null)));
        Assert.That(receiver.Data.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3, 4, 5 }));
    }

    [TestCase(0xFFFF_FFFF_FFFF_FFF8)]
    [TestCase(Bytes)]
    [TestCase(Bytes - 4)]
    public void AddressesWithoutMemoryAreAComplaint(ulong address)
    {
        BlockReceiver receiver = With(_ => { });
        receiver.Take(address);
        Assert.That((receiver.IsComplete, receiver.Problem), Is.EqualTo((false, $"a block at {address:X}h, where no memory is")));
    }

    [TestCase(ulong.MaxValue)]
    [TestCase(Bytes)]
    public void LengthsBeyondTheMemoryAreAComplaint(ulong length)
    {
        BlockReceiver receiver = With(memory => PutLength(memory, 0x1000, length));
        receiver.Take(0x1000);
        Assert.That(receiver.Problem, Is.EqualTo($"a block of {length} bytes at 1000h, which cannot be"));
    }

    private static BlockReceiver With(Action<PhysicalMemory> fill)
    {
        PhysicalMemory memory = new();
        memory.AddRam(0, Bytes);
        fill(memory);
        return new BlockReceiver(memory);
    }

    private static void Put(PhysicalMemory memory, ulong address, byte[] content)
    {
        PutLength(memory, address, (ulong)content.Length);
        memory.Write(address + 8, content);
    }

    private static void PutLength(PhysicalMemory memory, ulong address, ulong length)
    {
        byte[] word = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(word, length);
        memory.Write(address, word);
    }
}
