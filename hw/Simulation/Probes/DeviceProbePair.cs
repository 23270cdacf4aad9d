namespace CoSim.Hw.Simulation;

/// <summary>Lets two probes watch the same devices.</summary>
/// <param name="first">Hears of everything first.</param>
/// <param name="second">Hears of it next.</param>
public sealed class DeviceProbePair(IDeviceProbe first, IDeviceProbe second) : IDeviceProbe
{
    /// <inheritdoc/>
    public void ClockRead(string clock, SimTime time, ulong value)
    {
        first.ClockRead(clock, time, value);
        second.ClockRead(clock, time, value);
    }

    /// <inheritdoc/>
    public void TimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
        first.TimerProgrammed(timer, time, expiry);
        second.TimerProgrammed(timer, time, expiry);
    }

    /// <inheritdoc/>
    public void TimerExpired(string timer, SimTime time)
    {
        first.TimerExpired(timer, time);
        second.TimerExpired(timer, time);
    }

    /// <inheritdoc/>
    public void LineChanged(string line, SimTime time, bool asserted)
    {
        first.LineChanged(line, time, asserted);
        second.LineChanged(line, time, asserted);
    }

    /// <inheritdoc/>
    public void PostCode(SimTime time, byte code)
    {
        first.PostCode(time, code);
        second.PostCode(time, code);
    }

    /// <inheritdoc/>
    public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode)
    {
        first.InterruptAccepted(apic, time, vector, mode);
        second.InterruptAccepted(apic, time, vector, mode);
    }

    /// <inheritdoc/>
    public void FaultOccurred(string fault, SimTime time, string effect)
    {
        first.FaultOccurred(fault, time, effect);
        second.FaultOccurred(fault, time, effect);
    }
}
