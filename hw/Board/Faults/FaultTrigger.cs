using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>What happens in a machine that a fault can wait for.</summary>
public enum FaultEventKind : byte
{
    /// <summary>A guest reads a device's counter; subject <c>hpet</c>, <c>pm</c>, <c>rtc</c>, <c>apic0.timer</c>.</summary>
    ClockRead,

    /// <summary>A guest programs a timer; subject <c>hpet.timer0</c>, <c>apic0.timer</c>.</summary>
    TimerProgrammed,

    /// <summary>A timer expires; subject as for <see cref="TimerProgrammed"/>.</summary>
    TimerExpired,

    /// <summary>A device's interrupt line is asserted; subject <c>pit.out0</c>, <c>hpet.legacy0</c>, <c>sci</c>.</summary>
    LineAsserted,

    /// <summary>A local APIC accepts an interrupt; subject its vector, two hexadecimal digits: <c>EF</c>.</summary>
    InterruptAccepted,

    /// <summary>Firmware writes a progress code to port 80h; subject two hexadecimal digits: <c>50</c>.</summary>
    PostCode,

    /// <summary>The guest executes a label marker; subject its argument in hexadecimal: <c>4E5552</c> when the program of a run starts.</summary>
    Label,

    /// <summary>The serial console has said the subject, a text without a newline.</summary>
    ConsoleText,
}

/// <summary>What sets a fault off.</summary>
public abstract record FaultTrigger
{
    /// <summary>Most often a fault happens; 0 for no limit.</summary>
    public uint Times { get; init; } = 1;
}

/// <summary>A simulated time, and perhaps every so often after it.</summary>
/// <param name="Time">When it happens first, since the simulation began.</param>
public sealed record AtTime(SimTime Time) : FaultTrigger
{
    /// <summary>From one time to the next, for a fault that happens more than once.</summary>
    public SimDuration Period { get; init; } = SimDuration.Zero;
}

/// <summary>Before an instruction of a core, exactly, on either engine.</summary>
/// <param name="Core">The core's index.</param>
/// <param name="Count">Instructions that it has retired since the machine left reset.</param>
public sealed record AtInstruction(int Core, ulong Count) : FaultTrigger;

/// <summary>
/// An event, by its number. On the detailed engine what happens takes effect at the next instruction boundary; on the functional one at
/// once, the instruction that caused the event paying for time that is lost.
/// </summary>
/// <param name="Kind">What happens.</param>
/// <param name="Subject">To whom: see <see cref="FaultEventKind"/>; empty for anyone.</param>
/// <param name="Occurrence">Which one of them sets the fault off first, from 1.</param>
public sealed record AtEvent(FaultEventKind Kind, string Subject, ulong Occurrence) : FaultTrigger
{
    /// <summary>Events from one time to the next, for a fault that happens more than once; at least 1.</summary>
    public ulong Every { get; init; } = 1;

    /// <summary>From the event to the fault.</summary>
    public SimDuration Delay { get; init; } = SimDuration.Zero;
}
