namespace CoSim.Os.Programs;

/// <summary>The kernel's clocksource, chosen as an administrator chooses it (/sys/devices/system/clocksource).</summary>
public static unsafe class Clocksource
{
    /// <summary>How long to wait for a clocksource: 3 s.</summary>
    private const int SelectionAttempts = 30;
    private const long SelectionWaitNanoseconds = 100_000_000;

    /// <summary>Selects a clocksource, and makes sure: Linux accepts the name of one that it does not have, and keeps the old one.</summary>
    /// <param name="source">0 TSC, 1 HPET, 2 ACPI PM timer.</param>
    /// <param name="program">Who complains when it cannot be selected.</param>
    public static bool Select(uint source, byte* program)
    {
        byte* file = Linux.Text("/sys/devices/system/clocksource/clocksource0/current_clocksource"u8);
        byte* name = source == 0 ? Linux.Text("tsc"u8) : source == 1 ? Linux.Text("hpet"u8) : Linux.Text("acpi_pm"u8);
        int descriptor = Linux.Open(file, Linux.WriteOnly);
        long result = descriptor < 0 ? descriptor : Linux.Write(descriptor, name, Text.Length(name));
        if (descriptor >= 0) Linux.Close(descriptor);
        bool selected = false;
        // The calibrated TSC is registered a second after boot: its name is remembered until then.
        for (int i = 0; i < SelectionAttempts && !(selected = IsCurrent(file, name)); i++) Linux.Sleep(SelectionWaitNanoseconds);
        if (!selected)
        {
            byte* message = Linux.Allocate(4096);
            Text.Append(Text.Append(message, program), Linux.Text(": cannot select clocksource "u8));
            Text.Complain(message, name, result);
        }
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
}
