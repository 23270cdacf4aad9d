namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>Host registers by their encoding numbers, and what they hold in translated code.</summary>
internal static class Host
{
    /// <summary>Scratch: addresses, and the flags on their way to memory (LAHF and SETO work on it).</summary>
    public const int Rax = 0;

    /// <summary>RCX holds the guest's, so that shifts by CL need no move.</summary>
    public const int Rcx = 1;

    /// <summary>RDX holds the guest's.</summary>
    public const int Rdx = 2;

    /// <summary>Scratch: page-table entry of a memory access, second operand.</summary>
    public const int R10 = 10;

    /// <summary>Scratch: tag of a memory access, result; the micro-op at an exit.</summary>
    public const int R11 = 11;

    /// <summary>The guest's RAX.</summary>
    public const int GuestRax = 12;

    /// <summary>The guest's RSP.</summary>
    public const int GuestRsp = 13;

    /// <summary>Instructions executed minus the limit: negative while execution may go on.</summary>
    public const int Counter = 14;

    /// <summary>Address of the state plus <see cref="StateBias"/>, so that all general registers are within a signed byte.</summary>
    public const int State = 15;

    /// <summary>See <see cref="State"/>.</summary>
    public const int StateBias = 128;

    /// <summary>Host register that holds a guest register (0-15) in translated code, or -1 for one that stays in memory.</summary>
    public static ReadOnlySpan<sbyte> Pins => [GuestRax, 1, 2, 3, GuestRsp, 5, 6, 7, 8, 9, -1, -1, -1, -1, -1, -1];
}

/// <summary>A register or memory operand of a host instruction.</summary>
/// <param name="IsMemory">Memory at base + (index shifted) + displacement; else the register <paramref name="Base"/>.</param>
/// <param name="Base">Register number.</param>
/// <param name="Index">Register number, or -1.</param>
/// <param name="Scale">Shift of the index, 0-3.</param>
/// <param name="Displacement">Signed.</param>
internal readonly record struct HostOperand(bool IsMemory, int Base, int Index, int Scale, int Displacement)
{
    /// <summary>A register.</summary>
    public static HostOperand Register(int number) => new(false, number, -1, 0, 0);

    /// <summary>Memory at a register plus a displacement.</summary>
    public static HostOperand Memory(int register, int displacement) => new(true, register, -1, 0, displacement);

    /// <summary>True for this very register.</summary>
    public bool Is(int register) => !IsMemory && Base == register;
}
