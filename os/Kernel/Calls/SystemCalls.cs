using System.Runtime;
using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The system call table and the way through it.</summary>
public static unsafe partial class SystemCalls
{
    private struct Entry
    {
        public delegate*<TrapFrame*, long> Handler;
        public ulong Lean;          // 1: interrupts stay off, no sleeping
    }

    [InlineArray(Nr.Max)]
    private struct Entries { private Entry _first; }

    [InlineArray(Nr.Max)]
    private struct Marks { private byte _first; }

    private static Entries s_table;
    private static Marks s_logged;

    /// <summary>Sets the handler of a call. It runs with interrupts on and may sleep.</summary>
    public static void Set(int number, delegate*<TrapFrame*, long> handler) => At(number)->Handler = handler;

    /// <summary>Sets the handler of a call that is short, never sleeps, and runs with interrupts off.</summary>
    public static void SetLean(int number, delegate*<TrapFrame*, long> handler)
    {
        At(number)->Handler = handler;
        At(number)->Lean = 1;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Entry* At(int number) => (Entry*)Text.Address(ref s_table) + number;

    /// <summary>
    /// Called by the entry stub with interrupts off; the number is in the frame's error code word. Returns 1 if the return may be by
    /// SYSRET (which takes RIP and RFLAGS from RCX and R11), 0 if all registers must be restored by IRETQ.
    /// </summary>
    [RuntimeExport("kernel_syscall")]
    public static int Dispatch(TrapFrame* frame)
    {
        ulong number = frame->ErrorCode;
        if (number >= Nr.Max) return Unknown(frame);
        Entry* e = At((int)number);
        if (e->Lean != 0)
        {
            frame->Rax = (ulong)e->Handler(frame);
            if ((Cpu.NeedResched | (uint)Cpu.CurrentTask->PendingWork) == 0) return 1;
        }
        else
        {
            Machine.Sti();
            frame->Rax = (ulong)e->Handler(frame);
            Machine.Cli();
            if ((Cpu.NeedResched | (uint)Cpu.CurrentTask->PendingWork) == 0 && frame->Vector == TrapFrame.SystemCallVector) return 1;
        }
        Traps.ReturnToUser(frame);
        return 0;
    }

    private static int Unknown(TrapFrame* frame)
    {
        frame->Rax = (ulong)NotImplemented(frame);
        Traps.ReturnToUser(frame);
        return 0;
    }

    /// <summary>What numbers without a handler get; each is logged once.</summary>
    private static long NotImplemented(TrapFrame* frame)
    {
        ulong number = frame->ErrorCode;
        byte* logged = (byte*)Text.Address(ref s_logged);
        if (number < Nr.Max && logged[number] == 0)
        {
            logged[number] = 1;
            Log.Print("%s[%d]: system call %llu is not implemented"u8, (ulong)Text.Address(ref Cpu.CurrentTask->Comm), (ulong)Cpu.CurrentTask->Pid, number);
        }
        return -Errno.ENOSYS;
    }

    /// <summary>Builds the table.</summary>
    public static void Initialize()
    {
        for (int i = 0; i < Nr.Max; i++) Set(i, &NotImplemented);
        RegisterProcess();
        RegisterNamespaces();
        RegisterIdentity();
        RegisterMemory();
        RegisterSignals();
        RegisterFiles();
        RegisterPaths();
        RegisterPoll();
        RegisterSystem();
        MessageQueueCalls.Register();
        Time.RegisterSystemCalls();
    }
}
