using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Read-modify-write of shared memory. (location, value[, expected]); the old value comes back in RAX.</summary>
public static class AtomicStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_lock_add32", c => c.@lock.add(__dword_ptr[rdi], esi));
        library.Inline("x86_lock_add64", c => c.@lock.add(__qword_ptr[rdi], rsi));
        library.Inline("x86_lock_or32", c => c.@lock.or(__dword_ptr[rdi], esi));
        library.Inline("x86_lock_or64", c => c.@lock.or(__qword_ptr[rdi], rsi));
        library.Inline("x86_lock_and32", c => c.@lock.and(__dword_ptr[rdi], esi));
        library.Inline("x86_lock_and64", c => c.@lock.and(__qword_ptr[rdi], rsi));
        library.Inline("x86_xchg32", c => { c.mov(eax, esi); c.xchg(__dword_ptr[rdi], eax); });
        library.Function("x86_xchg64", c => { c.mov(rax, rsi); c.xchg(__qword_ptr[rdi], rax); c.ret(); });
        library.Function("x86_xadd32", c => { c.mov(eax, esi); c.@lock.xadd(__dword_ptr[rdi], eax); c.ret(); });
        library.Function("x86_xadd64", c => { c.mov(rax, rsi); c.@lock.xadd(__qword_ptr[rdi], rax); c.ret(); });
        library.Function("x86_cmpxchg32", c => { c.mov(eax, edx); c.@lock.cmpxchg(__dword_ptr[rdi], esi); c.ret(); });
        library.Function("x86_cmpxchg64", c => { c.mov(rax, rdx); c.@lock.cmpxchg(__qword_ptr[rdi], rsi); c.ret(); });
    }
}
