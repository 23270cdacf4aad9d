using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Cli.Tests.Boot;

/// <summary>A kernel that goes to real mode, runs one short piece of 16-bit code after another and prints what each left in the registers.</summary>
internal static partial class RealModeKernel
{
    private const uint Entry = 0x1000, Body = 0x1100, GdtAt = 0x18_3000, GdtOperand = 0x18_3100, Data = 0x600, Other = 0x620, Slot = 0x640;
    private const uint Arithmetic = 0x8D5, NoFlags = 0, CarryOnly = 1, WithoutAdjust = 0x8C5;

    private static readonly (uint Flags, Action<Assembler> Code)[] s_pieces =
    [
        (Arithmetic, a => a.add(ax, bx)),
        (Arithmetic, a => a.adc(eax, ebx)),
        (Arithmetic, a => a.sbb(ah, bl)),
        (Arithmetic, a => a.cmp(eax, ebx)),
        (WithoutAdjust & ~0x800u, a => a.shld(eax, edx, 8)),
        (WithoutAdjust & ~0x800u, a => a.sar(ax, 5)),
        (CarryOnly, a => a.rcl(ecx, 4)),
        (CarryOnly, a => a.rcr(dx, 9)),
        (0x801, a => a.mul(bx)),
        (0x801, a => a.imul(eax, ebx, 0x55)),
        (NoFlags, a => { a.mov(dx, 1); a.div(bx); }),
        (NoFlags, a => { a.cdq(); a.idiv(ebx); }),
        (Arithmetic & ~0x800u, a => { a.mov(al, 0x9A); a.add(al, 0x19); a.daa(); }),
        (Arithmetic & ~0x800u, a => { a.mov(al, 0x32); a.sub(al, 0x19); a.das(); }),
        (0x11, a => { a.mov(al, 0x3B); a.aaa(); }),
        (0x11, a => { a.mov(al, 0x3B); a.aas(); }),
        (0xC4, a => a.aam(10)),
        (0xC4, a => a.aad(7)),
        (NoFlags, a => { a.cbw(); a.cwde(); a.cwd(); }),
        (0x40, a => { a.bsf(eax, ebx); a.bsr(cx, bx); }),
        (CarryOnly, a => a.btc(eax, ecx)),
        (NoFlags, a => { a.bswap(eax); a.movsx(ecx, bx); a.movzx(dx, bl); }),
        (NoFlags, a => { a.stc(); a.salc(); a.lahf(); }),
        (Arithmetic, a => { a.mov(ah, 0xD7); a.sahf(); }),
        (NoFlags, a => { a.mov(bx, (ushort)Data); a.mov(al, 3); a.xlatb(); }),
        (NoFlags, a => Loop(a, 5, (x, l) => x.loop(l))),
        (NoFlags, a => Loop(a, 0x1_0002, (x, l) => x.loop(l))),
        (NoFlags, a => { a.push(eax); a.push(bx); a.pop(ebx); a.pop(ax); }),
        (NoFlags, a => { a.pusha(); a.mov(ax, 1); a.popa(); a.pushad(); a.mov(eax, 1); a.popad(); }),
        (NoFlags, a => { a.push(cs); a.pop(ax); a.push(-5); a.pop(cx); a.push(0x1234); a.pop(dx); }),
        (NoFlags, a => { a.enter(8, 3); a.mov(ax, bp); a.sub(ax, sp); a.leave(); }),
        (NoFlags, a => { a.push(0x7CD7); a.popf(); a.pushf(); a.pop(ax); a.push(2); a.popf(); }),
        (NoFlags, a => { a.smsw(ax); a.and(ax, 1); a.mov(ecx, cr0); a.and(ecx, 1); }),
        (NoFlags, a => Move(a, x => { x.mov(cx, 8); x.rep.movsb(); })),
        (NoFlags, a => Move(a, x => { x.std(); x.mov(cx, 2); x.rep.movsd(); x.cld(); })),
        (NoFlags, a => Move(a, x => { x.mov(cx, 3); x.rep.stosw(); })),
        (0x45, a => Move(a, x => { x.mov(cx, 8); x.mov(al, 3); x.repne.scasb(); })),
        (0x45, a => Move(a, x => { x.mov(cx, 8); x.repe.cmpsb(); })),
        (NoFlags, a => { a.lds(bx, __dword_ptr[Data]); a.mov(ax, ds); a.xor(cx, cx); a.mov(ds, cx); }),
        (NoFlags, a => { a.les(ebx, __fword_ptr[Data]); a.mov(ax, es); a.xor(cx, cx); a.mov(es, cx); }),
        (NoFlags, a => { a.lea(ax, __[bx + si + 5]); a.lea(ecx, __[ebx + esi * 4 + 5]); a.lea(dx, __[bp + di - 1]); }),
        (NoFlags, a => { a.mov(ebx, 0x1_2000); a.mov(__dword_ptr.gs[ebx], 0x600D_F00D); a.mov(eax, __dword_ptr.gs[ebx]); }),
        (NoFlags, a => { a.fninit(); a.fld1(); a.fldpi(); a.faddp(st1, st0); a.fistp(__dword_ptr[Slot]); a.mov(eax, __dword_ptr[Slot]); }),
        (Arithmetic, a => { a.xadd(eax, ebx); a.cmpxchg(ecx, edx); }),
        (NoFlags, a => { a.mov(dx, 0xE0); a.@out(dx, eax); a.xor(eax, eax); a.@in(ax, dx); }),
    ];

