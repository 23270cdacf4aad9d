using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.OutOfOrder.Tests;

/// <summary>
/// Random programs that end: nested counted loops over arithmetic, memory accesses of all sizes that overlap each other,
/// data-dependent forward branches, calls and indirect jumps. RBX is the data, R14 and R15 count, RSP is the stack.
/// </summary>
internal sealed class RandomProgram(int seed)
{
    private static readonly AssemblerRegister64[] s_wide = [rax, rcx, rdx, rsi, rdi, rbp, r8, r9, r10, r11, r12, r13];
    private static readonly AssemblerRegister32[] s_middle = [eax, ecx, edx, esi, edi, ebp, r8d, r9d, r10d, r11d, r12d, r13d];
    private static readonly AssemblerRegister16[] s_short = [ax, cx, dx, si, di, bp, r8w, r9w, r10w, r11w, r12w, r13w];
    private static readonly AssemblerRegister8[] s_byte = [al, cl, dl, ah, ch, dh, r8b, r9b, r10b, r11b, sil, dil];

    // The host's generator is fine here: the seed is printed, and nothing of the simulator uses it.
    private readonly Random _random = new(seed);

    public void Emit(Assembler a)
    {
        a.mov(rbx, 0x90000);
        for (int i = 0; i < s_wide.Length; i++)
        {
            a.mov(s_wide[i], _random.NextInt64());
        }

        Label function = a.CreateLabel();
        Label start = a.CreateLabel();
        a.jmp(start);
        a.Label(ref function);
        Body(a, 6, function, depth: 3);
        a.ret();
        a.Label(ref start);
        a.mov(r15d, 5);
        Label outer = a.CreateLabel();
        a.Label(ref outer);
        a.mov(r14d, 12);
        Label inner = a.CreateLabel();
        a.Label(ref inner);
        Body(a, 40, function, depth: 0);
        a.dec(r14d);
        a.jne(inner);
        Body(a, 10, function, depth: 1);
        a.dec(r15d);
        a.jne(outer);
        a.hlt();
    }

    private void Body(Assembler a, int length, Label function, int depth)
    {
        for (int i = 0; i < length; i++)
        {
            Instruction(a, function, depth);
        }
    }

    private void Instruction(Assembler a, Label function, int depth)
    {
        switch (_random.Next(32))
        {
            case 0 or 1:
                a.add(Wide(), Wide());
                break;
            case 2:
                a.sub(Middle(), Middle());
                break;
            case 3:
                a.adc(Wide(), Wide());
                break;
            case 4:
                a.xor(Byte(), Byte8());
                break;
            case 5:
                a.and(Short(), Short());
                break;
            case 6:
                a.inc(Middle());
                break;
            case 7:
                a.neg(Wide());
                break;
            case 8:
                a.lea(Wide(), __[Wide() + Wide() * 4 + 13]);
                break;
            case 9:
                a.mov(Wide(), Wide());
                break;
            case 10:
                a.mov(Middle(), Middle());
                break;
            case 11 or 12:
                Load(a);
                break;
            case 13 or 14 or 15:
                Store(a);
                break;
            case 16:
                a.add(__qword_ptr[rbx + Offset()], Wide());
                break;
            case 17:
                a.sbb(Wide(), __qword_ptr[rbx + Offset()]);
                break;
            case 18:
                a.cmove(Wide(), Wide());
                a.setb(Byte8());
                break;
            case 19:
                a.movzx(Middle(), __byte_ptr[rbx + Offset()]);
                a.movsx(Wide(), __word_ptr[rbx + Offset()]);
                break;
            case 20 or 21 when depth < 3:
                ForwardBranch(a, function, depth);
                break;
            case 22:
                a.push(Wide());
                a.push(Wide());
                a.pop(Wide());
                a.pop(Wide());
                break;
            case 23 when depth == 0:
                a.call(function);
                break;
            case 24:
                IndexedAccess(a);
                break;
            case 26:
                Shift(a);
                break;
            case 27:
                Multiply(a);
                break;
            case 28:
                Bits(a);
                break;
            case 29:
                Divide(a);
                break;
            case 30:
                Vector(a);
                break;
            case 31 when _random.Next(3) == 0:
                System(a);
                break;
            case 25 when _random.Next(4) == 0:
                a.xchg(__qword_ptr[rbx + Offset()], Wide());
                break;
            default:
                a.xor(Middle(), Middle());
                break;
        }
    }

    private void Shift(Assembler a)
    {
        switch (_random.Next(7))
        {
            case 0:
                a.shl(Wide(), (byte)_random.Next(64));
                break;
            case 1:
                a.shr(Middle(), cl);
                break;
            case 2:
                a.sar(Wide(), cl);
                break;
            case 3:
                a.rol(Short(), cl);
                break;
            case 4:
                a.shrd(Wide(), Wide(), cl);
                break;
            case 5:
                a.rcl(Byte8(), cl);
                break;
            default:
                a.ror(Middle(), (byte)_random.Next(32));
                break;
        }
    }

    private void Multiply(Assembler a)
    {
        switch (_random.Next(4))
        {
            case 0:
                a.imul(Wide(), Wide());
                break;
            case 1:
                a.mul(Wide());
                break;
            case 2:
                a.imul(Middle(), Middle(), 12345);
                break;
            default:
                a.mul(__qword_ptr[rbx + Offset()]);
                break;
        }
    }

