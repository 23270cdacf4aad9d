using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Guest.Link.Stubs;

/// <summary>
/// The target of SYSCALL (LSTAR): exchanges the GS bases, takes the task's kernel stack, builds the frame and calls C#'s
/// kernel_syscall(frame). C# must return with interrupts off; a result of 1 allows the return by SYSRET (RIP canonical,
/// RCX and R11 need not survive), 0 demands IRETQ, which restores everything. FMASK must clear IF, DF, TF and AC.
/// </summary>
public static class SystemCallEntryStubs
{
    /// <summary>The vector word of a frame that a system call built; the error code word is the call's number.</summary>
    public const int Vector = 0x100;

    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library) =>
        library.Add(new Stub { Names = ["syscall_entry"], Needs = ["kernel_syscall"], Alignment = 64, Emit = Entry });

    private static void Entry(StubWriter w)
    {
        Assembler c = w.Code;
        Label slow = c.CreateLabel();
        c.swapgs();
        c.mov(__qword_ptr.gs[PerCpuStubs.UserStack], rsp);
        c.mov(rsp, __qword_ptr.gs[PerCpuStubs.KernelStack]);
        c.push(LongMode.UserData);
        c.push(__qword_ptr.gs[PerCpuStubs.UserStack]);
        c.push(r11);
        c.push(LongMode.UserCode);
        c.push(rcx);
        c.push(rax);
        c.push(Vector);
        Frame.Save(w);
        c.xor(ebp, ebp);
        c.call(w.Address("kernel_syscall"));
        c.test(eax, eax);
        c.je(slow);

        // SYSRET takes RIP from RCX and RFLAGS from R11; RSP is restored last, with interrupts still off.
        Frame.Restore(w, vectors: true);
        c.mov(rcx, __[rsp + (Frame.Rip - Frame.Vector)]);
        c.mov(r11, __[rsp + (Frame.Flags - Frame.Vector)]);
        c.mov(rsp, __[rsp + (Frame.Rsp - Frame.Vector)]);
        c.swapgs();
        c.sysretq();

        c.Label(ref slow);
        c.nop();
        Frame.Restore(w, vectors: true);
        c.add(rsp, 16);
        c.swapgs();
        c.iretq();
    }
}