    /// <summary>Number of pieces: lines that the kernel prints.</summary>
    public static int Count => s_pieces.Length + s_transfers.Length;

    /// <summary>The kernel's file.</summary>
    public static byte[] Build()
    {
        byte[] body = Pieces();
        byte[] entry = ToRealMode();
        Assembler c = new(32);
        Label image = c.CreateLabel();
        c.cld();
        c.mov(esp, 0x18_0000);
        c.call(image); // pushes the address of what follows it
        c.db(entry);
        c.db(new byte[(int)(Body - Entry) - entry.Length]);
        c.db(body);
        c.Label(ref image);
        c.pop(esi);
        c.mov(edi, Entry);
        c.mov(ecx, (uint)body.Length + Body - Entry);
        c.rep.movsb();
        ulong[] descriptors = [0, 0x000F_9B00_0000_FFFF, 0x008F_9300_0000_FFFF, 0x0000_9300_0000_FFFF];
        for (int n = 0; n < descriptors.Length; n++)
        {
            c.mov(__dword_ptr[GdtAt + (n * 8)], (uint)descriptors[n]);
            c.mov(__dword_ptr[GdtAt + (n * 8) + 4], (uint)(descriptors[n] >> 32));
        }

        c.mov(__word_ptr[GdtOperand], (ushort)((descriptors.Length * 8) - 1));
        c.mov(__dword_ptr[GdtOperand + 2], GdtAt);
        c.lgdt(__[GdtOperand]);
        c.db(0xEA, (byte)(Entry & 0xFF), (byte)(Entry >> 8), 0, 0, 8, 0); // far jump to 16-bit code
        return MultibootFile.Build(MultibootFormat.Elf32, Assemble(c, MultibootFile.Base + MultibootFile.HeaderLength));
    }

    // Segments with limits of 64 KiB, but for GS with 4 GiB, which stays when protection goes.
    private static byte[] ToRealMode()
    {
        Assembler r = new(16);
        r.mov(eax, 0x18);
        foreach (AssemblerRegisterSegment segment in (AssemblerRegisterSegment[])[ds, es, ss, fs])
            r.mov(segment, ax);
        r.mov(eax, 0x10);
        r.mov(gs, ax);
        r.mov(eax, cr0);
        r.and(eax, -2);
        r.mov(cr0, eax);
        r.db(0xEA, (byte)(Body & 0xFF), (byte)(Body >> 8), 0, 0);
        return Assemble(r, Entry);
    }

