using System.Runtime;
using CoSim.Os.Programs;

namespace CoSim.Scenarios.HardwareBugs;

/// <summary>Programs of an operating system that meet what hardware does, on Linux for example: the argument says which.</summary>
public static unsafe class Program
{
    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        byte* name = stack[0] > 1 ? (byte*)stack[2] : Linux.Text(""u8);
        byte* argument = stack[0] > 2 ? (byte*)stack[3] : Linux.Text(""u8);
        if (Text.Same(name, Linux.Text("hpet-interrupts"u8))) return HpetInterrupts.Run();
        if (Text.Same(name, Linux.Text("udelay"u8))) return UserDelay.Run(checksZero: Text.Same(argument, Linux.Text("check-zero"u8)));
        if (Text.Same(name, Linux.Text("p-state"u8))) return ModelRegisters.RewritePState();
        if (Text.Same(name, Linux.Text("lfence-orders-loads"u8))) return ModelRegisters.ClearLoadFenceBit();
        if (Text.Same(name, Linux.Text("threads"u8))) return ClockThreads.Run(stack);
        Text.Complain(Linux.Text("hardwarebugs: no such case "u8), name, 0);
        return 2;
    }
}
