using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// Guest requests: NOP DWORD PTR [RAX+C05100NNh], an instruction without effect on hardware, on which the simulator acts
/// when it retires; the argument is in RAX.
/// </summary>
public static class MarkerStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        string[] names = ["span_begin", "span_end", "cold", "detailed", "functional", "exit", "label", "data"];
        for (int i = 0; i < names.Length; i++)
        {
            byte number = (byte)(i + 1);
            library.Function("marker_" + names[i], c => { c.mov(rax, rdi); Marker(c, number); c.ret(); });
        }
        library.Function("measure_call2", MeasureCall);
        library.Function("measure_syscall2", MeasureSystemCall);
        library.Function("measure_syscall6", MeasureSystemCall6);
    }

    private static void Marker(Assembler c, byte number) => c.db(0x0F, 0x1F, 0x80, number, 0x00, 0x51, 0xC0);

    /// <summary>(span, function, a, b): a span around exactly one indirect call; only the copy of the id for its end is added.</summary>
    private static void MeasureCall(Assembler c)
    {
        c.push(rbx);
        c.push(r12);
        c.push(rbp);
        c.mov(rbx, rdi);
        c.mov(r11, rsi);
        c.mov(rdi, rdx);
        c.mov(rsi, rcx);
        c.mov(rax, rbx);
        Marker(c, 1);
        c.call(r11);
        c.mov(r12, rax);
        c.mov(rax, rbx);
        Marker(c, 2);
        c.mov(rax, r12);
        c.pop(rbp);
        c.pop(r12);
        c.pop(rbx);
        c.ret();
    }

    /// <summary>(span, number, a, b): a span around exactly one SYSCALL; the number is loaded within it, as a libc does.</summary>
    private static void MeasureSystemCall(Assembler c)
    {
        c.push(rbx);
        c.mov(rbx, rdi);
        c.mov(r8, rsi);
        c.mov(rdi, rdx);
        c.mov(rsi, rcx);
        c.mov(rax, rbx);
        Marker(c, 1);
        c.mov(rax, r8);
        c.syscall();
        c.mov(r8, rax);
        c.mov(rax, rbx);
        Marker(c, 2);
        c.mov(rax, r8);
        c.pop(rbx);
        c.ret();
    }

    /// <summary>(span, block of number and six arguments): the same with arguments from memory, loaded before the span begins.</summary>
    private static void MeasureSystemCall6(Assembler c)
    {
        c.push(rbx);
        c.push(r12);
        c.mov(rbx, rdi);
        c.mov(r12, __[rsi]);
        c.mov(rdi, __[rsi + 8]);
        c.mov(rdx, __[rsi + 24]);
        c.mov(r10, __[rsi + 32]);
        c.mov(r8, __[rsi + 40]);
        c.mov(r9, __[rsi + 48]);
        c.mov(rsi, __[rsi + 16]);
        c.mov(rax, rbx);
        Marker(c, 1);
        c.mov(rax, r12);
        c.syscall();
        c.mov(r12, rax);
        c.mov(rax, rbx);
        Marker(c, 2);
        c.mov(rax, r12);
        c.pop(r12);
        c.pop(rbx);
        c.ret();
    }
}
