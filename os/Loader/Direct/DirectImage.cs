namespace CoSim.Os.Loader;

/// <summary>
/// How the boot processor enters a program: flat segments, interrupts off; without paging in 32-bit protected mode, with the first
/// 4 GiB mapped one to one in long mode. Registers that are not named are 0.
/// </summary>
/// <param name="LongMode">64-bit mode; false: 32-bit protected mode.</param>
/// <param name="Address">Where it starts.</param>
/// <param name="Rax">RAX.</param>
/// <param name="Rbx">RBX.</param>
/// <param name="Rsi">RSI.</param>
/// <param name="Flat">The descriptor table and its selectors.</param>
/// <param name="PageMap">Physical address of the page map; 0 in protected mode.</param>
public sealed record EntryState(bool LongMode, ulong Address, ulong Rax, ulong Rbx, ulong Rsi, FlatDescriptors Flat, ulong PageMap);

/// <summary>What a boot loader leaves in memory and in the processor: everything that a machine without firmware needs.</summary>
/// <param name="Pieces">Physical addresses and what stands there; all other memory is zero. They do not overlap.</param>
/// <param name="Entry">How the program is entered.</param>
public sealed record DirectImage(IReadOnlyList<MemoryPiece> Pieces, EntryState Entry)
{
    /// <summary>Memory that the program counts on to be zero, behind what is loaded of its parts: who starts it a second time must clear it.</summary>
    public IReadOnlyList<ZeroedMemory> Zeroed { get; init; } = [];
}

/// <summary>A range of memory that is zero.</summary>
/// <param name="Address">The first byte's physical address.</param>
/// <param name="Length">Length in bytes.</param>
public readonly record struct ZeroedMemory(ulong Address, ulong Length);

/// <summary>Bytes at a physical address.</summary>
/// <param name="Address">The first byte's.</param>
/// <param name="Bytes">The bytes.</param>
public readonly record struct MemoryPiece(ulong Address, ReadOnlyMemory<byte> Bytes);
