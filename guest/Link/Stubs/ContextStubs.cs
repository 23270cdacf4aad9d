using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Changing from one kernel stack to another, starting on a new one, and leaving to user mode.</summary>
public static class ContextStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Function("context_switch", Switch);
        library.Function("context_start", Start);
        library.Add(new Stub { Names = ["return_to_user"], Emit = ReturnToUser });
        library.Function("run_on_stack", RunOnStack);
        library.Add(new Stub { Names = ["frame_vector_mask"], Inline = true, Emit = w => w.Code.mov(eax, (uint)w.VectorMask) });
    }

    /// <summary>
    /// (ulong* saved, ulong next): pushes RBP, RBX, R12 ... R15, stores RSP in *saved, continues on the stack 'next', which
    /// holds the same: from the lowest address R15, R14, R13, R12, RBX, RBP, return address.
    /// </summary>
    private static void Switch(Assembler c)
    {
        c.push(rbp); c.push(rbx); c.push(r12); c.push(r13); c.push(r14); c.push(r15);
        c.mov(__[rdi], rsp);
        c.mov(rsp, rsi);
        c.pop(r15); c.pop(r14); c.pop(r13); c.pop(r12); c.pop(rbx); c.pop(rbp);
        c.ret();
    }

    /// <summary>The first return address of a new stack: calls R12 with RBX as its argument; that must not return.</summary>
    private static void Start(Assembler c)
    {
        c.mov(rdi, rbx);
        c.xor(ebp, ebp);
        c.call(r12);
        c.ud2();
    }

    /// <summary>(frame*): to user mode as the frame says, by IRETQ. Interrupts must be off. Vector registers stay as they are.</summary>
    private static void ReturnToUser(StubWriter w)
    {
        Assembler c = w.Code;
        c.mov(rsp, rdi);
        Frame.Restore(w, vectors: false);
        c.add(rsp, 16);
        c.swapgs();
        c.iretq();
    }

    /// <summary>(function, argument, stack top): calls function(argument) on another stack and comes back.</summary>
    private static void RunOnStack(Assembler c)
    {
        c.push(rbp);
        c.mov(rbp, rsp);
        c.mov(rax, rdi);
        c.mov(rdi, rsi);
        c.mov(rsp, rdx);
        c.call(rax);
        c.mov(rsp, rbp);
        c.pop(rbp);
        c.ret();
    }
}
