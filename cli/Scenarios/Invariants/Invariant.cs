using System.Globalization;
using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>Watches one rule during one run.</summary>
internal abstract class Invariant
{
    /// <summary>The rule in words.</summary>
    public abstract string Title { get; }

    /// <summary>The first violation; null while the rule has held.</summary>
    public string? Violation { get; private set; }

    /// <summary>For rules that are violated in one of two ways, which one the first violation was: "early" or "late"; else null.</summary>
    public virtual string? Direction => null;

    /// <summary>When it happened.</summary>
    public SimTime ViolatedAt { get; private set; }

    /// <summary>How often the rule was violated.</summary>
    public long Violations { get; private set; }

    /// <summary>How often the rule was looked at: one that never was has not been tested.</summary>
    public long Checks { get; private set; }

    /// <summary>A clock was read.</summary>
    /// <param name="reading">What it showed.</param>
    public virtual void OnReading(in ClockReading reading)
    {
    }

    /// <summary>A hardware timer was programmed.</summary>
    public virtual void OnTimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
    }

    /// <summary>A hardware timer expired.</summary>
    public virtual void OnTimerExpired(string timer, SimTime time)
    {
    }

    /// <summary>A local APIC accepted an interrupt for its core.</summary>
    /// <param name="core">The core.</param>
    /// <param name="time">When.</param>
    /// <param name="vector">The vector.</param>
    public virtual void OnInterruptAccepted(int core, SimTime time, byte vector)
    {
    }

    /// <summary>A core took an interrupt.</summary>
    public virtual void OnInterruptTaken(int core, SimTime time, byte vector)
    {
    }

    /// <summary>A program went to sleep.</summary>
    /// <param name="sleeper">Tells threads apart.</param>
    /// <param name="time">When.</param>
    /// <param name="length">For how long.</param>
    public virtual void OnSleep(SleeperId sleeper, SimTime time, SimDuration length)
    {
    }

    /// <summary>A thread went on after a system call.</summary>
    /// <param name="sleeper">Which.</param>
    /// <param name="time">When.</param>
    /// <param name="result">What the call returned.</param>
    public virtual void OnReturn(SleeperId sleeper, SimTime time, long result)
    {
    }

    /// <summary>The run has ended.</summary>
    public virtual void OnEnd(SimTime time)
    {
    }

    /// <summary>Counts a look at the rule.</summary>
    protected void Checked() => Checks++;

    /// <summary>Notes a violation.</summary>
    /// <param name="time">When.</param>
    /// <param name="what">What happened, in words.</param>
    protected void Violate(SimTime time, FormattableString what)
    {
        Violations++;
        if (Violation is not null)
            return;
        Violation = string.Format(CultureInfo.InvariantCulture, what.Format, [.. what.GetArguments().Select(a => a is SimDuration duration ? DurationText.Of(duration) : a)]);
        ViolatedAt = time;
    }
}

/// <summary>Tells threads of a guest apart while they are in a system call: page table, user stack, place of return.</summary>
/// <param name="PageTable">CR3.</param>
/// <param name="Stack">RSP.</param>
/// <param name="Return">Where it goes on.</param>
internal readonly record struct SleeperId(ulong PageTable, ulong Stack, ulong Return);
