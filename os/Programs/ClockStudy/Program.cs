using System.Runtime;

namespace CoSim.Os.Programs.ClockStudy;

/// <summary>The workload of `cosim study clock-gettime`.</summary>
public static unsafe class Program
{
    private const uint NamespaceRoot = 0;

    /// <summary>How long to wait for a clocksource: 3 s.</summary>
    private const int SelectionAttempts = 30;
    private const long SelectionWaitNanoseconds = 100_000_000;

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
            if (!SelectSource(source))
            {
                status = 1;
                continue;
            }
            for (int j = 0; j < plan.Namespaces.Count; j++)
                status |= plan.Namespaces[j] == NamespaceRoot ? Measurement.RunAll(&plan, source, NamespaceRoot) : InChildNamespace(&plan, source, plan.Namespaces[j]);
        }
        return status;
    }

    /// <summary>Selects a clocksource, and makes sure: Linux accepts the name of one that it does not have, and keeps the old one.</summary>
    private static bool SelectSource(uint source)
    {
        byte* file = Linux.Text("/sys/devices/system/clocksource/clocksource0/current_clocksource"u8);
        byte* name = source == 0 ? Linux.Text("tsc"u8) : source == 1 ? Linux.Text("hpet"u8) : Linux.Text("acpi_pm"u8);
        int descriptor = Linux.Open(file, Linux.WriteOnly);
        long result = descriptor < 0 ? descriptor : Linux.Write(descriptor, name, Text.Length(name));
        if (descriptor >= 0) Linux.Close(descriptor);
        bool selected = false;
        // The calibrated TSC is registered a second after boot: its name is remembered until then.
        for (int i = 0; i < SelectionAttempts && !(selected = IsCurrent(file, name)); i++) Linux.Sleep(SelectionWaitNanoseconds);
        if (!selected) Text.Complain(Linux.Text("clockstudy: cannot select clocksource "u8), name, result);
        return selected;
    }

    private static bool IsCurrent(byte* file, byte* name)
    {
        byte* current = stackalloc byte[64];
        int descriptor = Linux.Open(file, Linux.ReadOnly);
        if (descriptor < 0) return false;
        long length = Linux.Read(descriptor, current, 63);
        Linux.Close(descriptor);
        if (length <= 0) return false;
        current[length] = 0;
        byte* rest = Text.After(current, name);
        return rest != null && *rest == '\n';
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
