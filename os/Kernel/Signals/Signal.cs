using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>Signal numbers of Linux x86-64.</summary>
public static class Signal
{
    public const int HUP = 1, INT = 2, QUIT = 3, ILL = 4, TRAP = 5, ABRT = 6, BUS = 7, FPE = 8, KILL = 9, USR1 = 10, SEGV = 11, USR2 = 12, PIPE = 13, ALRM = 14;
    public const int TERM = 15, STKFLT = 16, CHLD = 17, CONT = 18, STOP = 19, TSTP = 20, TTIN = 21, TTOU = 22, URG = 23, XCPU = 24, XFSZ = 25, VTALRM = 26;
    public const int PROF = 27, WINCH = 28, IO = 29, PWR = 30, SYS = 31, RealtimeMin = 32, Max = 64;

    /// <summary>The signal's bit in a signal set.</summary>
    public static ulong Bit(int signal) => 1UL << (signal - 1);

    /// <summary>Signals that cannot be caught, blocked or ignored.</summary>
    public const ulong Unblockable = 1UL << (KILL - 1) | 1UL << (STOP - 1);

    public const ulong StopSet = 1UL << (STOP - 1) | 1UL << (TSTP - 1) | 1UL << (TTIN - 1) | 1UL << (TTOU - 1);

    /// <summary>Signals whose default action is to be ignored.</summary>
    public const ulong IgnoreSet = 1UL << (CHLD - 1) | 1UL << (CONT - 1) | 1UL << (URG - 1) | 1UL << (WINCH - 1);

    /// <summary>Signals caused by the program itself, delivered before others.</summary>
    public const ulong SynchronousSet = 1UL << (SEGV - 1) | 1UL << (BUS - 1) | 1UL << (ILL - 1) | 1UL << (TRAP - 1) | 1UL << (FPE - 1) | 1UL << (SYS - 1);

    /// <summary>Signals whose default action dumps core (the wait status says so; no file is written).</summary>
    public const ulong CoreSet = SynchronousSet | 1UL << (QUIT - 1) | 1UL << (ABRT - 1) | 1UL << (XCPU - 1) | 1UL << (XFSZ - 1);
}

/// <summary>si_code values (siginfo in sigaction(2)).</summary>
public static class SignalCode
{
    public const int User = 0, Kernel = 0x80, Queue = -1, Timer = -2, MessageQueue = -3, Tkill = -6;
    public const int SegvMapErr = 1, SegvAccErr = 2, BusAdrAln = 1, BusAdrErr = 2, FpeIntDiv = 1, FpeFltInv = 7, IllOpn = 2, TrapTrace = 2;
    public const int ChildExited = 1, ChildKilled = 2, ChildDumped = 3, ChildStopped = 5, ChildContinued = 6;
}

/// <summary>siginfo_t: 128 bytes; the union's uses are accessed by offset.</summary>
[InlineArray(16)]
public struct SigInfo
{
    private ulong _first;

    /// <summary>si_signo.</summary>
    public static unsafe int Number(SigInfo* i) => *(int*)i;

    /// <summary>si_code.</summary>
    public static unsafe int Code(SigInfo* i) => ((int*)i)[2];

    /// <summary>
    /// The code says which members there are: then what lies beyond them is not looked at (Linux' known_siginfo_layout).
    /// </summary>
    public static unsafe bool HasKnownLayout(SigInfo* i)
    {
        const int AsyncName = -60, LowestOfKernel = -7, LastOfPoll = 6;
        int code = Code(i);
        if (code == SignalCode.Kernel) return true;
        if (code <= SignalCode.User) return code is >= LowestOfKernel or AsyncName;
        return Number(i) switch
        {
            Signal.ILL => code <= 11,
            Signal.FPE => code <= 15,
            Signal.SEGV => code <= 9,
            Signal.BUS => code <= 5,
            Signal.TRAP or Signal.CHLD or Signal.IO => code <= 6,
            Signal.SYS => code <= 2,
            _ => code <= LastOfPoll,
        };
    }

    /// <summary>Clears the record and sets si_signo, si_code.</summary>
    public static unsafe void Set(SigInfo* i, int signal, int code)
    {
        *i = default;
        *(int*)i = signal;
        ((int*)i)[2] = code;
    }

    /// <summary>si_pid and si_uid.</summary>
    public static unsafe void SetSender(SigInfo* i, int pid, uint uid)
    {
        ((int*)i)[4] = pid;
        ((uint*)i)[5] = uid;
    }

    /// <summary>si_addr.</summary>
    public static unsafe void SetAddress(SigInfo* i, ulong address) => ((ulong*)i)[2] = address;

    /// <summary>si_timerid, si_overrun and si_value of a POSIX timer's signal.</summary>
    public static unsafe void SetTimer(SigInfo* i, int timerId, int overrun, ulong value)
    {
        ((int*)i)[4] = timerId;
        ((int*)i)[5] = overrun;
        ((ulong*)i)[3] = value;
    }

    /// <summary>si_sys_private: the kernel's own; programs see 0.</summary>
    public static unsafe int Private(SigInfo* i) => ((int*)i)[8];

    /// <summary>Sets si_sys_private.</summary>
    public static unsafe void SetPrivate(SigInfo* i, int value) => ((int*)i)[8] = value;

    /// <summary>si_pid, si_status, si_utime and si_stime (clock ticks) of SIGCHLD.</summary>
    public static unsafe void SetChild(SigInfo* i, int pid, int status, ulong userTicks, ulong systemTicks)
    {
        ((int*)i)[4] = pid;
        ((int*)i)[6] = status;
        ((ulong*)i)[4] = userTicks;
        ((ulong*)i)[5] = systemTicks;
    }
}

/// <summary>A queued signal record.</summary>
public unsafe struct SignalRecord
{
    public SignalRecord* Next;
    public SigInfo Info;
}

/// <summary>Signals waiting for a thread or a process. Standard signals are kept once, real-time signals are queued.</summary>
public unsafe struct PendingSignals
{
    public ulong Set;
    public SignalRecord* First;
}

/// <summary>struct kernel_sigaction.</summary>
public struct SignalAction
{
    public const ulong SaNoCldStop = 1, SaNoCldWait = 2, SaSigInfo = 4, SaRestorer = 0x04000000, SaOnStack = 0x08000000, SaRestart = 0x10000000, SaNoDefer = 0x40000000, SaResetHand = 0x80000000;
    public const ulong Default = 0, Ignore = 1;
    public ulong Handler, Flags, Restorer, Mask;
}

[InlineArray(Signal.Max)]
public struct SignalActions { private SignalAction _first; }

/// <summary>The signal handlers of a process, shared by CLONE_SIGHAND.</summary>
public unsafe struct SignalHandlers
{
    public int Refs;
    public SignalActions Actions;

    /// <summary>The action for a signal, 1 to 64.</summary>
    public static SignalAction* Of(SignalHandlers* h, int signal) => (SignalAction*)Text.Address(ref h->Actions) + (signal - 1);
}
