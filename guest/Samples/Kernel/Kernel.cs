using System;
using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest.Samples;

/// <summary>The smallest kernel that uses every entry: PVH, traps, an application processor, user mode and SYSCALL.</summary>
public static unsafe class Kernel
{
    private const uint MsrEfer = 0xC0000080, MsrStar = 0xC0000081, MsrLstar = 0xC0000082, MsrFmask = 0xC0000084, MsrApicBase = 0x1B;
    private const ulong ApPage = 0x8000;
    private const ulong InitDelay = 100_000, StartLimit = 1_000_000_000; // TSC ticks; an emulator starts processors in host time, late on a busy host

    private static PerCpuHeader s_cpu;
    private static TrapGates s_gates;
    private static Descriptors s_descriptors;
    private static TaskState s_taskState;
    private static Stack s_stack, s_apStack, s_userStack;
    private static ulong s_operand0, s_operand1;
    private static uint s_apRunning;
    private static int s_traps;

    [InlineArray(512)] private struct TrapGates { private ulong _first; }
    [InlineArray(16)] private struct Descriptors { private ulong _first; }
    [InlineArray(26)] private struct TaskState { private uint _first; }
    [InlineArray(1024)] private struct Stack { private ulong _first; }
    [InlineArray(16)] private struct Wide { private ulong _first; }

    private static void Write(ReadOnlySpan<byte> text)
    {
        foreach (byte b in text) Machine.Out8(0x3F8, b);
    }

    private static void WriteHex(ReadOnlySpan<byte> name, ulong value)
    {
        Write(name);
        Write(" "u8);
        for (int shift = 60; shift >= 0; shift -= 4)
        {
            uint digit = (uint)(value >> shift) & 15;
            Machine.Out8(0x3F8, (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10));
        }
        Write("\n"u8);
    }

    [RuntimeExport("kernel_main")]
    public static void Main(uint startInfo)
    {
        WriteHex("start info magic"u8, *(uint*)(ulong)startInfo);
        WriteHex("image start"u8, Image.Start);
        WriteHex("product high"u8, Math.BigMul(0x123456789ABCDEF0, 0xFEDCBA9876543210, out ulong low));
        WriteHex("product low"u8, low);
        SetUpDescriptors();
        SetUpTraps();
        Machine.Int3();
        StartApplicationProcessor();
        Machine.Wrmsr(MsrEfer, Machine.Rdmsr(MsrEfer) | 1);
        Machine.Wrmsr(MsrStar, (ulong)Machine.UserCode32 << 48 | (ulong)Machine.KernelCode << 32);
        Machine.Wrmsr(MsrLstar, Machine.SyscallEntry);
        Machine.Wrmsr(MsrFmask, 0x47700);
        EnterUser();
    }

    private static void SetUpDescriptors()
    {
        ulong* d = (ulong*)Unsafe.AsPointer(ref s_descriptors);
        d[2] = 0x00AF9B000000FFFF;
        d[3] = 0x00CF93000000FFFF;
        d[5] = 0x00CFF3000000FFFF;
        d[6] = 0x00AFFB000000FFFF;
        ulong task = (ulong)Unsafe.AsPointer(ref s_taskState);
        d[8] = 103 | (task & 0xFFFFFF) << 16 | 0x89UL << 40 | (task >> 24 & 0xFF) << 56;
        d[9] = task >> 32;
        s_operand0 = 16 * 8 - 1 | (ulong)d << 16;
        s_operand1 = (ulong)d >> 48;
        Machine.Lgdt(Unsafe.AsPointer(ref s_operand0));
        Machine.ReloadSegments(Machine.KernelCode, Machine.KernelData);
        Machine.Ltr(Machine.TaskState);
        s_cpu.Self = (ulong)Unsafe.AsPointer(ref s_cpu);
        s_cpu.KernelStack = (ulong)Unsafe.AsPointer(ref s_stack) + 8192;
        *(ulong*)(task + 4) = s_cpu.KernelStack;
        Machine.Wrmsr(Machine.MsrGsBase, s_cpu.Self);
    }

