using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// Assembles the code around the instruction under test. Everything is addressed absolutely, so that every register,
/// RSP included, is free for the instruction.
/// </summary>
internal static class HostThunk
{
    private const ulong In = OracleLayout.InputImage;
    private const ulong Out = OracleLayout.OutputImage;
    private const ulong Save = OracleLayout.HostSave;

    /// <summary>Host RSP while the instruction runs.</summary>
    private const ulong SavedRsp = Save;

    /// <summary>Host MXCSR and x87 control word while the instruction runs.</summary>
    private const ulong SavedMxcsr = Save + 8;
    private const ulong SavedControlWord = Save + 16;

    /// <summary>Host GS base while the instruction runs.</summary>
    private const ulong SavedGsBase = Save + 24;

    /// <summary>1 while code under test runs, wherever its instruction pointer may have gone.</summary>
    private const ulong Running = Save + 32;

    /// <summary>Where the entry for 32-bit code jumps to: a far pointer to the code.</summary>
    internal const ulong FarTarget = Save + 40;

    /// <summary>The signal handlers that were installed before ours, indexed by signal number.</summary>
    internal const ulong PreviousHandlers = Save + 0x100;

    // Offsets in the ucontext_t of Linux on x86-64 (arch/x86 uapi: sigcontext in ucontext at 40).
    private const int ContextRip = 40 + (16 * 8);
    private const int ContextCs = 40 + (18 * 8);
    private const int ContextError = 40 + (19 * 8);
    private const int ContextTrap = 40 + (20 * 8);
    private const int ContextCr2 = 40 + (22 * 8);

    // Selectors of Linux on x86-64 (arch/x86/include/asm/segment.h): the same for every process.
    private const int UserCode64 = 0x33, UserData = 0x2B;

    private static readonly AssemblerRegister64[] s_gprs =
        [rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15];

    private static readonly AssemblerRegisterYMM[] s_ymms =
        [ymm0, ymm1, ymm2, ymm3, ymm4, ymm5, ymm6, ymm7, ymm8, ymm9, ymm10, ymm11, ymm12, ymm13, ymm14, ymm15];

    private static readonly AssemblerRegisterXMM[] s_xmms =
        [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7, xmm8, xmm9, xmm10, xmm11, xmm12, xmm13, xmm14, xmm15];

    /// <summary>Assembles entry, exit and signal handler.</summary>
    /// <param name="avx">Whether the host has AVX; without it only XMM registers are carried.</param>
    /// <param name="bases">Whether programs may change the base of GS on this host.</param>
    public static ThunkCode Assemble(bool avx, bool bases)
    {
        Assembler asm = new(64);
        Label entry = asm.CreateLabel();
        Label entry32 = asm.CreateLabel();
        Label exit = asm.CreateLabel();
        Label handler = asm.CreateLabel();

        asm.Label(ref entry);
        EmitEntry(asm, avx, bases);
        EmitRegisters(asm, 16);
        asm.jmp(OracleLayout.Code);
        asm.Label(ref entry32);
        EmitEntry(asm, avx, bases);
        asm.push(UserData);
        asm.pop(rax);
        asm.mov(ds, eax);
        asm.mov(es, eax);
        EmitRegisters(asm, 8);
        asm.jmp(__fword_ptr[FarTarget]);
        asm.Label(ref exit);
        EmitExit(asm, avx, bases);
        asm.Label(ref handler);
        EmitSignalHandler(asm, exit);

        using MemoryStream stream = new();
        AssemblerResult result = asm.Assemble(new StreamCodeWriter(stream), OracleLayout.Thunk, BlockEncoderOptions.ReturnNewInstructionOffsets);
        return new ThunkCode(stream.ToArray(), result.GetLabelRIP(entry), result.GetLabelRIP(entry32), result.GetLabelRIP(exit), result.GetLabelRIP(handler));
    }

