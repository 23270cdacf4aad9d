namespace CoSim.Os.Timekeeping;

/// <summary>
/// How long the machine slept, by a clock that knows whole seconds only. Were the difference of two readings taken as it is, each
/// suspension would add an error of up to a second; instead the wall clock's distance from the persistent one is kept from one suspension to
/// the next (timekeeping reference, section 3, Suspend).
/// </summary>
internal struct PersistentClock
{
    /// <summary>A change of the distance from here on is a step of one of the clocks, not rounding: seconds.</summary>
    private const long StepSeconds = 2;

    private Timespec _suspendedAt;
    private Timespec _distance;

    /// <summary>The machine falls asleep.</summary>
    /// <param name="wall">CLOCK_REALTIME now.</param>
    /// <param name="persistent">The persistent clock's reading.</param>
    internal void Suspend(Timespec wall, Timespec persistent)
    {
        _suspendedAt = persistent;
        Timespec distance = Timespec.Subtract(wall, persistent);
        Timespec change = Timespec.Subtract(distance, _distance);
        if (change.Sec >= StepSeconds || change.Sec <= -StepSeconds) _distance = distance;
        else _suspendedAt = Timespec.Add(persistent, change);
    }

    /// <summary>The machine wakes up.</summary>
    /// <param name="persistent">The persistent clock's reading.</param>
    /// <returns>The time slept, zero when the clock did not move.</returns>
    internal readonly Timespec Resume(Timespec persistent)
    {
        Timespec slept = Timespec.Subtract(persistent, _suspendedAt);
        return slept.Sec < 0 ? default : slept;
    }
}
