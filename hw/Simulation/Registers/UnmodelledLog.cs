namespace CoSim.Hw.Simulation.Registers;

/// <summary>Hears when a guest touches what the model does not have, so that no gap is silent.</summary>
public interface IUnmodelledLog
{
    /// <summary>A guest touched an unmodelled or reserved thing.</summary>
    /// <param name="component">The device instance: <c>hpet</c>.</param>
    /// <param name="place">Register or port by name.</param>
    /// <param name="what">Field or bit, and what was done.</param>
    /// <param name="value">The bits or the data concerned.</param>
    void Touched(string component, string place, string what, ulong value);
}

/// <summary>Reports each (component, place, what) once, however often the guest comes back.</summary>
public sealed class UnmodelledLog : IUnmodelledLog
{
    private readonly HashSet<(string Component, string Place, string What)> _seen = [];
    private readonly Action<string> _write;

    /// <summary>Makes a log.</summary>
    /// <param name="write">Gets each line once.</param>
    public UnmodelledLog(Action<string> write) => _write = write;

    /// <summary>A log that nobody reads.</summary>
    public static IUnmodelledLog Silent { get; } = new SilentLog();

    public void Touched(string component, string place, string what, ulong value)
    {
        if (_seen.Add((component, place, what)))
        {
            _write($"{component}: {place}: {what} ({value:X}h)");
        }
    }

    private sealed class SilentLog : IUnmodelledLog
    {
        public void Touched(string component, string place, string what, ulong value)
        {
        }
    }
}
