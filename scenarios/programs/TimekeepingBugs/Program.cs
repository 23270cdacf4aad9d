using System.Runtime;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.TimekeepingBugs;

/// <summary>Programs that met bugs of timekeeping: the argument says which.</summary>
public static unsafe class Program
{
    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        byte* name = stack[0] > 1 ? (byte*)stack[2] : Linux.Text(""u8);
        byte* argument = stack[0] > 2 ? (byte*)stack[3] : Linux.Text("0"u8);
        if (Text.Same(name, Linux.Text("coarse"u8))) return CoarseClock.Run();
        if (Text.Same(name, Linux.Text("leap"u8))) return LeapSecond.Run(set: false);
        if (Text.Same(name, Linux.Text("leap-and-set"u8))) return LeapSecond.Run(set: true);
        if (Text.Same(name, Linux.Text("stop"u8))) return LostTime.Run((long)Text.TakeNumber(ref argument));
        if (Text.Same(name, Linux.Text("two-cores"u8))) return TwoCores.Run(stack);
        if (Text.Same(name, Linux.Text("two-namespaces"u8))) return TwoCores.RunInNamespaces(stack);
        Text.Complain(Linux.Text("timekeepingbugs: no such case "u8), name, 0);
        return 2;
    }
}
