using System.Runtime.CompilerServices;

namespace CoSim.Os.Programs;

/// <summary>The Linux system calls that the programs use (arch/x86/entry/syscalls/syscall_64.tbl has the numbers). Negative results are -errno.</summary>
public static unsafe class Linux
{
    /// <summary>errno values that are told apart.</summary>
    public const long NoSuchFile = -2, NoSuchProcess = -3, Interrupted = -4, NoChildren = -10, Invalid = -22;
    /// <summary>clone and unshare: a new time namespace for future children.</summary>
    public const ulong CloneNewTime = 0x80;
    /// <summary>open flags.</summary>
    public const ulong ReadOnly = 0, WriteOnly = 1, ReadWrite = 2;

    private const uint SysRead = 0, SysWrite = 1, SysOpen = 2, SysClose = 3, SysMmap = 9, SysIoctl = 16, SysDup2 = 33, SysNanosleep = 35, SysGetpid = 39, SysFork = 57,
        SysExecve = 59, SysExit = 60, SysWait4 = 61, SysMkdir = 83, SysSetsid = 112, SysMount = 165, SysReboot = 169,
        SysSchedSetAffinity = 203, SysClockGettime = 228, SysClockNanosleep = 230, SysRtSigaction = 13, SysUnshare = 272;

    private const ulong RebootMagic1 = 0xFEE1DEAD, RebootMagic2 = 0x28121969, RebootPowerOff = 0x4321FEDC;
    private const ulong ProtectReadWrite = 3, MapPrivateAnonymous = 0x22, MapSharedAnonymous = 0x21;
    private const ulong Monotonic = 1, AbsoluteTime = 1;
    private const long NanosecondsPerSecond = 1_000_000_000;

    /// <summary>clock_gettime's number, for the measured call.</summary>
    public static ulong ClockGettimeNumber => SysClockGettime;

    public static long Read(int descriptor, byte* to, ulong count) => CoSim.Guest.SystemCall.Invoke(SysRead, (ulong)descriptor, (ulong)to, count);
    public static long Write(int descriptor, byte* from, ulong count) => CoSim.Guest.SystemCall.Invoke(SysWrite, (ulong)descriptor, (ulong)from, count);
    public static int Open(byte* path, ulong flags) => (int)CoSim.Guest.SystemCall.Invoke(SysOpen, (ulong)path, flags);
    /// <summary>Makes a file, or empties one, for reading and writing.</summary>
    public static int Create(byte* path) => (int)CoSim.Guest.SystemCall.Invoke(SysOpen, (ulong)path, 0x242, 0x1A4);
    public static void Close(int descriptor) => CoSim.Guest.SystemCall.Invoke(SysClose, (ulong)descriptor);
    public static long Ioctl(int descriptor, ulong request, void* argument) => CoSim.Guest.SystemCall.Invoke(SysIoctl, (ulong)descriptor, request, (ulong)argument);
    public static void Duplicate(int from, int to) => CoSim.Guest.SystemCall.Invoke(SysDup2, (ulong)from, (ulong)to);
    public static int Fork() => (int)CoSim.Guest.SystemCall.Invoke(SysFork);
    public static long Execute(byte* path, byte** arguments, byte** environment) => CoSim.Guest.SystemCall.Invoke(SysExecve, (ulong)path, (ulong)arguments, (ulong)environment);
    public static void Exit(int status) => CoSim.Guest.SystemCall.Invoke(SysExit, (ulong)status);
    public static bool IsFirstProcess => CoSim.Guest.SystemCall.Invoke(SysGetpid) == 1;
    public static void NewSession() => CoSim.Guest.SystemCall.Invoke(SysSetsid);
    public static long Unshare(ulong flags) => CoSim.Guest.SystemCall.Invoke(SysUnshare, flags);
    public static void PowerOff() => CoSim.Guest.SystemCall.Invoke6(SysReboot, RebootMagic1, RebootMagic2, RebootPowerOff, 0, 0, 0);
    public static long SetAffinity(ulong* mask) => CoSim.Guest.SystemCall.Invoke(SysSchedSetAffinity, 0, sizeof(ulong), (ulong)mask);

