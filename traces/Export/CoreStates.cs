using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// What each core is busy with, as far as events tell: <c>user</c>, <c>system</c> (nothing known), <c>system;syscall read</c>,
/// <c>system;interrupt 50</c>, <c>system;exception 14</c>, <c>idle;halted</c>. What begins in user mode or in an idle core lasts until the core
/// returns to user mode or waits; an interrupt or exception within it counts as a part of it, because no event tells its end.
/// </summary>
internal sealed class CoreStates
{
    /// <summary>The core runs a program.</summary>
    public const string User = "user";

    /// <summary>The core runs firmware or an operating system.</summary>
    public const string SystemCode = "system";

    private readonly Dictionary<int, string> _states = [];
    private readonly Dictionary<(string What, ulong Number), string> _names = [];

    /// <summary>Takes the next event.</summary>
    /// <param name="e">The event.</param>
    /// <param name="core">The core whose state changed.</param>
    /// <param name="state">Its new state.</param>
    /// <returns>Whether a core's state changed; also true at the first event of a core.</returns>
    public bool Take(in TraceEvent e, out int core, out string state)
    {
        core = e.Core;
        state = "";
        if (core < 0)
            return false;
        bool isNew = !_states.TryGetValue(core, out string? before);
        state = Next(in e, before ?? SystemCode);
        if (!isNew && state == before)
            return false;
        _states[core] = state;
        return true;
    }

    private string Next(in TraceEvent e, string before) => e.Kind.Name switch
    {
        "syscall" => Name("syscall", e.Number("nr")),
        "user-return" => User,
        "exception" => Begins(before) ? Name("exception", e.Number("vector")) : before,
        "interrupt" => Begins(before) ? Name("interrupt", e.Number("vector")) : before,
        "activity" => e.Text == "active" ? SystemCode : Waiting(e.Text ?? ""),
        _ => before,
    };

    private static bool Begins(string before) => before is User or SystemCode;

    private static string Waiting(string state) => "idle;" + ExportText.Word(state);

    private string Name(string what, ulong number)
    {
        if (!_names.TryGetValue((what, number), out string? name))
        {
            name = what == "syscall" ? $"{SystemCode};syscall {SystemCallNames.Of(number)}" : $"{SystemCode};{what} {number}";
            _names.Add((what, number), name);
        }

        return name;
    }
}
