using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Simulation;

/// <summary>What every device of a machine shares: time, the log of unmodelled things, and who watches.</summary>
public sealed class DeviceServices
{
    private IDeviceProbe? _watcher;
    private IDeviceProbe? _listener;

    /// <summary>Makes the services of one machine.</summary>
    public DeviceServices(EventQueue events, IUnmodelledLog log)
    {
        Events = events;
        Log = log;
    }

    public EventQueue Events { get; }

    public IUnmodelledLog Log { get; }

    /// <summary>Whom devices tell: the watcher, the listener, both or, when nobody watches, null.</summary>
    public IDeviceProbe? Probe { get; private set; }

    /// <summary>Who watches from outside and changes nothing; null for nobody.</summary>
    public IDeviceProbe? Watcher
    {
        get => _watcher;
        set
        {
            _watcher = value;
            Combine();
        }
    }

    /// <summary>The machine's own ear, which may act on what it hears (<c>faults</c>); it hears of things after the watcher. Null for none.</summary>
    public IDeviceProbe? Listener
    {
        get => _listener;
        set
        {
            _listener = value;
            Combine();
        }
    }

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

    private void Combine() => Probe = _watcher is null ? _listener : _listener is null ? _watcher : new DeviceProbePair(_watcher, _listener);
}
