using System.Globalization;
using System.Text;
using CoSim.Cli.Terminal;

namespace CoSim.Cli.Running;

/// <summary>Tells the user that the machine stopped before its program ended.</summary>
internal static class RunFailure
{
    /// <summary>Exit status of a machine that failed, as opposed to a program that did.</summary>
    public const int Status = 125;

    /// <summary>Exit status after Control-], as after SIGINT.</summary>
    public const int QuitStatus = 130;

    private const int ConsoleLines = 12;
    private const int UnmodelledLines = 8;

    /// <summary>Writes what is known and returns the exit status.</summary>
    public static int Report(GuestRun run, StopReason reason, ConsoleOutput console, TextWriter error)
    {
        if (reason == StopReason.Requested)
        {
            error.WriteLine("cosim: machine: ended by the user");
            return QuitStatus;
        }
        string[] lines = Encoding.UTF8.GetString(console.Kept).Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        foreach (string line in lines.TakeLast(ConsoleLines))
            error.WriteLine("  " + line);
        foreach (string line in run.Unmodelled.TakeLast(UnmodelledLines))
            error.WriteLine("  not modelled: " + line);
        error.WriteLine($"cosim: machine: {Describe(reason)} before the program ended, after {run.Machine.Now}");
        return Status;
    }

    /// <summary>Repeats what a measuring program, or init, complained of.</summary>
    /// <param name="output">What the programs wrote.</param>
    /// <param name="program">The measuring program's name, which its complaints begin with.</param>
    /// <param name="error">Receives the complaints.</param>
    public static void RepeatComplaints(MemoryStream output, string program, TextWriter error)
    {
        foreach (string line in Encoding.UTF8.GetString(output.ToArray()).Split('\n'))
        {
            if (line.StartsWith(program + ":", StringComparison.Ordinal) || line.StartsWith("init:", StringComparison.Ordinal))
                error.WriteLine("  " + line);
        }
    }

    /// <summary>The end of a run in a line.</summary>
    /// <param name="reason">Why the machine stopped.</param>
    /// <param name="status">The program's exit status; null when it has none.</param>
    public static string Describe(StopReason reason, int? status) =>
        status is { } some ? string.Create(CultureInfo.InvariantCulture, $"the program ended with status {some}") : Describe(reason);

    private static string Describe(StopReason reason) => reason switch
    {
        StopReason.PowerOff => "the guest switched the power off",
        StopReason.Reset => "the machine was reset or shut down by a triple fault",
        StopReason.Deadlock => "every core waited for an interrupt that could not come",
        _ => $"the machine stopped ({reason})",
    };
}
