using System.Buffers.Binary;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Migrate;

/// <summary>Collects the blocks of data that a guest hands over (guest request 08).</summary>
/// <param name="memory">The guest's memory.</param>
public sealed class BlockReceiver(PhysicalMemory memory)
{
    /// <summary>Longest block, and longest transfer, that is taken from a guest.</summary>
    private const ulong LongestBlock = 1UL << 20;
    private const long LongestTransfer = 1L << 31;

    private readonly MemoryStream _data = new();

    /// <summary>Whether the transfer has ended.</summary>
    public bool IsComplete { get; private set; }

    /// <summary>What is wrong with what the guest asked for; null while nothing is.</summary>
    public string? Problem { get; private set; }

    /// <summary>What was handed over so far.</summary>
    public ReadOnlyMemory<byte> Data => _data.GetBuffer().AsMemory(0, (int)_data.Length);

    /// <summary>Takes a block.</summary>
    /// <param name="address">Physical address of its length in bytes, which they follow.</param>
    public void Take(ulong address)
    {
        if (IsComplete || Problem != null)
            return;
        Span<byte> head = stackalloc byte[sizeof(ulong)];
        if (!memory.IsMemory(address, head.Length))
        {
            Problem = $"a block at {address:X}h, where no memory is";
            return;
        }
        memory.Read(address, head);
        ulong length = BinaryPrimitives.ReadUInt64LittleEndian(head);
        if (length > LongestBlock || _data.Length + (long)length > LongestTransfer || (length > 0 && !memory.IsMemory(address + (ulong)head.Length, (int)length)))
        {
            Problem = $"a block of {length} bytes at {address:X}h, which cannot be";
            return;
        }
        byte[] block = new byte[length];
        if (length > 0)
            memory.Read(address + (ulong)head.Length, block);
        _data.Write(block);
        IsComplete = length == 0;
    }
}
