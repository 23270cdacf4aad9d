using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>
/// Random programs of x87 and MMX instructions, on registers and in memory, with branches that depend on their results; the stack
/// overflows and underflows now and then, and some exceptions are not masked for a while and then cleared. RBX is the data, R15 counts.
/// </summary>
internal sealed class StackProgram(int seed)
{
    private static readonly AssemblerRegisterST[] s_stack = [st0, st1, st2, st3, st4, st5, st6, st7];
    private static readonly AssemblerRegisterMM[] s_mmx = [mm0, mm1, mm2, mm3, mm4, mm5, mm6, mm7];

    // The host's generator is fine here: the seed is printed, and nothing of the simulator uses it.
    private readonly Random _random = new(seed);

    public void Emit(Assembler a)
    {
        a.mov(rbx, 0x90000);
        a.fninit();
        a.mov(rax, _random.NextInt64());
        for (int i = 0; i < 16; i++)
        {
            a.mov(rcx, BitConverter.DoubleToInt64Bits((_random.NextDouble() - 0.5) * 1000));
            a.mov(__qword_ptr[rbx + (i * 8)], rcx);
        }

        a.mov(r15d, 12);
        Label loop = a.CreateLabel();
        a.Label(ref loop);
        for (int i = 0; i < 150; i++)
            Instruction(a);
        a.dec(r15d);
        a.jnz(loop);
        a.hlt();
    }

    private void Instruction(Assembler a)
    {
        switch (_random.Next(34))
        {
            case 0 or 1 or 2:
                a.fld(__qword_ptr[rbx + Offset()]);
                break;
            case 3:
                a.fld(__dword_ptr[rbx + Offset()]);
                break;
            case 4:
                a.fld(Stack());
                break;
            case 5:
                a.fild(__dword_ptr[rbx + Offset()]);
                break;
            case 6 or 7:
                a.fstp(__qword_ptr[rbx + Offset()]);
                break;
            case 8:
                a.fst(__dword_ptr[rbx + Offset()]);
                break;
            case 9:
                a.fistp(__qword_ptr[rbx + Offset()]);
                break;
            case 10:
                a.fstp(Stack());
                break;
            case 11 or 12:
                a.fadd(st0, Stack());
                break;
            case 13:
                a.fmul(Stack(), st0);
                break;
            case 14:
                a.fsubp(Stack(), st0);
                break;
            case 15:
                a.fdiv(__qword_ptr[rbx + Offset()]);
                break;
            case 16 or 17:
                a.fxch(st0, Stack());
                break;
            case 18:
                a.fchs();
                a.fsqrt();
                break;
            case 19:
                a.fcompp();
                a.fnstsw(ax);
                break;
            case 20 or 21:
                Branch(a);
                break;
            case 22:
                a.fcmovb(st0, Stack());
                break;
            case 23:
                a.ffree(Stack());
                a.fincstp();
                break;
            case 24:
                a.fldpi();
                a.fxam();
                break;
            case 25:
                a.fstp(__tbyte_ptr[rbx + Offset()]);
                a.fld(__tbyte_ptr[rbx + Offset()]);
                break;
            case 26:
                a.paddw(Mmx(), Mmx());
                a.pmaddwd(Mmx(), __qword_ptr[rbx + Offset()]);
                break;
            case 27:
                a.movq(Mmx(), __qword_ptr[rbx + Offset()]);
                a.pxor(Mmx(), Mmx());
                break;
            case 28:
                a.movd(ecx, Mmx());
                a.movd(Mmx(), eax);
                break;
            case 29:
                a.movq(__qword_ptr[rbx + Offset()], Mmx());
                break;
            case 30:
                a.cvtpi2ps(xmm1, Mmx());
                a.cvtps2pi(Mmx(), xmm1);
                a.movq2dq(xmm2, Mmx());
                break;
            case 31:
                a.emms();
                break;
            case 32:
                a.fninit();
                break;
            default:
                // Precision is not masked for a few instructions.
                a.fnclex();
                a.mov(__word_ptr[rbx + 0x800], 0x35F);
                a.fldcw(__word_ptr[rbx + 0x800]);
                a.fldln2();
                a.fmul(st0, st0);
                a.fnclex();
                a.mov(__word_ptr[rbx + 0x800], 0x37F);
                a.fldcw(__word_ptr[rbx + 0x800]);
                break;
        }
    }

    private void Branch(Assembler a)
    {
        Label over = a.CreateLabel();
        a.fcomi(st0, Stack());
        if (_random.Next(2) == 0)
            a.jb(over);
        else
            a.jp(over);
        a.fld1();
        a.fmul(st0, Stack());
        a.paddb(Mmx(), Mmx());
        a.Label(ref over);
        a.inc(rax);
    }

    private int Offset() => _random.Next(40) * 4;

    private AssemblerRegisterST Stack() => s_stack[_random.Next(s_stack.Length)];

    private AssemblerRegisterMM Mmx() => s_mmx[_random.Next(s_mmx.Length)];
}
