using CoSim.Hw.Simulation;
using Serilog.Events;

namespace CoSim.Cli.Logging;

/// <summary>Logs what a machine tells its host: guest requests, engine switches, resets, things that are not modelled.</summary>
/// <param name="log">The log.</param>
/// <param name="machine">The machine.</param>
internal sealed class RunLog(MachineLog log, Machine machine)
{
    /// <summary>The machine met something that it does not model.</summary>
    public void Unmodelled(string line)
    {
        (string component, string what) = LogComponents.Split(line);
        log.Write(component, TimeOf(component), LogEventLevel.Warning, "not modelled: {What:l}", ("What", what));
    }

    /// <summary>Something went wrong in the hardware.</summary>
    public void Fault(string fault, SimTime time, string effect) =>
        log.Write("machine", time, LogEventLevel.Warning, "fault {Fault:l}: {Effect:l}", ("Fault", fault), ("Effect", effect));

    /// <summary>A guest made a request.</summary>
    public void Request(int core, GuestRequest request, ulong argument)
    {
        string component = $"core{core}";
        SimTime time = TimeOf(component);
        switch (request)
        {
            case GuestRequest.SpanBegin:
                log.Write(component, time, LogEventLevel.Debug, "span {Span:X}h begins", ("Span", argument));
                break;
            case GuestRequest.SpanEnd:
                log.Write(component, time, LogEventLevel.Debug, "span {Span:X}h ends", ("Span", argument));
                break;
            case GuestRequest.Cold:
                log.Write(component, time, LogEventLevel.Debug, "caches, TLBs and predictors emptied");
                break;
            case GuestRequest.Detailed:
                log.Write(component, time, LogEventLevel.Information, "goes on with the detailed engine");
                break;
            case GuestRequest.Functional:
                log.Write(component, time, LogEventLevel.Information, "goes on with the functional engine");
                break;
            case GuestRequest.Exit:
                log.Write(component, time, LogEventLevel.Information, "program ended with status {Status}", ("Status", argument));
                break;
            case GuestRequest.Label:
                log.Write(component, time, LogEventLevel.Information, "label {Label:X}h", ("Label", argument));
                break;
            default:
                log.Write(component, time, LogEventLevel.Warning, "unknown request {Request}, argument {Argument:X}h", ("Request", (byte)request), ("Argument", argument));
                break;
        }
    }

    /// <summary>The machine stopped for good.</summary>
    public void Stopped(StopReason reason)
    {
        LogEventLevel level = reason is StopReason.Reset or StopReason.Deadlock ? LogEventLevel.Error : LogEventLevel.Information;
        log.Write("machine", TimeOf("machine"), level, "{Event:l}", ("Event", Describe(reason)));
    }

    /// <summary>
    /// Where a component is in time. Cores run ahead of the machine's own present, which is that of its devices; the machine as a
    /// whole is where its foremost core is.
    /// </summary>
    private SimTime TimeOf(string component)
    {
        SimTime time = machine.Now;
        foreach (MachineCore core in machine.Cores)
            if (component == $"core{core.Index}")
                return machine.Clocks.Core.TimeOf(core.Cycle);
            else if (component == "machine")
                time = SimTime.Max(time, machine.Clocks.Core.TimeOf(core.Cycle));
        return time;
    }

    private static string Describe(StopReason reason) => reason switch
    {
        StopReason.Reset => "reset",
        StopReason.PowerOff => "power off",
        StopReason.Deadlock => "no core can ever run again",
        StopReason.Requested => "stopped on request",
        _ => reason.ToString(),
    };
}
