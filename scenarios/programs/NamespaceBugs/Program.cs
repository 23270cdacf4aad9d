using System.Runtime;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.NamespaceBugs;

/// <summary>Programs that met bugs of time namespaces: the argument says which.</summary>
public static unsafe class Program
{
    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        byte* name = stack[0] > 1 ? (byte*)stack[2] : Linux.Text(""u8);
        if (Text.Same(name, Linux.Text("futex"u8))) return FutexTimeouts.Wait();
        if (Text.Same(name, Linux.Text("lock-pi"u8))) return FutexTimeouts.Lock();
        if (Text.Same(name, Linux.Text("unshare"u8))) return Unshared.Run();
        if (Text.Same(name, Linux.Text("after-exec"u8))) return Unshared.AfterExec();
        if (Text.Same(name, Linux.Text("nanoseconds"u8))) return Nanoseconds.Run();
        if (Text.Same(name, Linux.Text("never"u8))) return Never.Run();
        Text.Complain(Linux.Text("namespacebugs: no such case "u8), name, 0);
        return 2;
    }
}
