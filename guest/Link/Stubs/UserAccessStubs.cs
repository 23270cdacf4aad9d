using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Access to user memory that may fault. Each function returns what was not done (0: all done). A page fault whose RIP
/// lies in [user_access_start, user_access_end) and that cannot be resolved is answered by setting RIP to
/// user_access_fixup, which returns RCX. The caller brackets them by STAC and CLAC when SMAP is on.
/// </summary>
public static class UserAccessStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Add(new Stub
        {
            Names = ["user_access_start", "user_copy", "user_zero", "user_load32", "user_load64", "user_store32", "user_store64", "user_store_pair", "user_cmpxchg32", "user_access_end", "user_access_fixup"],
            Emit = Emit,
        });
    }

    private static void Emit(StubWriter w)
    {
        Assembler c = w.Code;
        c.nop();
        w.Export("user_copy");        // (destination, source, unused, count): bytes not copied
        c.rep.movsb();
        Done(c);
        w.Export("user_zero");        // (destination, unused, unused, count): bytes not zeroed
        c.xor(eax, eax);
        c.rep.stosb();
        Done(c);
        w.Export("user_load32");      // (user address, uint* result)
        c.mov(ecx, 1);
        c.mov(eax, __[rdi]);
        c.mov(__[rsi], eax);
        Done(c);
        w.Export("user_load64");
        c.mov(ecx, 1);
        c.mov(rax, __[rdi]);
        c.mov(__[rsi], rax);
        Done(c);
        w.Export("user_store32");     // (user address, value)
        c.mov(ecx, 1);
        c.mov(__[rdi], esi);
        Done(c);
        w.Export("user_store64");
        c.mov(ecx, 1);
        c.mov(__[rdi], rsi);
        Done(c);
        w.Export("user_store_pair");  // (user address, first, second): with its own STAC and CLAC; the caller closes after a fault
        c.mov(ecx, 1);
        c.stac();
        c.mov(__[rdi], rsi);
        c.mov(__[rdi + 8], rdx);
        c.clac();
        Done(c);
        w.Export("user_cmpxchg32");   // (user address, new value, expected, uint* old)
        c.mov(eax, edx);
        c.mov(r8, rcx);
        c.mov(ecx, 1);
        c.@lock.cmpxchg(__[rdi], esi);
        c.mov(__[r8], eax);
        Done(c);
        w.Export("user_access_end");
        c.nop();
        w.Export("user_access_fixup");
        c.mov(rax, rcx);
        c.ret();
    }

    private static void Done(Assembler c)
    {
        c.xor(eax, eax);
        c.ret();
    }
}
