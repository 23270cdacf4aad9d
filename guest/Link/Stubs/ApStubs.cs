using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// The way of an application processor from its start-up IPI (APM vol. 2, section 16.5) to C#'s ap_main(argument).
/// <para>The code between ap_trampoline and ap_trampoline_end is position independent: the kernel copies it to a page
/// below 1 MiB, fills in the words at ap_trampoline_arguments and sends the page number as the vector. The words:
/// +0 CR3 (below 4 GiB; must map the page one to one and the kernel), +8 top of the stack, +16 the argument of ap_main,
/// +24 address of ap_main, filled in already.</para>
/// </summary>
public static class ApStubs
{
    private const int ArgumentsAt = 8, GdtAt = 48;
    private static readonly int Code32At = GdtAt + LongMode.DescriptorTableSize + 16;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Add(new Stub
        {
            Names = ["ap_trampoline", "ap_trampoline_arguments", "ap_trampoline_end"],
            Needs = ["ap_main"],
            Bits = 16,
            Emit = Trampoline,
        });
    }

    // Offsets within the page are fixed by padding, so that code of three modes can refer to them without labels.
    private static void Trampoline(StubWriter w)
    {
        int code32 = Code32At + 96, code64 = code32 + 96, end = code64 + 64;
        byte[] page = new byte[end];
        Span<byte> bytes = page;
        Put(bytes, 0, Assemble(16, c => c.db(0xEB, (byte)(Code32At - 2))));
        Put(bytes, ArgumentsAt + 24, BitConverter.GetBytes(w.Address("ap_main")));
        Put(bytes, GdtAt, Assemble(64, c => LongMode.DescriptorTable(c, 0)));
        Put(bytes, Code32At, Assemble(16, c => RealMode(c, code32)));
        Put(bytes, code32, Assemble(32, c => ProtectedMode(c, code64)));
        Put(bytes, code64, Assemble(64, LongModeEntry));
        w.Code.db(page[..ArgumentsAt]);
        w.Export("ap_trampoline_arguments");
        w.Code.db(page[ArgumentsAt..]);
        w.Export("ap_trampoline_end");
        w.Code.nop();
    }

    private static void Put(Span<byte> page, int at, byte[] code) => code.CopyTo(page[at..]);

    private static byte[] Assemble(int bits, Action<Assembler> body)
    {
        Assembler c = new(bits);
        body(c);
        MemoryStream bytes = new();
        c.Assemble(new StreamCodeWriter(bytes), 0);
        return bytes.ToArray();
    }

    // EBX becomes the linear address of the page; the descriptor table's pointer and both far jumps are made from it.
    private static void RealMode(Assembler c, int code32)
    {
        c.cli();
        c.mov(ax, cs);
        c.mov(ds, ax);
        c.movzx(ebx, ax);
        c.shl(ebx, 4);
        c.lea(eax, __[ebx + GdtAt]);
        c.mov(__dword_ptr[GdtAt + LongMode.DescriptorTableSize + 2], eax);
        c.AddInstruction(Instruction.Create(Iced.Intel.Code.Lgdt_m1632, new MemoryOperand(Register.None, Register.None, 1, GdtAt + LongMode.DescriptorTableSize, 2)));
        c.lea(eax, __[ebx + code32]);
        c.mov(__dword_ptr[ArgumentsAt + 32], eax);
        c.mov(__word_ptr[ArgumentsAt + 36], LongMode.KernelCode32);
        c.mov(eax, cr0);
        c.or(al, 1);
        c.mov(cr0, eax);
        c.db(0x66, 0xFF, 0x2E, (byte)(ArgumentsAt + 32), 0); // jmp far dword ptr [ArgumentsAt + 32]
    }

    private static void ProtectedMode(Assembler c, int code64)
    {
        c.mov(eax, LongMode.KernelData);
        c.mov(ds, eax);
        c.mov(es, eax);
        c.mov(ss, eax);
        LongMode.Enter(c, () => c.mov(eax, __dword_ptr[ebx + ArgumentsAt]));
        c.lea(eax, __[ebx + code64]);
        c.mov(__dword_ptr[ebx + ArgumentsAt + 32], eax);
        c.mov(__word_ptr[ebx + ArgumentsAt + 36], LongMode.KernelCode);
        c.db(0xFF, 0x6B, (byte)(ArgumentsAt + 32)); // jmp far [ebx + ArgumentsAt + 32]
    }

    private static void LongModeEntry(Assembler c)
    {
        c.mov(ebx, ebx); // the upper halves are undefined after the change of mode
        c.xor(eax, eax);
        c.mov(fs, eax);
        c.mov(gs, eax);
        c.mov(rsp, __qword_ptr[rbx + ArgumentsAt + 8]);
        c.mov(rdi, __qword_ptr[rbx + ArgumentsAt + 16]);
        c.mov(rax, __qword_ptr[rbx + ArgumentsAt + 24]);
        c.xor(ebp, ebp);
        c.call(rax);
        c.ud2();
    }
}
