namespace CoSim.Tests.HostOracle;

/// <summary>
/// The linear addresses that the host run and the simulated run share. They lie below 4 GiB so that absolute 32-bit
/// displacements reach them, and above the lowest address that Linux lets a process map (64 KiB).
/// </summary>
public static class OracleLayout
{
    /// <summary>Registers before the instruction: one <see cref="MachineImage"/>.</summary>
    public const ulong InputImage = 0x0080_0000;

    /// <summary>Registers after the instruction: one <see cref="MachineImage"/>.</summary>
    public const ulong OutputImage = 0x0080_1000;

    /// <summary>Host registers that must survive the run, and what the fault handler reports.</summary>
    public const ulong HostSave = 0x0080_2000;

    /// <summary>Entry and exit thunks and the signal handler (executable).</summary>
    public const ulong Thunk = 0x0080_4000;

    /// <summary>The instruction under test stands at the start of this page (executable).</summary>
    public const ulong Code = 0x0080_8000;

    /// <summary>Bytes that the code page holds.</summary>
    public const int CodeSize = 0x1000;

    /// <summary>Start of the memory that instructions may touch; the pages on either side are not mapped.</summary>
    public const ulong Scratch = 0x0081_0000;

    /// <summary>Size of the scratch memory in bytes: two pages, so that an operand can cross the boundary.</summary>
    public const int ScratchSize = 0x2000;

    /// <summary>One page after the scratch memory that may only be read; the page behind it is not mapped.</summary>
    public const ulong ReadOnly = Scratch + ScratchSize;

    /// <summary>Bytes that may be read only.</summary>
    public const int ReadOnlySize = 0x1000;

    /// <summary>Byte <paramref name="n"/> of the page that may be read only: the same on the host and in the simulator.</summary>
    /// <param name="n">0 to <see cref="ReadOnlySize"/> - 1.</param>
    public static byte ReadOnlyByte(int n) => (byte)((n * 37) ^ (n >> 3));

    /// <summary>Selector of 32-bit code for users, on Linux and in the simulated machine.</summary>
    public const ushort UserCode32 = 0x23;

    /// <summary>Selector of data for users, likewise.</summary>
    public const ushort UserData = 0x2B;

    /// <summary>Where a program's code ends at the latest: what is left of the page is INT3.</summary>
    public const int ProgramSize = 0x400;

    /// <summary>Offset in the scratch memory around which memory operands are placed.</summary>
    public const int OperandOffset = 0x1400;

    /// <summary>Offset in the scratch memory where the stack pointer starts.</summary>
    public const int StackOffset = 0x0800;
}
