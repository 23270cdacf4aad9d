using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <summary>
/// A kernel that resets its processor in one way after another. Each time the shutdown status in the CMOS sends it to a piece of real-mode
/// code, which counts and jumps to FFFF:0; the kernel must be started again from there, with its data as they were at first.
/// </summary>
internal static class ResettingKernel
{
    private const uint Round = 0x2000, Resumed = 0x2008, ResumeAt = 0x1000, ResumePointer = 0x467, CommandRegister = 0xFEE0_0300;

    /// <summary>In how many ways the processor is reset.</summary>
    public const int Ways = 5;

    /// <summary>Prints, in each round, a number of its own data that it has incremented, the round, and how often the real-mode code has run.</summary>
    public static byte[] Build()
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        Label start = c.CreateLabel(), halt = c.CreateLabel();
        Action[] ways = [() => Port92(c), () => ControllerPulse(c), () => ControllerOutput(c), () => ResetControl(c), () => InterProcessor(c)];
        c.call(start); // pushes the number's address
        c.dd(0);
        c.Label(ref start);
        c.pop(ebp);
        c.inc(__dword_ptr[ebp]);
        c.mov(eax, __dword_ptr[ebp]);
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[Round]);
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[Resumed]);
        kernel.PrintHex();

        // inc byte cs:[Resumed]; CMOS 0Fh = 0; jmp FFFF:0
        byte[] resume = [0x2E, 0xFE, 0x06, 0x08, 0x20, 0xB0, 0x0F, 0xE6, 0x70, 0x30, 0xC0, 0xE6, 0x71, 0xEA, 0, 0, 0xFF, 0xFF];
        for (int n = 0; n < resume.Length; n++)
            c.mov(__byte_ptr[ResumeAt + n], resume[n]);
        c.mov(__dword_ptr[ResumePointer], ResumeAt);
        c.mov(al, 0x0F);
        c.@out(0x70, al);
        c.mov(al, 0x0A);
        c.@out(0x71, al);

        c.mov(ebp, __dword_ptr[Round]);
        c.inc(__dword_ptr[Round]);
        for (int n = 0; n < ways.Length; n++)
        {
            Label next = c.CreateLabel();
            c.cmp(ebp, n);
            c.jne(next);
            ways[n]();
            c.jmp(halt);
            c.Label(ref next);
        }

        c.mov(eax, ebp);
        kernel.Exit();
        c.Label(ref halt);
        c.hlt();
        c.jmp(halt);
        return kernel.Build(MultibootFormat.Elf32);
    }

    private static void Port92(Assembler c)
    {
        c.@in(al, 0x92);
        c.and(al, 0xFE - 0x100);
        c.@out(0x92, al);
        c.or(al, 1);
        c.@out(0x92, al);
    }

    private static void ControllerPulse(Assembler c)
    {
        c.mov(al, 0xFE - 0x100);
        c.@out(0x64, al);
    }

    private static void ControllerOutput(Assembler c)
    {
        c.mov(al, 0xD0 - 0x100);
        c.@out(0x64, al);
        c.@in(al, 0x60);
        c.mov(ecx, eax);
        c.mov(al, 0xD1 - 0x100);
        c.@out(0x64, al);
        c.mov(eax, ecx);
        c.and(al, 0xFE - 0x100);
        c.@out(0x60, al);
    }

    private static void ResetControl(Assembler c)
    {
        c.mov(edx, 0xCF9);
        c.xor(eax, eax);
        c.@out(dx, al);
        c.mov(al, 4);
        c.@out(dx, al);
    }

    /// <summary>INIT to the processor itself, by its APIC ID 0.</summary>
    private static void InterProcessor(Assembler c)
    {
        c.mov(__dword_ptr[CommandRegister + 0x10], 0);
        c.mov(__dword_ptr[CommandRegister], 0x4500);
    }
}
