using System.Globalization;

namespace CoSim.Cli.Logging;

/// <summary>The names that log lines carry as their source: the parts of the machine.</summary>
public static class LogComponents
{
    /// <summary>Parts that the machine has once.</summary>
    private static readonly string[] Single =
    [
        "apm", "com1", "fch-pm", "firmware", "hpet", "interrupt-fabric", "ioapic", "legacy-timer-routing", "machine",
        "pci", "pic", "pit", "pm", "post", "reset-ports", "rtc",
    ];

    /// <summary>Parts that each core has: "core" means all of them, "core3" one.</summary>
    private static readonly string[] PerCore = ["apic", "core"];

    /// <summary>Every name, for messages to the user.</summary>
    public static IEnumerable<string> Names => PerCore.Select(name => name + "N").Concat(Single);

    /// <summary>Whether a user's word names a component, or all components of a kind.</summary>
    public static bool IsKnown(string word) => Single.Contains(word) || PerCore.Contains(word) || (PerCore.Contains(KindOf(word)) && HasNumber(word));

    /// <summary>A component's name without its number: "core" for "core3".</summary>
    public static string KindOf(string component) => component.TrimEnd('0', '1', '2', '3', '4', '5', '6', '7', '8', '9');

    /// <summary>The component that a device's clock, timer or line belongs to: "hpet" for "hpet.timer0", "pit" for "pit0".</summary>
    public static string OwnerOf(string part)
    {
        int dot = part.IndexOf('.', StringComparison.Ordinal);
        string device = dot < 0 ? part : part[..dot];
        return KindOf(device) == "pit" ? "pit" : device;
    }

    /// <summary>Splits "core 3: what" or "hpet: what" into the component and the rest.</summary>
    /// <param name="line">A line of the machine about something that it does not model.</param>
    public static (string Component, string What) Split(string line)
    {
        int colon = line.IndexOf(": ", StringComparison.Ordinal);
        if (colon < 0)
            return ("machine", line);
        string component = line[..colon].Replace(" ", "", StringComparison.Ordinal);
        return (component, line[(colon + 2)..]);
    }

    private static bool HasNumber(string word)
    {
        string number = word[KindOf(word).Length..];
        return byte.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out byte value)
            && number == value.ToString(CultureInfo.InvariantCulture);
    }
}
