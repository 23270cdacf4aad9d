namespace CoSim.Hw.Simulation;

/// <summary>Order among events of the same time; lower runs first.</summary>
public static class EventPriority
{
    /// <summary>Clock and power changes, before anything that reads a clock.</summary>
    public const int Clock = 0;

    /// <summary>Timer expiry and other device work.</summary>
    public const int Device = 10;

    /// <summary>Delivery of interrupt messages, after every device of that moment has raised its lines.</summary>
    public const int Interrupt = 20;

    /// <summary>Observers: stop conditions, statistics.</summary>
    public const int Observer = 30;
}

/// <summary>
/// A thing that a component will do at a time. The component owns the object for life and schedules it again and again,
/// so that scheduling allocates nothing and a snapshot can name it.
/// </summary>
public sealed class SimEvent
{
    private readonly Action _action;

    /// <summary>Makes an event that is not scheduled.</summary>
    /// <param name="name">For logs and traces: <c>hpet.timer0</c>.</param>
    /// <param name="priority">One of <see cref="EventPriority"/>.</param>
    /// <param name="action">What happens. It may schedule any event, this one too.</param>
    public SimEvent(string name, int priority, Action action)
    {
        Name = name;
        Priority = priority;
        _action = action;
    }

    public string Name { get; }

    public int Priority { get; }

    /// <summary>When it will happen; <see cref="SimTime.Never"/> while it is not scheduled.</summary>
    public SimTime Time { get; internal set; } = SimTime.Never;

    /// <summary>Position among events of the same time and priority: first scheduled, first run.</summary>
    public ulong Sequence { get; internal set; }

    public bool IsScheduled => HeapIndex >= 0;

    internal int HeapIndex { get; set; } = -1;

    internal void Run() => _action();

    public override string ToString() => $"{Name} at {Time}";
}
