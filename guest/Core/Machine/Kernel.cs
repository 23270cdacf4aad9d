using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>
/// The registers of the interrupted code, as all kernel entries save them. The vector registers that the kernel itself
/// uses are saved just below (<see cref="Machine.FrameVectorMask"/>).
/// </summary>
public struct CpuFrame
{
    /// <summary>General registers.</summary>
    public ulong R15, R14, R13, R12, R11, R10, R9, R8, Rdi, Rsi, Rbp, Rbx, Rdx, Rcx, Rax;
    /// <summary>0 to 255; 100h for a system call.</summary>
    public ulong Vector;
    /// <summary>The exception's error code, 0 without one; for a system call its number (Linux: orig_rax).</summary>
    public ulong ErrorCode;
    /// <summary>What IRETQ restores.</summary>
    public ulong Rip, Cs, Flags, Rsp, Ss;
}

public static unsafe partial class Machine
{
    /// <summary>Selectors of the boot descriptor table; a kernel's own table keeps them. The TSS follows at 40h.</summary>
    public const ushort KernelCode = 0x10, KernelData = 0x18, UserCode32 = 0x23, UserData = 0x2B, UserCode = 0x33, TaskState = 0x40;

    [RuntimeImport("trap_entries"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void TrapEntriesSymbol();
    [RuntimeImport("syscall_entry"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void SyscallEntrySymbol();
    [RuntimeImport("context_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ContextStartSymbol();
    [RuntimeImport("ap_trampoline"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ApTrampolineSymbol();
    [RuntimeImport("ap_trampoline_arguments"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ApTrampolineArgumentsSymbol();
    [RuntimeImport("ap_trampoline_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void ApTrampolineEndSymbol();
    [RuntimeImport("boot_page_tables"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void BootPageTablesSymbol();
    [RuntimeImport("user_access_start"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void UserAccessStartSymbol();
    [RuntimeImport("user_access_end"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void UserAccessEndSymbol();
    [RuntimeImport("user_access_fixup"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void UserAccessFixupSymbol();
    [RuntimeImport("user_copy"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong UserCopy(void* destination, void* source, int unused, nuint count);
    [RuntimeImport("user_zero"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ulong UserZero(void* destination, int unused1, int unused2, nuint count);

    /// <summary>
    /// The address of a stub or of a linker's symbol. Not inlined, because the compiler folds the difference of two
    /// symbols' addresses into a wrong constant.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)] public static ulong Address(delegate*<void> symbol) => (ulong)symbol;

    /// <summary>First of the 256 trap entries; entry v is 16 v bytes further. They call the export kernel_trap(CpuFrame*).</summary>
    public static ulong TrapEntries => Address(&TrapEntriesSymbol);

    /// <summary>What LSTAR gets. It calls the export kernel_syscall(CpuFrame*): 1 returns by SYSRET, 0 by IRETQ.</summary>
    public static ulong SyscallEntry => Address(&SyscallEntrySymbol);

    /// <summary>Where a new kernel stack starts: calls R12 with the argument RBX (see <see cref="ContextSwitch"/>).</summary>
    public static ulong ContextStart => Address(&ContextStartSymbol);

    /// <summary>
    /// Pushes RBP, RBX, R12 to R15, stores RSP, continues on another stack. That holds, upwards: R15, R14, R13, R12, RBX,
    /// RBP, return address.
    /// </summary>
    [RuntimeImport("context_switch"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void ContextSwitch(ulong* savedStack, ulong nextStack);

    /// <summary>Leaves to user mode with the registers of a frame; interrupts must be off. Does not return.</summary>
    [RuntimeImport("return_to_user"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void ReturnToUser(CpuFrame* frame);

    /// <summary>Calls a function on another stack, whose top is 16-byte aligned.</summary>
    [RuntimeImport("run_on_stack"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void RunOnStack(delegate*<ulong, void> function, ulong argument, ulong stackTop);

    /// <summary>
    /// The vector registers that entries save, bit n for XMMn: those that the kernel's own code uses. They lie just below
    /// the frame, the lowest register lowest, 16 bytes each.
    /// </summary>
    [RuntimeImport("frame_vector_mask"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint FrameVectorMask();

    /// <summary>FXSAVE of the interrupted code's state: the registers that the entry saved come from below the frame.</summary>
    public static void SaveVectors(CpuFrame* frame, byte* area)
    {
        Fxsave(area);
        CopyVectors(frame, area, false);
    }

    /// <summary>Makes a frame return with the vector state of an FXSAVE area.</summary>
    public static void RestoreVectors(CpuFrame* frame, byte* area)
    {
        CopyVectors(frame, area, true);
        Fxrstor(area);
    }

    private static void CopyVectors(CpuFrame* frame, byte* area, bool toFrame)
    {
        ulong* saved = (ulong*)frame;
        for (int n = 15; n >= 0; n--)
        {
            if ((FrameVectorMask() >> n & 1) == 0) continue;
            saved -= 2;
            ulong* image = (ulong*)(area + 160 + n * 16); // XMM0 is at offset 160 of an FXSAVE area
            if (toFrame) { saved[0] = image[0]; saved[1] = image[1]; }
            else { image[0] = saved[0]; image[1] = saved[1]; }
        }
    }

    /// <summary>The code that an application processor starts with; copy it to a page below 1 MiB.</summary>
    public static byte* ApTrampoline => (byte*)Address(&ApTrampolineSymbol);
    /// <summary>Length of the trampoline.</summary>
    public static uint ApTrampolineSize => (uint)(Address(&ApTrampolineEndSymbol) - (ulong)ApTrampoline);
    /// <summary>Offset of the trampoline's words: CR3, stack top, argument of the export ap_main(ulong).</summary>
    public static uint ApTrampolineArguments => (uint)(Address(&ApTrampolineArgumentsSymbol) - (ulong)ApTrampoline);

    /// <summary>Physical address of the boot page tables: 4 GiB one to one, 2 GiB at FFFFFFFF80000000h.</summary>
    public static ulong BootPageTables => Address(&BootPageTablesSymbol);

    /// <summary>Whether a faulting RIP belongs to one of the user accesses below.</summary>
    public static bool IsUserAccess(ulong rip) => rip >= Address(&UserAccessStartSymbol) && rip < Address(&UserAccessEndSymbol);
    /// <summary>Where a faulting user access continues, to return what it did not do.</summary>
    public static ulong UserAccessFixup => Address(&UserAccessFixupSymbol);
    /// <summary>Copies to or from user memory; the number of bytes not copied.</summary>
    public static ulong UserCopy(void* destination, void* source, nuint count) => UserCopy(destination, source, 0, count);
    /// <summary>Zeroes user memory; the number of bytes not zeroed.</summary>
    public static ulong UserZero(void* destination, nuint count) => UserZero(destination, 0, 0, count);
    /// <summary>Loads from user memory; 0 when done.</summary>
    [RuntimeImport("user_load32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserLoad32(void* address, uint* result);
    /// <summary>Loads from user memory; 0 when done.</summary>
    [RuntimeImport("user_load64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserLoad64(void* address, ulong* result);
    /// <summary>Stores to user memory; 0 when done.</summary>
    [RuntimeImport("user_store32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserStore32(void* address, uint value);
    /// <summary>Stores to user memory; 0 when done.</summary>
    [RuntimeImport("user_store64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserStore64(void* address, ulong value);
    /// <summary>Stores two adjacent values, opening and closing user memory (STAC, CLAC) itself; after a failure the caller executes CLAC.</summary>
    [RuntimeImport("user_store_pair"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserStorePair(void* address, ulong first, ulong second);
    /// <summary>LOCK CMPXCHG on user memory; 0 when done, with the old value in *old.</summary>
    [RuntimeImport("user_cmpxchg32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong UserCompareExchange32(void* address, uint value, uint expected, uint* old);
}
