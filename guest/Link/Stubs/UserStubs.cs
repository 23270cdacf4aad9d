using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>A user program's way in and out: _start and SYSCALL (System V ABI, AMD64 supplement 1.0, A.2 and 3.4).</summary>
public static class UserStubs
{
    /// <summary>The entry point.</summary>
    public const string Entry = "_start";

    private const int ExitGroup = 231;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library, string main)
    {
        library.Add(new Stub { Names = [Entry], Needs = [main], Emit = w => Start(w, main) });
        AddCalls(library);
    }

    /// <summary>Adds the system call itself, without the program's entry.</summary>
    public static void AddCalls(StubLibrary library)
    {
        // (a1, a2, a3, number): the arguments are where the kernel wants them already, and the call becomes the instruction.
        library.Inline("user_syscall3", c => { c.mov(eax, ecx); c.syscall(); });
        // (a1, a2, a3, number, a5, a6, a4 on the stack)
        library.Function("user_syscall6", c => { c.mov(eax, ecx); c.mov(r10, __[rsp + 8]); c.syscall(); c.ret(); });
    }

    private static void Start(StubWriter w, string main)
    {
        Assembler c = w.Code;
        c.mov(rdi, rsp);
        c.xor(ebp, ebp);
        c.and(rsp, -16);
        c.call(w.Address(main));
        c.mov(edi, eax);
        c.mov(eax, ExitGroup);
        c.syscall();
        c.ud2();
    }
}
