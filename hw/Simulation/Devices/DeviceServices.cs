using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Simulation;

/// <summary>What every device of a machine shares: time, the log of unmodelled things, and who watches.</summary>
public sealed class DeviceServices
{
    /// <summary>Makes the services of one machine.</summary>
    public DeviceServices(EventQueue events, IUnmodelledLog log)
    {
        Events = events;
        Log = log;
    }

    public EventQueue Events { get; }

    public IUnmodelledLog Log { get; }

    /// <summary>The watcher; null when nobody watches.</summary>
    public IDeviceProbe? Probe { get; set; }

    /// <summary>The present.</summary>
    public SimTime Now => Events.Now;

    /// <summary>Drives a device's interrupt line and tells the watcher of a change.</summary>
    public void Drive(InterruptLine line, bool asserted)
    {
        if (asserted != line.Asserted)
        {
            Probe?.LineChanged(line.Name, Events.Now, asserted);
            line.Set(asserted);
        }
    }
}
