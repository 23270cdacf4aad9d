using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <summary>Kernels that our machine and QEMU must run alike: each prints or returns what it found.</summary>
internal static class TestKernels
{
    /// <summary>Interrupt vector and handler's counter of <see cref="Interrupts"/>.</summary>
    private const uint Vector = 0x31, LegacyVector = 0x23, Counter = 0x18_1010, IdtAt = 0x18_2000, IdtOperand = 0x18_1020, Trampoline = 0x8000;
    private const uint LocalApic = 0xFEE0_0000, IoApic = 0xFEC0_0000;

    /// <summary>
    /// Prints the entry state and the boot information: EAX, CR0, flags, selectors, memory, command line, modules and their contents, and
    /// base and length of every range of the memory map that is RAM.
    /// </summary>
    public static byte[] Information(MultibootFormat format)
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        Label module = c.CreateLabel(), done = c.CreateLabel(), range = c.CreateLabel(), other = c.CreateLabel(), end = c.CreateLabel();
        c.mov(eax, __[TestKernel.EntryEax]);
        kernel.PrintHex();
        c.mov(eax, cr0);
        c.and(eax, 0x9FFF_FFFF); // whether caches are on is no part of the protocol
        kernel.PrintHex();
        c.pushfd();
        c.pop(eax);
        c.and(eax, 0x2_0200); // VM and IF
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[ebx]);
        c.and(eax, 0x4D); // what we hand over; QEMU names a boot device and a loader too
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[ebx + 4]);
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[ebx + 8]);
        kernel.PrintHex();
        c.mov(esi, __dword_ptr[ebx + 16]);
        kernel.PrintText();
        c.mov(ebp, __dword_ptr[ebx + 20]);
        c.mov(edi, __dword_ptr[ebx + 24]);
        c.Label(ref module);
        c.test(ebp, ebp);
        c.je(done);
        c.mov(eax, __dword_ptr[edi]);
        c.and(eax, 0xFFF);
        kernel.PrintHex();
        c.mov(eax, __dword_ptr[edi + 4]);
        c.sub(eax, __dword_ptr[edi]);
        kernel.PrintHex();
        c.mov(esi, __dword_ptr[edi + 8]);
        kernel.PrintText();
        c.mov(esi, __dword_ptr[edi]);
        kernel.PrintText();
        c.add(edi, 16);
        c.dec(ebp);
        c.jmp(module);
        c.Label(ref done);
        c.mov(edi, __dword_ptr[ebx + 48]);
        c.mov(ebp, __dword_ptr[ebx + 44]);
        c.add(ebp, edi);
        c.Label(ref range);
        c.cmp(edi, ebp);
        c.jae(end);
        c.cmp(__dword_ptr[edi + 20], 1);
        c.jne(other);
        foreach (int field in (int[])[8, 4, 16, 12])
        {
            c.mov(eax, __dword_ptr[edi + field]);
            kernel.PrintHex();
        }

        c.Label(ref other);
        c.add(edi, __dword_ptr[edi]);
        c.add(edi, 4);
        c.jmp(range);
        c.Label(ref end);
        c.mov(eax, 5);
        return kernel.Exit().Build(format);
    }

    /// <summary>
    /// Writes to a VGA's text screen, which it moves a row on by the CRT controller's start address, and exits with 1 when the memory keeps
    /// what it wrote and with 0 when not.
    /// </summary>
    public static byte[] Screen()
    {
        const int video = 0xB_8000, rowLength = 160, startRow = 1;
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        foreach ((int row, int column, string text) in (ReadOnlySpan<(int, int, string)>)[(0, 0, "gone"), (1, 0, "one"), (3, 2, "two three")])
        {
            for (int n = 0; n < text.Length; n++)
                c.mov(__word_ptr[video + (row * rowLength) + ((column + n) * 2)], (short)(0x0700 | text[n]));
        }

        foreach ((int register, int value) in (ReadOnlySpan<(int, int)>)[(0x0C, 0), (0x0D, startRow * rowLength / 2)])
        {
            c.mov(edx, 0x3D4);
            c.mov(eax, register);
            c.@out(dx, al);
            c.inc(edx);
            c.mov(eax, value);
            c.@out(dx, al);
        }

        c.xor(eax, eax);
        c.cmp(__byte_ptr[video + rowLength], (sbyte)'o');
        c.sete(al);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>Starts all other processors and exits with how many run, when they are as many as the configuration device says.</summary>
    public static byte[] Processors()
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        Label wait = c.CreateLabel();
        // Real mode at 8000h: LOCK INC WORD [8080h], then halt for good.
        byte[] trampoline = [0x2E, 0xF0, 0xFF, 0x06, 0x80, 0x00, 0xFA, 0xF4, 0xEB, 0xFC];
        for (int n = 0; n < trampoline.Length; n++)
            c.mov(__byte_ptr[Trampoline + n], trampoline[n]);
        c.mov(__word_ptr[Trampoline + 0x80], 1);
        c.mov(__dword_ptr[LocalApic + 0xF0], 0x1FF);
        c.mov(__dword_ptr[LocalApic + 0x310], 0);
        c.mov(__dword_ptr[LocalApic + 0x300], 0xC4500);
        c.mov(__dword_ptr[LocalApic + 0x300], 0xC4608);
        c.mov(dx, 0x510);
        c.mov(eax, 5);
        c.@out(dx, ax);
        c.inc(dx);
        c.@in(al, dx);
        c.mov(cl, al);
        c.@in(al, dx);
        c.mov(ch, al);
        c.Label(ref wait);
        c.pause();
        c.mov(ax, __word_ptr[Trampoline + 0x80]);
        c.cmp(ax, cx);
        c.jne(wait);
        c.movzx(eax, ax);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>
    /// Starts one processor and lets go of a lock for it as SeaBIOS does: free for the length of one PAUSE, then taken again. Exits when the other
    /// one has had it.
    /// </summary>
    public static byte[] Lock()
    {
        const uint count = Trampoline + 0x80, lockAt = Trampoline + 0x90;
        Assembler other = new(16);
        Label wait = other.CreateLabel();
        other.Label(ref wait);
        other.pause();
        other.@lock.bts(__word_ptr[lockAt], 0);
        other.jc(wait);
        other.inc(__word_ptr[count]);
        other.mov(__word_ptr[lockAt], 0);
        other.cli();
        other.hlt();
        using MemoryStream code = new();
        other.Assemble(new StreamCodeWriter(code), 0);
        byte[] trampoline = code.ToArray();

        TestKernel kernel = new();
        Assembler c = kernel.Code;
        Label open = c.CreateLabel(), take = c.CreateLabel();
        for (int n = 0; n < trampoline.Length; n++)
            c.mov(__byte_ptr[Trampoline + n], trampoline[n]);
        c.mov(__dword_ptr[count], 0);
        c.mov(__dword_ptr[lockAt], 1);
        c.mov(__dword_ptr[LocalApic + 0xF0], 0x1FF);
        c.mov(__dword_ptr[LocalApic + 0x310], 0);
        c.mov(__dword_ptr[LocalApic + 0x300], 0xC4500);
        c.mov(__dword_ptr[LocalApic + 0x300], 0xC4608);
        c.Label(ref open);
        c.mov(__dword_ptr[lockAt], 0);
        c.Label(ref take);
        c.pause();
        c.@lock.bts(__dword_ptr[lockAt], 0);
        c.jc(take);
        c.cmp(__dword_ptr[count], 0);
        c.je(open);
        c.mov(eax, 7);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>Takes edge and level interrupts from the test device through the IO-APIC, and one through the 8259, and exits with the count.</summary>
    public static byte[] Interrupts()
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        c.mov(al, 0xFF); // firmware may have left the timer's line open
        c.@out(0x21, al);
        c.@out(0xA1, al);
        Gate(c, Vector, () =>
        {
            c.@lock.inc(__dword_ptr[Counter]);
            c.mov(dx, 0x200F); // the level-triggered line falls in its handler
            c.mov(al, 0);
            c.@out(dx, al);
            c.mov(__dword_ptr[LocalApic + 0xB0], 0);
        });
        Gate(c, LegacyVector, () =>
        {
            c.add(__dword_ptr[Counter], 16);
            c.mov(al, 0x20);
            c.@out(0x20, al);
        });
        c.mov(__word_ptr[IdtOperand], 0x7FF);
        c.mov(__dword_ptr[IdtOperand + 2], IdtAt);
        c.lidt(__[IdtOperand]);
        c.mov(__dword_ptr[LocalApic + 0xF0], 0x1FF);
        Redirect(c, pin: 14, entry: Vector); // edge
        Redirect(c, pin: 15, entry: Vector | 0x8000); // level
        Raise(c, 14);
        Raise(c, 15);
        // 8259: vectors 20h on, only line 3 open; LINT0 takes its interrupts.
        foreach ((byte port, byte value) in ((byte, byte)[])[(0x20, 0x11), (0x21, 0x20), (0x21, 4), (0x21, 1), (0x21, 0xF7)])
        {
            c.mov(al, value);
            c.@out(port, al);
        }

        c.mov(__dword_ptr[LocalApic + 0x350], 0x700);
        Raise(c, 3);
        c.mov(eax, __[Counter]);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>Moves bytes, words and double words through the test device's register and its memory, and prints what comes back.</summary>
    public static byte[] Registers()
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        c.mov(dx, 0xE0);
        c.mov(eax, 0x1234_5678);
        c.@out(dx, eax);
        c.mov(dx, 0xE1);
        c.mov(eax, 0xAB);
        c.@out(dx, al);
        c.mov(dx, 0xE2);
        c.@in(ax, dx);
        kernel.PrintHex();
        c.mov(eax, 0xBEEF);
        c.@out(dx, ax);
        c.mov(dx, 0xE0);
        c.@in(eax, dx);
        kernel.PrintHex();
        c.mov(dx, 0xE8);
        c.mov(eax, 0x5A);
        c.@out(dx, al);
        c.xor(eax, eax);
        c.@in(al, dx);
        kernel.PrintHex();
        c.mov(dx, 0xE4); // forget a page: nothing to see
        c.mov(eax, MultibootFile.Base);
        c.@out(dx, eax);
        c.mov(__dword_ptr[0xFF00_0000], 0x600D_F00D);
        c.mov(__byte_ptr[0xFF00_FFFF], 0x77);
        c.mov(eax, __[0xFF00_0000]);
        kernel.PrintHex();
        c.movzx(eax, __byte_ptr[0xFF00_FFFF]);
        kernel.PrintHex();
        c.mov(eax, 1);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>Finds the FADT as old systems do, by the RSDP in the BIOS area and the RSDT, and switches the power off.</summary>
    public static byte[] PowerOff()
    {
        TestKernel kernel = new();
        Assembler c = kernel.Code;
        Label search = c.CreateLabel(), found = c.CreateLabel(), next = c.CreateLabel(), off = c.CreateLabel(), fail = c.CreateLabel();
        c.mov(esi, 0xE_0000);
        c.Label(ref search);
        c.cmp(__dword_ptr[esi], 0x2044_5352); // "RSD "
        c.jne(next);
        c.cmp(__dword_ptr[esi + 4], 0x2052_5450); // "PTR "
        c.je(found);
        c.Label(ref next);
        c.add(esi, 16);
        c.cmp(esi, 0x10_0000);
        c.jb(search);
        c.jmp(fail);
        c.Label(ref found);
        c.mov(esi, __dword_ptr[esi + 16]);
        c.cmp(__dword_ptr[esi], 0x5444_5352); // "RSDT"
        c.jne(fail);
        c.mov(ebp, __dword_ptr[esi + 36]); // the FADT is the first table
        c.cmp(__dword_ptr[ebp], 0x5043_4146); // "FACP"
        c.jne(fail);
        c.mov(edx, __dword_ptr[ebp + 64]); // PM1a_CNT
        c.mov(eax, (5 << 10) | (1 << 13));
        c.@out(dx, ax);
        c.Label(ref off);
        c.hlt();
        c.jmp(off);
        c.Label(ref fail);
        c.mov(eax, 9);
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    /// <summary>Executes an undefined opcode without an interrupt table: a triple fault.</summary>
    public static byte[] TripleFault()
    {
        TestKernel kernel = new();
        kernel.Code.ud2();
        return kernel.Exit().Build(MultibootFormat.Elf32);
    }

    private static void Gate(Assembler c, uint vector, Action handler)
    {
        Label past = c.CreateLabel();
        c.call(past); // pushes the handler's address
        c.pushad();
        handler();
        c.popad();
        c.iretd();
        c.Label(ref past);
        c.pop(eax);
        c.mov(__word_ptr[IdtAt + (vector * 8)], ax);
        c.mov(__word_ptr[IdtAt + (vector * 8) + 2], cs);
        c.mov(__word_ptr[IdtAt + (vector * 8) + 4], 0x8E00);
        c.shr(eax, 16);
        c.mov(__word_ptr[IdtAt + (vector * 8) + 6], ax);
    }

    private static void Redirect(Assembler c, uint pin, uint entry)
    {
        c.mov(__dword_ptr[IoApic], 0x11 + (pin * 2));
        c.mov(__dword_ptr[IoApic + 0x10], 0);
        c.mov(__dword_ptr[IoApic], 0x10 + (pin * 2));
        c.mov(__dword_ptr[IoApic + 0x10], entry);
    }

    /// <summary>Raises a line of the test device with interrupts on, and lowers it again.</summary>
    private static void Raise(Assembler c, uint line)
    {
        Label wait = c.CreateLabel();
        c.sti();
        c.mov(dx, (ushort)(0x2000 + line));
        c.mov(al, 1);
        c.@out(dx, al);
        // An emulator looks for interrupts only now and then.
        c.mov(ecx, 1000);
        c.Label(ref wait);
        c.dec(ecx);
        c.jne(wait);
        c.mov(al, 0);
        c.@out(dx, al);
        c.cli();
    }
}
