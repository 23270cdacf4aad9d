using CoSim.Hw.Simulation;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>Endless programs of random integer instructions, loads, stores, branches, calls and stack operations within a few pages of data.</summary>
internal sealed class RandomProgram(SeededRandom random)
{
    /// <summary>Pages of data at <see cref="TestMachine.DataAddress"/>, the first and last bytes of which accesses may cross.</summary>
    public const int DataBytes = 0x4000;

    private static readonly AssemblerRegister64[] s_wide = [rax, rcx, rdx, rbx, rsi, rdi, r8, r9, r10, r11, r12];
    private static readonly AssemblerRegister32[] s_narrow = [eax, ecx, edx, ebx, esi, edi, r8d, r9d, r10d, r11d, r12d];
    private static readonly AssemblerRegister16[] s_words = [ax, cx, dx, bx, si, di, r8w, r9w, r10w, r11w, r12w];
    private static readonly AssemblerRegister8[] s_oldBytes = [al, cl, dl, bl, ah, ch, dh, bh];
    private static readonly AssemblerRegister8[] s_lowBytes = [al, cl, dl, bl, sil, dil, r8b, r9b, r10b, r11b, r12b];

    /// <summary>Assembles a loop of so many random instructions and three functions.</summary>
    public void Emit(Assembler a, int instructions)
    {
        Label again = a.CreateLabel();
        Label[] functions = [a.CreateLabel(), a.CreateLabel(), a.CreateLabel()];
        a.mov(rbp, TestMachine.DataAddress + 64);
        a.Label(ref again);
        for (int n = 0; n < instructions; n++)
            One(a, functions);
        a.jmp(again);
        foreach (ref Label function in functions.AsSpan())
        {
            a.Label(ref function);
            for (int n = 0; n < 6; n++)
                One(a, []);
            a.ret();
        }
    }

    private int Below(int bound) => (int)random.Below((ulong)bound);

    private AssemblerRegister64 Wide() => s_wide[Below(s_wide.Length)];

    private AssemblerRegister32 Narrow() => s_narrow[Below(s_narrow.Length)];

    private AssemblerRegister16 Word() => s_words[Below(s_words.Length)];

    /// <summary>One that needs no REX prefix: AH to BH are among them.</summary>
    private AssemblerRegister8 OldByte() => s_oldBytes[Below(s_oldBytes.Length)];

    private AssemblerRegister8 LowByte() => s_lowBytes[Below(s_lowBytes.Length)];

    private AssemblerMemoryOperand Memory(Assembler a)
    {
        int place = Below(DataBytes - 256);
        if (Below(3) != 0)
            return __[rbp + place];
        a.movzx(r13d, LowByte());
        return __[rbp + (r13 * 8) + Math.Min(place, DataBytes - 4096)];
    }

    private void One(Assembler a, Label[] functions)
    {
        switch (Below(functions.Length == 0 ? 21 : 24))
        {
            case 0: a.add(Wide(), Wide()); break;
            case 1: a.sub(Narrow(), Narrow()); break;
            case 2: a.adc(Narrow(), Below(0x10000)); break;
            case 3: a.sbb(Wide(), Wide()); break;
            case 4: a.xor(Word(), Word()); break;
            case 5: a.cmp(Wide(), Below(256) - 128); break;
            case 6: a.inc(Narrow()); break;
            case 7: a.dec(Wide()); break;
            case 8: a.shl(Narrow(), (byte)Below(34)); break;
            case 9: a.shr(Wide(), cl); break;
            case 10: a.ror(Narrow(), (byte)Below(33)); break;
            case 11: a.imul(Narrow(), Narrow(), Below(1000) - 500); break;
            case 12: a.mov(Wide(), Memory(a)); break;
            case 13: a.mov(Memory(a), Narrow()); break;
            case 14: a.add(Memory(a), Wide()); break;
            case 15: a.movsx(Narrow(), __word_ptr[rbp + Below(DataBytes - 256)]); break;
            case 16: a.setl(Below(2) == 0 ? OldByte() : LowByte()); break;
            case 17: a.cmovbe(Narrow(), Narrow()); break;
            case 18: a.bt(Wide(), (byte)Below(64)); break;
            case 19: a.mul(Narrow()); break;
            case 20: Skip(a); break;
            case 21:
                a.push(Wide());
                a.pop(Wide());
                break;
            case 22: a.@lock.xadd(__dword_ptr[rbp + Below(DataBytes - 256)], Narrow()); break;
            default: a.call(functions[Below(functions.Length)]); break;
        }
    }

    private void Skip(Assembler a)
    {
        Label over = a.CreateLabel();
        switch (Below(5))
        {
            case 0: a.jne(over); break;
            case 1: a.jl(over); break;
            case 2: a.jb(over); break;
            case 3: a.jo(over); break;
            default: a.jp(over); break;
        }

        a.mov(Narrow(), (uint)Below(int.MaxValue));
        a.xor(OldByte(), OldByte());
        a.add(LowByte(), LowByte());
        a.Label(ref over);
        a.nop();
    }
}
