using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Locked operations without a result, (location, value); the compiler itself has those with one.</summary>
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
    }
}
