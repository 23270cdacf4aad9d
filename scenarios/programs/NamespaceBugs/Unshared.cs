using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>What a process can do after unshare(CLONE_NEWTIME), before anybody has entered the namespace.</summary>
public static unsafe class Unshared
{
    private const ulong NameBytes = 64;

    /// <summary>Starts a vfork child and a thread, then executes itself.</summary>
    public static int Run()
    {
        long error = Linux.Unshare(Linux.CloneNewTime);
        if (error < 0) return (int)-error;
        Report("vfork after unshare(CLONE_NEWTIME)"u8, Child.Start(Child.ShareMemory | Child.VforkParent | Child.SignalChild, &Nothing));
        Report("thread after unshare(CLONE_NEWTIME)"u8, Child.Start(Child.Thread, &Nothing));
        Show("before exec"u8);
        byte** arguments = stackalloc byte*[3];
        arguments[0] = Linux.Text("namespacebugs"u8);
        arguments[1] = Linux.Text("after-exec"u8);
        arguments[2] = null;
        byte* none = null;
        return (int)-Linux.Execute(Linux.Text("/proc/self/exe"u8), arguments, &none);
    }

    /// <summary>What the executed program sees.</summary>
    public static int AfterExec()
    {
        Show("after exec"u8);
        return 0;
    }

    private static void Nothing() => Child.End();

    private static void Report(System.ReadOnlySpan<byte> what, long result)
    {
        if (result > 0) Line.Of(what).Add(": started"u8).End();
        else if (result == -22) Line.Of(what).Add(": Invalid argument"u8).End();
        else Line.Of(what).Add(": error "u8).Add(-result).End();
    }

    /// <summary>Whether the process is in the namespace of its children.</summary>
    private static void Show(System.ReadOnlySpan<byte> when)
    {
        byte* own = Linux.Allocate(NameBytes);
        byte* children = Linux.Allocate(NameBytes);
        ReadLink(Linux.Text("/proc/self/ns/time"u8), own);
        ReadLink(Linux.Text("/proc/self/ns/time_for_children"u8), children);
        Line line = Line.Of(when);
        if (Text.Same(own, children)) line.Add(": in the new time namespace"u8).End();
        else line.Add(": still in the old time namespace"u8).End();
    }

    private static void ReadLink(byte* path, byte* to)
    {
        const uint sysReadlink = 89;
        CoSim.Guest.SystemCall.Invoke(sysReadlink, (ulong)path, (ulong)to, NameBytes - 1);
    }
}
