using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Benchmarks;

/// <summary>Guest programs that the benchmarks run: integer loops and calls as compilers make them.</summary>
internal static class GuestMix
{
    public const ulong CodeAddress = 0x10000;
    public const ulong DataAddress = 0x20_0000;
    public const ulong StackTop = 0x1F_0000;

    /// <summary>Recursive calls, a hash loop, a list walk, a sort and a byte copy, over and over.</summary>
    public static byte[] LoopAndCall()
    {
        Assembler a = new(64);
        Label again = a.CreateLabel(), fib = a.CreateLabel();
        a.Label(ref again);
        a.mov(edi, 12);
        a.call(fib);
        Hash(a);
        MakeList(a);
        WalkList(a);
        FillDescending(a);
        Sort(a);
        CopyBytes(a);
        a.jmp(again);
        Fibonacci(a, ref fib);
        using MemoryStream stream = new();
        a.Assemble(new StreamCodeWriter(stream), CodeAddress);
        return stream.ToArray();
    }

    private static void Fibonacci(Assembler a, ref Label fib)
    {
        Label leaf = a.CreateLabel();
        a.Label(ref fib);
        a.cmp(edi, 2);
        a.jb(leaf);
        a.push(rbx);
        a.push(rdi);
        a.sub(edi, 1);
        a.call(fib);
        a.mov(ebx, eax);
        a.pop(rdi);
        a.sub(edi, 2);
        a.call(fib);
        a.add(eax, ebx);
        a.pop(rbx);
        a.ret();
        a.Label(ref leaf);
        a.mov(eax, edi);
        a.ret();
    }

    private static void Hash(Assembler a)
    {
        Label loop = a.CreateLabel();
        a.mov(rsi, DataAddress);
        a.mov(ecx, 1000);
        a.mov(eax, 0x811C9DC5);
        a.Label(ref loop);
        a.movzx(edx, __byte_ptr[rsi]);
        a.xor(eax, edx);
        a.imul(eax, eax, 16777619);
        a.inc(rsi);
        a.dec(ecx);
        a.jnz(loop);
    }

    private static void MakeList(Assembler a)
    {
        Label loop = a.CreateLabel();
        a.mov(rsi, DataAddress + 0x1000);
        a.mov(ecx, 500);
        a.Label(ref loop);
        a.lea(rdx, __qword_ptr[rsi + 64]);
        a.mov(__qword_ptr[rsi], rdx);
        a.mov(__dword_ptr[rsi + 8], ecx);
        a.mov(rsi, rdx);
        a.sub(ecx, 1);
        a.jnz(loop);
        a.mov(__qword_ptr[rsi], 0);
        a.mov(__dword_ptr[rsi + 8], 0);
    }

    private static void WalkList(Assembler a)
    {
        Label loop = a.CreateLabel();
        a.mov(rsi, DataAddress + 0x1000);
        a.xor(eax, eax);
        a.Label(ref loop);
        a.add(eax, __dword_ptr[rsi + 8]);
        a.mov(rsi, __qword_ptr[rsi]);
        a.test(rsi, rsi);
        a.jnz(loop);
    }

    private static void FillDescending(Assembler a)
    {
        Label loop = a.CreateLabel();
        a.mov(rdi, DataAddress + 0x20000);
        a.mov(ecx, 40);
        a.Label(ref loop);
        a.mov(__dword_ptr[rdi + rcx * 4], ecx);
        a.neg(__dword_ptr[rdi + rcx * 4]);
        a.dec(rcx);
        a.jns(loop);
    }

    private static void Sort(Assembler a)
    {
        Label outer = a.CreateLabel(), inner = a.CreateLabel(), keep = a.CreateLabel();
        a.mov(r8d, 40);
        a.Label(ref outer);
        a.xor(ecx, ecx);
        a.Label(ref inner);
        a.mov(eax, __dword_ptr[rdi + rcx * 4]);
        a.mov(edx, __dword_ptr[rdi + rcx * 4 + 4]);
        a.cmp(eax, edx);
        a.jle(keep);
        a.mov(__dword_ptr[rdi + rcx * 4], edx);
        a.mov(__dword_ptr[rdi + rcx * 4 + 4], eax);
        a.Label(ref keep);
        a.inc(rcx);
        a.cmp(rcx, 40);
        a.jl(inner);
        a.dec(r8d);
        a.jnz(outer);
    }

    private static void CopyBytes(Assembler a)
    {
        Label loop = a.CreateLabel(), end = a.CreateLabel();
        a.mov(rsi, DataAddress);
        a.mov(rdi, DataAddress + 0x30000);
        a.mov(ecx, 1000);
        a.Label(ref loop);
        a.mov(al, __byte_ptr[rsi + rcx]);
        a.mov(__byte_ptr[rdi + rcx], al);
        a.cmp(al, 0xFF);
        a.je(end);
        a.add(rcx, -1);
        a.jne(loop);
        a.Label(ref end);
    }
}
