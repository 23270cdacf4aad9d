using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// The frame that every entry into the kernel builds, and that C# sees as <c>CpuFrame</c>: R15 ... RAX (15 words), vector,
/// error code (or system call number), then what the processor pushes: RIP, CS, RFLAGS, RSP, SS. 176 bytes, so that the
/// frame keeps the stack's 16-byte alignment. The vector registers that the image's C# uses lie just below it.
/// </summary>
public static class Frame
{
    /// <summary>The order of pushing.</summary>
    public static readonly AssemblerRegister64[] Registers = [rax, rcx, rdx, rbx, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];

    /// <summary>Offsets in the frame.</summary>
    public const int Vector = 120, ErrorCode = 128, Rip = 136, Cs = 144, Flags = 152, Rsp = 160, Size = 176;

    private static readonly AssemblerRegisterXMM[] Vectors =
        [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    /// <summary>Saves the general registers, then the vector registers in use; leaves the frame's address in RDI.</summary>
    public static void Save(StubWriter w)
    {
        Assembler c = w.Code;
        foreach (AssemblerRegister64 r in Registers) c.push(r);
        c.mov(rdi, rsp);
        AssemblerRegisterXMM[] used = Used(w);
        if (used.Length == 0) return;
        c.sub(rsp, used.Length * 16);
        for (int i = 0; i < used.Length; i++) c.movaps(__xmmword_ptr[rsp + i * 16], used[i]);
    }

    /// <summary>Undoes <see cref="Save"/>; RSP then points at the vector word.</summary>
    public static void Restore(StubWriter w, bool vectors)
    {
        Assembler c = w.Code;
        AssemblerRegisterXMM[] used = vectors ? Used(w) : [];
        for (int i = 0; i < used.Length; i++) c.movaps(used[i], __xmmword_ptr[rsp + i * 16]);
        if (used.Length > 0) c.add(rsp, used.Length * 16);
        foreach (AssemblerRegister64 r in Registers.Reverse()) c.pop(r);
    }

    private static AssemblerRegisterXMM[] Used(StubWriter w) => [.. Vectors.Where((_, n) => (w.VectorMask >> n & 1) != 0)];
}