    private static void SetUpTraps()
    {
        ulong* gates = (ulong*)Unsafe.AsPointer(ref s_gates);
        for (uint v = 0; v < 256; v++)
        {
            ulong entry = Machine.TrapEntries + v * 16;
            ulong rights = v == 3 ? 0xEE00UL : 0x8E00UL;
            gates[v * 2] = entry & 0xFFFF | (ulong)Machine.KernelCode << 16 | rights << 32 | (entry & 0xFFFF0000) << 32;
            gates[v * 2 + 1] = entry >> 32;
        }
        s_operand0 = 4095 | (ulong)gates << 16;
        s_operand1 = (ulong)gates >> 48;
        Machine.Lidt(Unsafe.AsPointer(ref s_operand0));
    }

    private static void StartApplicationProcessor()
    {
        Machine.RepMovsb((void*)ApPage, Machine.ApTrampoline, Machine.ApTrampolineSize);
        ulong* arguments = (ulong*)(ApPage + Machine.ApTrampolineArguments);
        arguments[0] = Machine.ReadCr3();
        arguments[1] = (ulong)Unsafe.AsPointer(ref s_apStack) + 8192;
        arguments[2] = 0xC0;
        uint* apic = (uint*)(Machine.Rdmsr(MsrApicBase) & ~0xFFFUL);
        apic[0x310 / 4] = 1u << 24;
        apic[0x300 / 4] = 0x4500;
        WaitForApplicationProcessor(InitDelay);
        apic[0x310 / 4] = 1u << 24;
        apic[0x300 / 4] = 0x4600 | (uint)(ApPage >> 12);
        WaitForApplicationProcessor(StartLimit);
        WriteHex("application processor"u8, System.Threading.Volatile.Read(ref s_apRunning));
    }

    /// <summary>Waits until the other processor runs, or for a number of TSC ticks.</summary>
    private static void WaitForApplicationProcessor(ulong ticks)
    {
        ulong end = Machine.Rdtsc() + ticks;
        while (Machine.Rdtsc() < end && System.Threading.Volatile.Read(ref s_apRunning) == 0) Machine.Pause();
    }

    [RuntimeExport("ap_main")]
    public static void ApMain(ulong argument)
    {
        System.Threading.Volatile.Write(ref s_apRunning, (uint)argument);
        for (; ; ) Machine.Hlt();
    }

    private static void EnterUser()
    {
        // Opens the boot tables' upper gigabytes to user mode: enough for a sample.
        ulong* tables = (ulong*)Machine.BootPageTables;
        tables[511] |= 4;
        tables[1024 + 510] |= 4;
        Machine.WriteCr3(Machine.ReadCr3());
        CpuFrame frame = default;
        frame.Rip = (ulong)(delegate*<void>)&User;
        frame.Cs = Machine.UserCode;
        frame.Ss = Machine.UserData;
        frame.Flags = 2;
        frame.Rsp = (ulong)Unsafe.AsPointer(ref s_userStack) + 8192 - 8;
        Machine.ReturnToUser(&frame);
    }

    [RuntimeImport("user_syscall3"), MethodImpl(MethodImplOptions.InternalCall)] private static extern long UserCall(ulong a1, ulong a2, ulong a3, uint number);

    private static void User()
    {
        Machine.Int3();
        long result = UserCall(7, 0, 0, 1);
        UserCall((ulong)result, 0, 0, 2);
    }

    [RuntimeExport("kernel_syscall")]
    public static int Syscall(CpuFrame* frame)
    {
        Wide wide = default; // vector registers are used, and must not leak to the user's
        wide[3] = frame->Rdi;
        Wide copy = wide;
        if (frame->ErrorCode == 1)
        {
            frame->Rax = copy[3] * 6;
            return 1;
        }
        WriteHex("system call result"u8, frame->Rdi);
        WriteHex("traps"u8, (ulong)s_traps);
        Write("done\n"u8);
        Machine.Out8(0xF4, 0x10);      // QEMU's exit device
        Machine.Out16(0x804, 0x3401);  // ACPI S5 where there is none
        return 0;
    }

    [RuntimeExport("kernel_trap")]
    public static void Trap(CpuFrame* frame)
    {
        s_traps++;
        WriteHex("trap"u8, frame->Vector);
        if (frame->Vector == 3) return;
        WriteHex("error"u8, frame->ErrorCode);
        WriteHex("rip"u8, frame->Rip);
        WriteHex("cr2"u8, Machine.ReadCr2());
        Machine.Out8(0xF4, 0x11);
    }
}
