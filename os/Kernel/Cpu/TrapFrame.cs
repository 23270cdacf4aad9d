namespace CoSim.Os;

/// <summary>
/// The registers of an interrupted or calling context, as the entry stubs push them at the top of the kernel stack (the order of
/// Linux's pt_regs). 176 bytes, 16-byte aligned; the 512 bytes directly below belong to the vector state of the same context:
/// trap entries save it there (FXSAVE), the system call entry leaves the room and the dispatcher saves only when it must.
/// </summary>
public unsafe struct TrapFrame
{
    public ulong R15, R14, R13, R12, Rbp, Rbx, R11, R10, R9, R8, Rax, Rcx, Rdx, Rsi, Rdi;

    /// <summary>Vector of the interrupt or exception; for a system call its number (Linux's orig_rax).</summary>
    public ulong Vector;

    public ulong ErrorCode, Rip, Cs, Flags, Rsp, Ss;

    /// <summary>Whether the context ran in user mode (CPL 3).</summary>
    public readonly bool FromUser => (Cs & 3) == 3;
}
