using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <content>What devices report.</content>
public sealed partial class EventSource : IDeviceProbe
{
    /// <inheritdoc/>
    public void ClockRead(string clock, SimTime time, ulong value)
    {
        TraceEvent e = new(TraceEvents.CounterRead, time) { Text = clock };
        e.Values[1] = value;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void TimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
        TraceEvent e = new(TraceEvents.TimerProgrammed, time) { Text = timer };
        e.Values[1] = Delay(time, expiry);
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void TimerExpired(string timer, SimTime time) => _sink.Add(new TraceEvent(TraceEvents.TimerExpired, time) { Text = timer });

    /// <inheritdoc/>
    public void LineChanged(string line, SimTime time, bool asserted)
    {
        TraceEvent e = new(TraceEvents.Line, time) { Text = line };
        e.Values[1] = asserted ? 1UL : 0;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void PostCode(SimTime time, byte code) => Add(TraceEvents.PostCode, time, code);

    /// <inheritdoc/>
    public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode) =>
        Add(TraceEvents.InterruptAccepted, time, apic, vector, (ulong)mode);

    /// <inheritdoc/>
    public void FaultOccurred(string fault, SimTime time, string effect) =>
        _sink.Add(new TraceEvent(TraceEvents.Fault, time) { Text = $"{fault}: {effect}" });

    /// <summary>Femtoseconds until then; what lies five hours and more ahead counts as never.</summary>
    private static ulong Delay(SimTime time, SimTime expiry)
    {
        if (expiry <= time)
            return 0;
        UInt128 distance = expiry.Femtoseconds - time.Femtoseconds;
        return distance < ulong.MaxValue ? (ulong)distance : ulong.MaxValue;
    }
}