    private static void EmitEntry(Assembler asm, bool avx, bool bases)
    {
        asm.push(rbx);
        asm.push(rbp);
        asm.push(r12);
        asm.push(r13);
        asm.push(r14);
        asm.push(r15);
        asm.mov(__qword_ptr[SavedRsp], rsp);
        asm.stmxcsr(__dword_ptr[SavedMxcsr]);
        asm.fnstcw(__word_ptr[SavedControlWord]);
        if (bases)
        {
            asm.rdgsbase(rax);
            asm.mov(__qword_ptr[SavedGsBase], rax);
            asm.mov(rax, __qword_ptr[In + MachineImage.GsBaseOffset]);
            asm.wrgsbase(rax);
        }

        asm.mov(__qword_ptr[Running], 1);
        asm.fxrstor64(__[In + MachineImage.FxOffset]);
        for (int i = 0; i < 16; i++)
        {
            ulong at = In + MachineImage.YmmOffset + ((ulong)i * 32);
            if (avx)
                asm.vmovdqu(s_ymms[i], __ymmword_ptr[at]);
            else
                asm.movdqu(s_xmms[i], __xmmword_ptr[at]);
        }

        asm.push(__qword_ptr[In + MachineImage.RflagsOffset]);
        asm.popfq();
    }

    private static void EmitRegisters(Assembler asm, int count)
    {
        for (int i = 0; i < count; i++)
            asm.mov(s_gprs[i], __qword_ptr[In + ((ulong)i * 8)]);
    }

    private static void EmitExit(Assembler asm, bool avx, bool bases)
    {
        for (int i = 0; i < 16; i++)
            asm.mov(__qword_ptr[Out + ((ulong)i * 8)], s_gprs[i]);
        asm.mov(rsp, __qword_ptr[SavedRsp]);
        asm.pushfq();
        asm.pop(__qword_ptr[Out + MachineImage.RflagsOffset]);
        asm.push(0x202);
        asm.popfq();
        if (bases)
        {
            asm.rdgsbase(rax);
            asm.mov(__qword_ptr[Out + MachineImage.GsBaseOffset], rax);
            asm.mov(rax, __qword_ptr[SavedGsBase]);
            asm.wrgsbase(rax);
        }

        for (int i = 0; i < 16; i++)
        {
            ulong at = Out + MachineImage.YmmOffset + ((ulong)i * 32);
            if (avx)
                asm.vmovdqu(__ymmword_ptr[at], s_ymms[i]);
            else
                asm.movdqu(__xmmword_ptr[at], s_xmms[i]);
        }

        if (avx)
            asm.vzeroupper();
        asm.fxsave64(__[Out + MachineImage.FxOffset]);
        asm.fninit();
        asm.mov(__qword_ptr[Running], 0);
        asm.fldcw(__word_ptr[SavedControlWord]);
        asm.ldmxcsr(__dword_ptr[SavedMxcsr]);
        asm.pop(r15);
        asm.pop(r14);
        asm.pop(r13);
        asm.pop(r12);
        asm.pop(rbp);
        asm.pop(rbx);
        asm.ret();
    }

    // void handler(int signal, siginfo_t*, ucontext_t*): a fault of the code under test becomes a result, any other
    // goes to the handler that was there before (the .NET runtime's).
    private static void EmitSignalHandler(Assembler asm, Label exit)
    {
        Label foreign = asm.CreateLabel();
        asm.cmp(__qword_ptr[Running], 0);
        asm.je(foreign);
        asm.mov(rax, __qword_ptr[rdx + ContextRip]);
        asm.mov(__qword_ptr[Out + MachineImage.FaultRipOffset], rax);
        asm.mov(rax, __qword_ptr[rdx + ContextTrap]);
        asm.mov(__qword_ptr[Out + 136], rax);
        asm.mov(rax, __qword_ptr[rdx + ContextError]);
        asm.mov(__qword_ptr[Out + 144], rax);
        asm.mov(rax, __qword_ptr[rdx + ContextCr2]);
        asm.mov(__qword_ptr[Out + 152], rax);
        asm.lea(rax, __[exit]);
        asm.mov(__qword_ptr[rdx + ContextRip], rax);
        asm.mov(__word_ptr[rdx + ContextCs], UserCode64);
        asm.ret();
        asm.Label(ref foreign);
        asm.mov(eax, edi);
        asm.jmp(__qword_ptr[(rax * 8) + (int)PreviousHandlers]);
    }
}

/// <summary>Assembled thunk: bytes and the linear addresses of its entry points.</summary>
/// <param name="Bytes">The code.</param>
/// <param name="Entry">Runs 64-bit code.</param>
/// <param name="Entry32">Runs 32-bit code in compatibility mode.</param>
/// <param name="Exit">Where 64-bit code ends.</param>
/// <param name="Handler">The signal handler.</param>
internal sealed record ThunkCode(byte[] Bytes, ulong Entry, ulong Entry32, ulong Exit, ulong Handler);
