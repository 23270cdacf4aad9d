namespace CoSim.Cli.Debug;

/// <summary>Why the machine stands still.</summary>
internal enum StopKind
{
    /// <summary>It has not run since the debugger came, or the user interrupted it.</summary>
    Interrupt,

    /// <summary>A step is done.</summary>
    Step,

    /// <summary>A breakpoint that gdb calls a software breakpoint; memory is never changed for it.</summary>
    SoftwareBreakpoint,

    /// <summary>A hardware breakpoint.</summary>
    HardwareBreakpoint,

    /// <summary>Watched bytes were written.</summary>
    WriteWatch,

    /// <summary>Watched bytes were read.</summary>
    ReadWatch,

    /// <summary>Watched bytes were read or written.</summary>
    AccessWatch,

    /// <summary>A time, an event or a condition that a monitor command or an option had named.</summary>
    Condition,

    /// <summary>Nothing lies before this place.</summary>
    HistoryBegin,

    /// <summary>The machine has stopped for good, and nothing lies behind this place.</summary>
    HistoryEnd,
}

/// <summary>A stop.</summary>
/// <param name="Kind">Why.</param>
/// <param name="Core">The core that it concerns.</param>
/// <param name="Address">For watches, the watched address.</param>
/// <param name="Text">For conditions and ends, a line for the user; otherwise empty.</param>
internal sealed record StopEvent(StopKind Kind, int Core, ulong Address, string Text)
{
    /// <summary>A stop that has neither an address nor a line.</summary>
    public StopEvent(StopKind kind, int core)
        : this(kind, core, 0, "")
    {
    }
}

/// <summary>What a debugger wants the machine to do.</summary>
internal enum ResumeKind
{
    /// <summary>Run.</summary>
    Continue,

    /// <summary>Run until a core has executed an instruction.</summary>
    Step,

    /// <summary>Run until a core is outside a range of addresses.</summary>
    StepOutOfRange,

    /// <summary>Go back to before the last instruction of a core.</summary>
    ReverseStep,

    /// <summary>Go back to the last place where something stops the machine.</summary>
    ReverseContinue,

    /// <summary>Run, and never stop again: the debugger has gone.</summary>
    Detach,

    /// <summary>End the run.</summary>
    Kill,
}

/// <summary>An order of the debugger.</summary>
/// <param name="Kind">What to do.</param>
/// <param name="Core">The core that steps.</param>
/// <param name="Start">First address of the range to step out of.</param>
/// <param name="End">The address behind it.</param>
internal readonly record struct ResumeOrder(ResumeKind Kind, int Core, ulong Start, ulong End)
{
    /// <summary>An order about a core.</summary>
    public ResumeOrder(ResumeKind kind, int core)
        : this(kind, core, 0, 0)
    {
    }
}
