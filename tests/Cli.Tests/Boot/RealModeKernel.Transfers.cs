using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <content>Interrupts, faults, far transfers, the stack, and addresses at the edges of what 16 bits mean.</content>
internal static partial class RealModeKernel
{
    private const byte DivideError = 0, Debug = 1, Breakpoint = 3, Overflow = 4, BoundRange = 5, InvalidOpcode = 6, Software = 0x60;
    private const uint Vectors = 0x650;

    private static readonly (uint Flags, Action<Assembler> Code)[] s_transfers =
    [
        (NoFlags, a => { Handle(a, Software, h => h.mov(bx, 0x1234)); a.@int(Software); }),
        (CarryOnly, a => { Handle(a, Software, h => { h.mov(bp, sp); h.or(__word_ptr[bp + 4], 1); }); a.@int(Software); a.mov(bp, 0); }),
        (NoFlags, a => { Handle(a, Breakpoint, h => h.inc(edx)); a.int3(); }),
        (NoFlags, a => { Handle(a, Overflow, h => h.inc(edx)); a.mov(al, 0x7F); a.add(al, 1); a.into(); a.add(al, 1); a.into(); }),
        (NoFlags, a => { Handle(a, DivideError, h => Skip(h, 2)); a.xor(bx, bx); a.div(bx); }),
        (NoFlags, a => { Handle(a, DivideError, h => Skip(h, 3)); a.mov(edx, 0x7FFF_FFFF); a.mov(ebx, 1); a.idiv(ebx); }),
        (NoFlags, a => { Handle(a, InvalidOpcode, h => Skip(h, 2)); a.ud2(); }),
        (NoFlags, a => { Handle(a, InvalidOpcode, h => Skip(h, 3)); a.sldt(ax); }),
        (NoFlags, a =>
        {
            Handle(a, BoundRange, h => Skip(h, 4));
            a.mov(__dword_ptr[Slot], 0x0009_0003);
            a.mov(ax, 9);
            a.bound(ax, __word_ptr[Slot]);
            a.mov(ax, 10);
            a.bound(ax, __word_ptr[Slot]);
        }),
        (NoFlags, a =>
        {
            Handle(a, Debug, ThreeSteps);
            a.xor(ecx, ecx);
            a.push(0x102);
            a.popf();
            for (int n = 0; n < 5; n++)
                a.inc(eax);
            a.mov(bp, 0);
        }),
        (NoFlags, a => { Label f = a.CreateLabel(), e = a.CreateLabel(); a.sub(sp, 10); a.jmp(e); a.Label(ref f); a.ret(10); a.Label(ref e); a.call(f); a.mov(ax, sp); }),
        (NoFlags, a => { Label f = a.CreateLabel(), e = a.CreateLabel(); a.sub(sp, 10); a.jmp(e); a.Label(ref f); a.retf(10); a.Label(ref e); a.push(cs); a.call(f); a.mov(ax, sp); }),
        (NoFlags, a => Back(a, x => { x.push(cs); x.push(dx); x.retf(); })),
        (CarryOnly, a => Back(a, x => { x.pushfd(); x.or(__word_ptr[esp], 1); x.push(0); x.push(cs); x.push(0); x.push(dx); x.iretd(); })),
        (NoFlags, a => Back(a, x => { x.mov(__word_ptr[Slot], dx); x.mov(__word_ptr[Slot + 2], cs); x.db(0xFF, 0x2E, (byte)(Slot & 0xFF), (byte)(Slot >> 8)); })),
        (NoFlags, a => { a.xor(esp, 0x1234_0000); a.push(ax); a.xor(esp, 0x1234_0000); a.pop(bx); }),
        (NoFlags, a => { a.push(fs); a.mov(__dword_ptr[Slot], 0x0055_1234); a.lfs(bx, __dword_ptr[Slot]); a.mov(ax, fs); a.pop(fs); }),
        (NoFlags, a => { a.mov(cx, ss); a.mov(__dword_ptr[Slot], 0xFF00); a.mov(__word_ptr[Slot + 4], cx); a.mov(ebx, esp); a.lss(esp, __fword_ptr[Slot]); a.mov(eax, esp); a.mov(esp, ebx); }),
        (NoFlags, a => { a.mov(ax, 0x62); a.push(es); a.mov(es, ax); a.mov(al, __byte_ptr.es[5]); a.mov(bx, 2); a.xor(ah, ah); a.pop(es); }),
        (NoFlags, a => { a.mov(bx, 0xFFF0); a.mov(ax, __word_ptr[bx + 0x630]); }),
        (NoFlags, a => { a.mov(eax, 0x1234_5678); a.push(ax); a.mov(ebp, esp); a.mov(bx, __word_ptr[bp]); a.mov(cx, __word_ptr[ebp]); a.pop(ax); a.mov(ebp, 0); }),
        (NoFlags, a => Move(a, x => { x.xor(cx, cx); x.rep.movsb(); })),
        (NoFlags, a => Move(a, x => { x.mov(ecx, 0x1_0003); x.rep.movsb(); })),
        (NoFlags, a => Move(a, x => { x.mov(cx, (ushort)0xFFE4); x.bts(__word_ptr[Other + 8], cx); })),
        (0x40, a => { a.mov(eax, __dword_ptr[Other + 4]); a.mov(edx, __dword_ptr[Other + 8]); a.cmpxchg8b(__qword_ptr[Other + 4]); }),
        (0x40, a => a.cmpxchg8b(__qword_ptr[Other + 4])),
        (NoFlags, a => Loop(a, 9, (x, l) => { x.cmp(al, 4); x.loopne(l); })),
        (NoFlags, a => Loop(a, 9, (x, l) => { x.cmp(al, al); x.loope(l); })),
        (NoFlags, a => { Label l = a.CreateLabel(); a.mov(ecx, 0x1_0000); a.jcxz(l); a.inc(eax); a.Label(ref l); }),
        (NoFlags, a => { Label l = a.CreateLabel(); a.mov(ecx, 0x1_0000); a.jecxz(l); a.inc(eax); a.Label(ref l); }),
        (NoFlags, a => { a.sidt(__[Slot]); a.mov(eax, __dword_ptr[Slot]); a.sgdt(__[Slot]); a.mov(bx, __word_ptr[Slot]); }),
        (NoFlags, a => { a.fninit(); a.fldpi(); a.fnstcw(__word_ptr[Slot]); a.mov(ax, __word_ptr[Slot]); a.fnstsw(__word_ptr[Slot]); a.mov(bx, __word_ptr[Slot]); a.fninit(); }),
        (Arithmetic & ~0x810u, a => { a.mov(cl, 4); a.shrd(ax, bx, cl); a.shld(ebx, edx, cl); }),
        (CarryOnly, a => { a.imul(cx, bx, -3); a.imul(edx, ebx); }),
        (NoFlags, a => { a.bsf(ax, cx); a.mov(dx, __word_ptr[Data + 2]); a.xchg(__word_ptr[Other + 4], dx); a.xchg(ah, al); }),
    ];

