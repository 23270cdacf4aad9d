using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// The per-CPU area behind the GS base. The entry stubs know three of its words: GS:[0] the area's own address,
/// GS:[8] the top of the current task's kernel stack (16-byte aligned), GS:[16] scratch for the user's RSP.
/// </summary>
public static class PerCpuStubs
{
    /// <summary>Offset of the area's own address.</summary>
    public const int Self = 0;
    /// <summary>Offset of the top of the current kernel stack.</summary>
    public const int KernelStack = 8;
    /// <summary>Offset of the scratch word.</summary>
    public const int UserStack = 16;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_gs_load64", c => c.mov(rax, __qword_ptr.gs[rdi]));
        library.Inline("x86_gs_load32", c => c.mov(eax, __dword_ptr.gs[rdi]));
        library.Inline("x86_gs_store64", c => c.mov(__qword_ptr.gs[rdi], rsi));
        library.Inline("x86_gs_store32", c => c.mov(__dword_ptr.gs[rdi], esi));
        library.Inline("x86_gs_add64", c => c.add(__qword_ptr.gs[rdi], rsi));
        library.Inline("x86_gs_add32", c => c.add(__dword_ptr.gs[rdi], esi));
    }
}