    private void Bits(Assembler a)
    {
        switch (_random.Next(7))
        {
            case 0:
                a.bt(Wide(), Wide());
                break;
            case 1:
                a.bsf(Wide(), Wide());
                break;
            case 2:
                a.popcnt(Wide(), Wide());
                break;
            case 3:
                a.bts(Middle(), (byte)_random.Next(32));
                break;
            case 4:
                a.@lock.xadd(__dword_ptr[rbx + Offset()], Middle());
                break;
            case 5:
                a.cmpxchg(__qword_ptr[rbx + Offset()], Wide());
                break;
            default:
                a.bswap(Wide());
                break;
        }
    }

    private void Divide(Assembler a)
    {
        a.xor(edx, edx);
        a.or(ecx, 1);
        a.div(ecx);
    }

    private void Vector(Assembler a)
    {
        AssemblerRegisterXMM[] registers = [xmm0, xmm1, xmm2, xmm3];
        AssemblerRegisterXMM Any() => registers[_random.Next(registers.Length)];
        switch (_random.Next(10))
        {
            case 0:
                a.movdqu(Any(), __xmmword_ptr[rbx + Offset()]);
                break;
            case 1:
                a.movdqu(__xmmword_ptr[rbx + Offset()], Any());
                break;
            case 2:
                a.paddd(Any(), Any());
                break;
            case 3:
                a.pxor(Any(), __xmmword_ptr[rbx + (Offset() & ~15)]);
                break;
            case 4:
                a.movq(Any(), Wide());
                break;
            case 5:
                a.movq(Wide(), Any());
                break;
            case 6:
                a.movq(__qword_ptr[rbx + Offset()], Any());
                break;
            case 7:
                a.movd(__dword_ptr[rbx + Offset()], Any());
                a.movq(Any(), __qword_ptr[rbx + Offset()]);
                break;
            case 8:
                a.movhps(Any(), __qword_ptr[rbx + Offset()]);
                break;
            default:
                a.cvtsi2sd(Any(), Wide());
                a.mulsd(Any(), Any());
                break;
        }
    }

    /// <summary>Microcoded and serialising instructions, and string copies.</summary>
    private void System(Assembler a)
    {
        switch (_random.Next(6))
        {
            case 0:
                a.mfence();
                break;
            case 1:
                a.lfence();
                break;
            case 2:
                a.pushfq();
                a.popfq();
                break;
            case 3:
                a.lea(rsi, __[rbx + 16]);
                a.lea(rdi, __[rbx + 21]);
                a.mov(ecx, _random.Next(20));
                a.rep.movsb();
                break;
            case 4:
                a.xor(ecx, ecx);
                a.mov(eax, 1);
                a.cpuid();
                break;
            default:
                a.lea(rdi, __[rbx + Offset()]);
                a.stosq();
                break;
        }
    }

    private void Load(Assembler a)
    {
        switch (_random.Next(4))
        {
            case 0:
                a.mov(Wide(), __qword_ptr[rbx + Offset()]);
                break;
            case 1:
                a.mov(Middle(), __dword_ptr[rbx + Offset()]);
                break;
            case 2:
                a.mov(Short(), __word_ptr[rbx + Offset()]);
                break;
            default:
                a.mov(Byte8(), __byte_ptr[rbx + Offset()]);
                break;
        }
    }

    private void Store(Assembler a)
    {
        switch (_random.Next(5))
        {
            case 0:
                a.mov(__qword_ptr[rbx + Offset()], Wide());
                break;
            case 1:
                a.mov(__dword_ptr[rbx + Offset()], Middle());
                break;
            case 2:
                a.mov(__word_ptr[rbx + Offset()], Short());
                break;
            case 3:
                a.mov(__dword_ptr[rbx + Offset()], _random.Next());
                break;
            default:
                a.mov(__byte_ptr[rbx + Offset()], Byte8());
                break;
        }
    }

    /// <summary>An address that depends on data, so that loads pass stores whose address is not known.</summary>
    private void IndexedAccess(Assembler a)
    {
        AssemblerRegister64 index = Wide();
        a.and(index, 0x78);
        if (_random.Next(2) == 0)
        {
            a.mov(__qword_ptr[rbx + index], Wide());
        }
        else
        {
            a.mov(Wide(), __qword_ptr[rbx + index]);
        }
    }

    private void ForwardBranch(Assembler a, Label function, int depth)
    {
        Label over = a.CreateLabel();
        a.test(Byte8(), (sbyte)(1 << _random.Next(7)));
        switch (_random.Next(4))
        {
            case 0:
                a.je(over);
                break;
            case 1:
                a.jne(over);
                break;
            case 2:
                a.js(over);
                break;
            default:
                // An indirect jump to one of two places, chosen by data.
                Label other = a.CreateLabel();
                a.lea(rsi, __[over]);
                a.lea(rdi, __[other]);
                a.cmove(rsi, rdi);
                a.jmp(rsi);
                a.Label(ref other);
                break;
        }

        Body(a, 1 + _random.Next(6), function, depth + 1);
        a.Label(ref over);
        a.nop();
    }

    /// <summary>Mostly few bytes, so that accesses overlap; sometimes across a line or a page.</summary>
    private int Offset() => _random.Next(20) switch
    {
        0 => 0xFF8 + _random.Next(16),
        1 => 0x38 + _random.Next(16),
        2 => 0x1000 + _random.Next(64),
        _ => _random.Next(48),
    };

    private AssemblerRegister64 Wide() => s_wide[_random.Next(s_wide.Length)];

    private AssemblerRegister32 Middle() => s_middle[_random.Next(s_middle.Length)];

    private AssemblerRegister16 Short() => s_short[_random.Next(s_short.Length)];

    /// <summary>Any byte register but those that need a REX prefix, which the high ones cannot have.</summary>
    private AssemblerRegister8 Byte() => s_byte[_random.Next(6)];

    private AssemblerRegister8 Byte8() => s_byte[_random.Next(6)];
}
