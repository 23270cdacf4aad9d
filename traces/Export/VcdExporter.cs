using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// Waveforms of the machine: a module <c>lines</c> with the interrupt lines; <c>timers</c>: whether each is armed and how often it expired;
/// <c>counters</c>: what was last read; for each core its activity (0 active, 1 halted, 2 MWAIT, 3 waiting for SIPI, 4 shut down), whether it is in user mode,
/// interrupts, exceptions and system calls, and its local APIC's registers as written; for each APIC what it accepted.
/// </summary>
internal sealed class VcdExporter : ITraceExporter
{
    private const int CounterBits = 64, VectorBits = 8, ActivityBits = 3;

    /// <inheritdoc/>
    public void Write(ExportInput input, Stream output)
    {
        VcdFile file = new();
        ApicRegisters apics = new(file);
        foreach (TraceEvent e in input.Events)
        {
            UInt128 time = e.Time.Femtoseconds;
            if (e.Core >= 0)
            {
                Core(file, in e, time);
                apics.Take(in e);
            }
            else
            {
                Device(file, in e, time);
                apics.Take(in e);
            }
        }

        file.Write(output);
    }

    private static void Core(VcdFile file, in TraceEvent e, UInt128 time)
    {
        string scope = $"core{e.Core}";
        switch (e.Kind.Name)
        {
            case "activity":
                file.Set(scope, "activity", ActivityBits, time, Activity(e.Text));
                break;
            case "interrupt":
                file.Set(scope, "interrupt_vector", VectorBits, time, e.Number("vector") & byte.MaxValue);
                file.Count(scope, "interrupts", time);
                file.Set(scope, "user", 1, time, 0);
                break;
            case "exception":
                file.Set(scope, "exception_vector", VectorBits, time, e.Number("vector") & byte.MaxValue);
                file.Count(scope, "exceptions", time);
                file.Set(scope, "user", 1, time, 0);
                break;
            case "syscall":
                file.Set(scope, "syscall_nr", 16, time, e.Number("nr") & ushort.MaxValue);
                file.Count(scope, "syscalls", time);
                file.Set(scope, "user", 1, time, 0);
                break;
            case "user-return":
                file.Set(scope, "user", 1, time, 1);
                break;
            case "clock-read":
                file.Set(scope, e.Text ?? "", CounterBits, time, e.Number("value"));
                break;
        }
    }

    private static void Device(VcdFile file, in TraceEvent e, UInt128 time)
    {
        string name = e.Text ?? "";
        switch (e.Kind.Name)
        {
            case "line":
                file.Set("lines", name, 1, time, e.Number("asserted") & 1);
                break;
            case "timer-programmed":
                file.Set("timers", name + ".armed", 1, time, e.Number("expires-in") == ulong.MaxValue ? 0UL : 1);
                break;
            case "timer-expired":
                file.Count("timers", name + ".expiries", time);
                break;
            case "counter-read":
                file.Set("counters", name, CounterBits, time, e.Number("value"));
                break;
        }
    }

    private static ulong Activity(string? state) => state switch
    {
        "active" => 0,
        "halted" => 1,
        "mwait" => 2,
        "wait-for-sipi" => 3,
        _ => 4,
    };
}
