using CoSim.Hw.Simulation;
using Serilog.Events;

namespace CoSim.Cli.Logging;

/// <summary>Logs what devices do. It only listens, so that a run is the same with and without it.</summary>
/// <param name="log">The log.</param>
public sealed class DeviceLog(MachineLog log) : IDeviceProbe
{
    private const int Fixed = 0;

    /// <inheritdoc/>
    public void ClockRead(string clock, SimTime time, ulong value) =>
        log.Write(LogComponents.OwnerOf(clock), time, LogEventLevel.Verbose, "{Clock:l} read: {Value:X}h", ("Clock", clock), ("Value", value));

    /// <inheritdoc/>
    public void TimerProgrammed(string timer, SimTime time, SimTime expiry)
    {
        string component = LogComponents.OwnerOf(timer);
        if (expiry == SimTime.Never)
            log.Write(component, time, LogEventLevel.Debug, "{Timer:l} stopped", ("Timer", timer));
        else
            log.Write(component, time, LogEventLevel.Debug, "{Timer:l} programmed for {Expiry:l}", ("Timer", timer), ("Expiry", expiry.ToString()));
    }

    /// <inheritdoc/>
    public void TimerExpired(string timer, SimTime time) =>
        log.Write(LogComponents.OwnerOf(timer), time, LogEventLevel.Debug, "{Timer:l} expired", ("Timer", timer));

    /// <inheritdoc/>
    public void LineChanged(string line, SimTime time, bool asserted) =>
        log.Write(LogComponents.OwnerOf(line), time, LogEventLevel.Debug, "{Line:l} {State:l}", ("Line", line), ("State", asserted ? "asserted" : "released"));

    /// <inheritdoc/>
    public void PostCode(SimTime time, byte code) =>
        log.Write("firmware", time, LogEventLevel.Information, "progress code {Code:X2}h", ("Code", code));

    /// <inheritdoc/>
    public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode)
    {
        string component = $"apic{apic}";
        if (mode == Fixed)
            log.Write(component, time, LogEventLevel.Debug, "accepted vector {Vector:X2}h", ("Vector", vector));
        else
            log.Write(component, time, LogEventLevel.Debug, "accepted {Mode:l}, vector {Vector:X2}h", ("Mode", NameOf(mode)), ("Vector", vector));
    }

    /// <summary>Delivery modes of the local APIC (AMD64 Architecture Programmer's Manual, volume 2, section 16.5, interrupt command register).</summary>
    private static string NameOf(int mode) => mode switch
    {
        1 => "lowest priority",
        2 => "SMI",
        4 => "NMI",
        5 => "INIT",
        6 => "start-up",
        7 => "external interrupt",
        _ => $"delivery mode {mode}",
    };
}