    private static byte[] Pieces()
    {
        Assembler r = new(16);
        Label report = r.CreateLabel(), prepare = r.CreateLabel(), digits = r.CreateLabel(), character = r.CreateLabel();
        r.xor(ax, ax);
        foreach (AssemblerRegisterSegment segment in (AssemblerRegisterSegment[])[ds, es, ss, fs])
            r.mov(segment, ax);
        r.mov(esp, 0xFF00);
        foreach ((uint flags, Action<Assembler> code) in s_pieces.Concat(s_transfers))
        {
            r.call(prepare);
            code(r);
            r.pushfd();
            r.and(__dword_ptr[esp], flags);
            r.call(report);
            r.add(sp, 4);
        }

        r.mov(eax, 0);
        r.@out(0xF4, eax);
        r.hlt();
        Label again = r.CreateLabel();
        r.Label(ref prepare);
        for (uint n = 0; n < 16; n += 4)
        {
            r.mov(__dword_ptr[Data + n], 0x0403_0201 + (n * 0x1111_1111));
            r.mov(__dword_ptr[Other + n], 0x0403_0201 + (n * 0x1111_2111));
        }

        r.mov(eax, 0x8001_7F34);
        r.mov(ebx, 0x7FFF_81CC);
        r.mov(ecx, 0x1234_5678);
        r.mov(edx, 0xEF00_BEEF);
        r.mov(esi, 0x0000_0003);
        r.mov(edi, 0x0000_FFF0);
        r.mov(ebp, 0x0000_0020);
        r.push(2);
        r.popf();
        r.ret();

        // PUSHAD's registers, the stack pointer aside, the flags behind the return address, and what string instructions moved.
        r.Label(ref report);
        r.pushad();
        r.mov(bp, sp);
        foreach (int at in (int[])[28, 24, 20, 16, 8, 4, 0, 34])
        {
            r.mov(eax, __dword_ptr[bp + at]);
            r.call(digits);
        }

        r.mov(eax, __dword_ptr[Other + 4]);
        r.call(digits);
        r.mov(al, (sbyte)'\n');
        r.call(character);
        r.popad();
        r.ret();
        r.Label(ref digits);
        r.mov(ebx, eax);
        r.mov(cx, 8);
        r.Label(ref again);
        r.rol(ebx, 4);
        r.mov(al, bl);
        r.and(al, 15);
        r.add(al, 0x90);
        r.daa();
        r.adc(al, 0x40);
        r.daa();
        r.call(character);
        r.loop(again);
        r.mov(al, (sbyte)' ');
        r.Label(ref character);
        Label wait = r.CreateLabel();
        r.push(ax);
        r.mov(dx, 0x3FD);
        r.Label(ref wait);
        r.@in(al, dx);
        r.test(al, 0x20);
        r.je(wait);
        r.pop(ax);
        r.mov(dx, 0x3F8);
        r.@out(dx, al);
        r.ret();
        return Assemble(r, Body);
    }

    private static void Loop(Assembler a, uint count, Action<Assembler, Label> branch)
    {
        Label top = a.CreateLabel();
        a.mov(ecx, count);
        a.xor(eax, eax);
        a.Label(ref top);
        a.inc(eax);
        branch(a, top);
    }

    private static void Move(Assembler a, Action<Assembler> code)
    {
        a.mov(si, (ushort)(Data + 4));
        a.mov(di, (ushort)(Other + 4));
        code(a);
    }

    private static byte[] Assemble(Assembler assembler, ulong at)
    {
        using MemoryStream stream = new();
        assembler.Assemble(new StreamCodeWriter(stream), at);
        return stream.ToArray();
    }
}
