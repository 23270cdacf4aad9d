namespace CoSim.Hw.Simulation;

/// <summary>
/// Watches devices. A device holds one of these or null, and calls it beside what it does; a probe must not touch the
/// machine, so that a run is the same with any probe on or off.
/// </summary>
public interface IDeviceProbe
{
    /// <summary>A guest read a counter.</summary>
    /// <param name="clock"><c>hpet</c>, <c>pm</c>, <c>pit0</c>, <c>rtc</c>, <c>apic3.timer</c>.</param>
    /// <param name="time">When.</param>
    /// <param name="value">What it got.</param>
    void ClockRead(string clock, SimTime time, ulong value);

    /// <summary>A guest programmed a timer.</summary>
    /// <param name="timer"><c>hpet.timer0</c>, <c>apic3.timer</c>.</param>
    /// <param name="time">When.</param>
    /// <param name="expiry">When it will expire; <see cref="SimTime.Never"/> when it was stopped.</param>
    void TimerProgrammed(string timer, SimTime time, SimTime expiry);

    /// <summary>A timer expired.</summary>
    void TimerExpired(string timer, SimTime time);

    /// <summary>An interrupt line of a device changed.</summary>
    void LineChanged(string line, SimTime time, bool asserted);

    /// <summary>Firmware wrote a progress code to port 80h.</summary>
    void PostCode(SimTime time, byte code);

    /// <summary>A local APIC accepted an interrupt.</summary>
    /// <param name="apic">Its APIC ID.</param>
    /// <param name="time">When.</param>
    /// <param name="vector">0 to 255; for NMI, SMI, INIT the delivery mode tells.</param>
    /// <param name="mode">Delivery mode: 0 fixed, 2 SMI, 4 NMI, 5 INIT, 6 start-up, 7 external.</param>
    void InterruptAccepted(uint apic, SimTime time, byte vector, int mode);

    /// <summary>A fault that was asked for has happened.</summary>
    /// <param name="fault">Its name.</param>
    /// <param name="time">When.</param>
    /// <param name="effect">What it did, in one line.</param>
    void FaultOccurred(string fault, SimTime time, string effect)
    {
    }
}