    /// <summary>Waits for a child (0 and -1: any); the result is its number or -errno.</summary>
    public static long Wait(int child, out int status)
    {
        int value = 0;
        long result = CoSim.Guest.SystemCall.Invoke6(SysWait4, (ulong)(long)child, (ulong)&value, 0, 0, 0, 0);
        status = value;
        return result;
    }

    /// <summary>Makes a directory and mounts a file system on it; what is there already stays.</summary>
    public static void Mount(byte* type, byte* directory)
    {
        CoSim.Guest.SystemCall.Invoke(SysMkdir, (ulong)directory, 0x1ED);
        CoSim.Guest.SystemCall.Invoke6(SysMount, (ulong)type, (ulong)directory, (ulong)type, 0, 0, 0);
    }

    /// <summary>Sleeps less than a second.</summary>
    public static void Sleep(long nanoseconds)
    {
        long* time = stackalloc long[2];
        time[0] = 0;
        time[1] = nanoseconds;
        CoSim.Guest.SystemCall.Invoke(SysNanosleep, (ulong)time);
    }

    /// <summary>Sleeps for any time, on through signals.</summary>
    public static void SleepLong(long nanoseconds)
    {
        long* time = (long*)Allocate(16);
        time[0] = nanoseconds / 1_000_000_000;
        time[1] = nanoseconds % 1_000_000_000;
        while (CoSim.Guest.SystemCall.Invoke(SysNanosleep, (ulong)time, (ulong)time) == Interrupted)
        {
        }
    }

    /// <summary>A clock by system call, in nanoseconds.</summary>
    public static long Clock(int clock)
    {
        long* time = stackalloc long[2];
        CoSim.Guest.SystemCall.Invoke(SysClockGettime, (ulong)clock, (ulong)time);
        return time[0] * 1_000_000_000 + time[1];
    }

    /// <summary>Sleeps until a time of the monotonic clock.</summary>
    public static void SleepUntil(long nanoseconds)
    {
        long* time = stackalloc long[2];
        time[0] = nanoseconds / NanosecondsPerSecond;
        time[1] = nanoseconds % NanosecondsPerSecond;
        while (CoSim.Guest.SystemCall.Invoke6(SysClockNanosleep, Monotonic, AbsoluteTime, (ulong)time, 0, 0, 0) == Interrupted) { }
    }

    /// <summary>Ignores a signal (SIG_IGN).</summary>
    public static void IgnoreSignal(int signal)
    {
        ulong* action = stackalloc ulong[4]; // handler, flags, restorer, mask: the kernel's struct sigaction
        action[0] = 1;
        action[1] = action[2] = action[3] = 0;
        CoSim.Guest.SystemCall.Invoke6(SysRtSigaction, (ulong)signal, (ulong)action, 0, sizeof(ulong), 0, 0);
    }

    /// <summary>Zeroed memory that children share; null when there is none.</summary>
    public static byte* AllocateShared(ulong bytes)
    {
        long address = CoSim.Guest.SystemCall.Invoke6(SysMmap, 0, bytes, ProtectReadWrite, MapSharedAnonymous, ulong.MaxValue, 0);
        return address < 0 && address > -4096 ? null : (byte*)address;
    }

    /// <summary>Zeroed memory that is never given back; null when there is none.</summary>
    public static byte* Allocate(ulong bytes)
    {
        long address = CoSim.Guest.SystemCall.Invoke6(SysMmap, 0, bytes, ProtectReadWrite, MapPrivateAnonymous, ulong.MaxValue, 0);
        return address < 0 && address > -4096 ? null : (byte*)address;
    }

    /// <summary>The address of a UTF-8 literal; literals end with a NUL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static byte* Text(System.ReadOnlySpan<byte> literal) => (byte*)Unsafe.AsPointer(ref Unsafe.AsRef(in literal.GetPinnableReference()));
}
