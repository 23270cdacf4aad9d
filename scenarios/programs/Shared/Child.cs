using CoSim.Guest;
using CoSim.Os.Programs;

namespace CoSim.Scenarios;

/// <summary>Processes and threads that a program starts.</summary>
public static unsafe class Child
{
    private const uint SysClone = 56, SysExitThread = 60;
    private const ulong StackBytes = 65536;

    /// <summary>clone flags.</summary>
    public const ulong ShareMemory = 0x100, VforkParent = 0x4000, SignalChild = 17;

    /// <summary>A thread's flags: CLONE_VM, FS, FILES, SIGHAND, THREAD, SYSVSEM.</summary>
    public const ulong Thread = 0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000;

    /// <summary>Starts something that shares this program's memory, at a function that never returns.</summary>
    /// <param name="flags">clone flags.</param>
    /// <param name="start">Where it begins; it must end by <see cref="End"/>.</param>
    /// <returns>Its id, or -errno.</returns>
    public static long Start(ulong flags, delegate*<void> start)
    {
        byte* stack = Linux.Allocate(StackBytes);
        // The stub of the system call returns to what its stack has on top.
        ulong* top = (ulong*)(stack + StackBytes - 16);
        *top = (ulong)start;
        return SystemCall.Invoke6(SysClone, flags, (ulong)top, 0, 0, 0, 0);
    }

    /// <summary>Ends the thread or process that calls it.</summary>
    public static void End() => SystemCall.Invoke(SysExitThread, 0);

    /// <summary>Runs a function in a child process that has entered the time namespace with these offsets, and waits for it.</summary>
    /// <param name="offsets">Lines of timens_offsets.</param>
    /// <param name="body">What the child does.</param>
    /// <returns>0, or -errno of the namespace.</returns>
    public static long InNamespace(byte* offsets, delegate*<void> body)
    {
        long error = TimeNamespace.Create(offsets);
        if (error < 0) return error;
        int child = Linux.Fork();
        if (child == 0)
        {
            body();
            Linux.Exit(0);
        }
        while (Linux.Wait(child, out _) == Linux.Interrupted)
        {
        }
        return 0;
    }
}