    /// <summary>Installs an interrupt handler: its code and an IRET. The table of the 8086 is at 0, where real-mode programs look for it.</summary>
    private static void Handle(Assembler a, byte vector, Action<Assembler> code)
    {
        Label install = a.CreateLabel();
        a.call(install); // pushes the handler's address
        code(a);
        a.iret();
        a.Label(ref install);
        a.pop(__word_ptr[vector * 4]);
        a.mov(__word_ptr[(vector * 4) + 2], 0);
        a.mov(__word_ptr[Vectors], 0x3FF);
        a.mov(__dword_ptr[Vectors + 2], 0);
        a.lidt(__[Vectors]);
    }

    /// <summary>A fault handler's return: behind the instruction of a known length.</summary>
    private static void Skip(Assembler a, int length)
    {
        a.mov(bp, sp);
        a.add(__word_ptr[bp], length);
        a.mov(bp, 0);
        a.inc(ecx);
    }

    /// <summary>Ends single stepping with the third step.</summary>
    private static void ThreeSteps(Assembler a)
    {
        Label more = a.CreateLabel();
        a.mov(bp, sp);
        a.inc(ecx);
        a.cmp(ecx, 3);
        a.jb(more);
        a.and(__word_ptr[bp + 4], 0xFEFF);
        a.Label(ref more);
    }

    /// <summary>Runs code that has an address in DX and must go there by a far transfer.</summary>
    private static void Back(Assembler a, Action<Assembler> transfer)
    {
        Label begin = a.CreateLabel(), end = a.CreateLabel();
        a.call(begin); // pushes the address of what follows it
        a.inc(ebx);
        a.jmp(end);
        a.Label(ref begin);
        a.pop(dx);
        transfer(a);
        a.Label(ref end);
    }
}
