using System.Runtime;

namespace CoSim.Os.Programs.ClockStudy;

/// <summary>The workload of `cosim study clock-gettime`.</summary>
public static unsafe class Program
{
    private const uint NamespaceRoot = 0;

    /// <summary>Entry point.</summary>
    [RuntimeExport("main")]
    public static int Main(ulong* stack)
    {
        // On one core for good: a span begins and ends on the same one.
        ulong firstCore = 1;
        Linux.SetAffinity(&firstCore);
        Plan plan = Plan.Parse(stack);
        int status = 0;
        for (int i = 0; i < plan.Sources.Count; i++)
        {
            uint source = plan.Sources[i];
            if (!Clocksource.Select(source, Linux.Text("clockstudy"u8)))
            {
                status = 1;
                continue;
            }
            for (int j = 0; j < plan.Namespaces.Count; j++)
                status |= plan.Namespaces[j] == NamespaceRoot ? Measurement.RunAll(&plan, source, NamespaceRoot) : InChildNamespace(&plan, source, plan.Namespaces[j]);
        }
        return status;
    }

    /// <summary>Only children enter a new time namespace, and a process can make one only for those: two generations.</summary>
    private static int InChildNamespace(Plan* plan, uint source, uint space)
    {
        int maker = Linux.Fork();
        if (maker != 0) return StatusOf(maker);
        long error = TimeNamespace.Create(Linux.Text("1 86400 500000000\n7 172800 0\n"u8));
        if (error < 0)
        {
            Text.Complain(Linux.Text("clockstudy: cannot make a time namespace,"u8), Linux.Text(""u8), error);
            Linux.Exit(1);
        }
        int child = Linux.Fork();
        if (child == 0) Linux.Exit(Measurement.RunAll(plan, source, space));
        Linux.Exit(StatusOf(child));
        return 0;
    }

    private static int StatusOf(int child)
    {
        if (child < 0) return 1;
        while (true)
        {
            long ended = Linux.Wait(child, out int status);
            if (ended == child) return status == 0 ? 0 : 1;
            if (ended != Linux.Interrupted) return 1;
        }
    }
}
