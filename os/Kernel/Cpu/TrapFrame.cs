namespace CoSim.Os;

/// <summary>
/// The registers of an interrupted or calling context, in the order in which the entry stubs push them at the top of the kernel
/// stack (guest/README.md). 176 bytes, 16-byte aligned. The vector registers that the kernel's own code uses are saved just below.
/// </summary>
public unsafe struct TrapFrame
{
    public ulong R15, R14, R13, R12, R11, R10, R9, R8, Rdi, Rsi, Rbp, Rbx, Rdx, Rcx, Rax;

    /// <summary>Vector of the interrupt or exception; 100h for a system call.</summary>
    public ulong Vector;

    /// <summary>The exception's error code; for a system call its number (Linux's orig_rax).</summary>
    public ulong ErrorCode;
    public ulong Rip, Cs, Flags, Rsp, Ss;

    public const ulong SystemCallVector = 0x100;

    /// <summary>Whether the context ran in user mode (CPL 3).</summary>
    public readonly bool FromUser => (Cs & 3) == 3;
}
