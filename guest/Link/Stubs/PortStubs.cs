using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Port input and output. C# passes the port as the third argument (EDX) and the value as the second (ESI). IN leaves the rest of RAX
/// alone, but callers rely on a result that is extended to 32 bits.
/// </summary>
public static class PortStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_in8", c => { c.@in(al, dx); c.movzx(eax, al); });
        library.Inline("x86_in16", c => { c.@in(ax, dx); c.movzx(eax, ax); });
        library.Inline("x86_in32", c => c.@in(eax, dx));
        library.Inline("x86_out8", c => { c.mov(eax, esi); c.@out(dx, al); });
        library.Inline("x86_out16", c => { c.mov(eax, esi); c.@out(dx, ax); });
        library.Inline("x86_out32", c => { c.mov(eax, esi); c.@out(dx, eax); });
    }
}
