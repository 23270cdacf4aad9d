using CoSim.Hw.Simulation;
using CoSim.Hw.Simulation.Registers;

namespace CoSim.Hw.Devices.Tests;

/// <summary>Time, clocks and a log for the device under test, without a processor.</summary>
internal sealed class Rig
{
    public Rig()
    {
        Services = new DeviceServices(Events, new UnmodelledLog(Log.Add));
    }

    public static ClockDomain Refclk { get; } = new("REFCLK", Frequency.FromMegahertz(100), 0);

    public static ClockDomain HpetClock { get; } = new("HPET", Frequency.FromHertz(14_318_180), 0);

    public static ClockDomain PmClock { get; } = HpetClock.Derive("PM", 1, 4);

    public static ClockDomain PitClock { get; } = HpetClock.Derive("PIT", 1, 12);

    public static ClockDomain RtcClock { get; } = new("RTC", Frequency.FromHertz(32_768), 0);

    public EventQueue Events { get; } = new();

    public List<string> Log { get; } = [];

    public DeviceServices Services { get; }

    public SimTime Now => Events.Now;

    /// <summary>Lets time pass, events included.</summary>
    public void Run(SimDuration duration) => Events.RunUntil(Events.Now + duration);

    public void RunTo(SimTime time) => Events.RunUntil(time);

    /// <summary>Runs to the moment at which a clock has made this many ticks.</summary>
    public void RunToTick(ClockDomain clock, ulong tick) => Events.RunUntil(clock.TimeOf(tick));

    /// <summary>Lets a number of ticks of a clock pass.</summary>
    public void RunTicks(ClockDomain clock, ulong ticks) => RunToTick(clock, clock.TicksAt(Now) + ticks);

    /// <summary>Asserts equality in loops of hundreds of thousands of steps, where building a constraint and a message each time would take the time.</summary>
    public static void Same(ulong actual, ulong expected, int seed, int step, string what)
    {
        if (actual != expected)
        {
            Assert.Fail($"seed {seed}, step {step}: {what} is {actual}, expected {expected}");
        }
    }

    /// <summary>The snapshot of components, the event queue first.</summary>
    public byte[] Save(params IStateful[] components)
    {
        StateWriter writer = new();
        writer.Section(Events);
        foreach (IStateful component in components)
        {
            writer.Section(component);
        }

        return writer.ToArray();
    }

    public void Restore(byte[] snapshot, params IStateful[] components)
    {
        StateReader reader = new(snapshot, Events);
        reader.Section(Events);
        foreach (IStateful component in components)
        {
            reader.Section(component);
        }

        Assert.That(reader.AtEnd, "the snapshot has more than was read");
    }
}

/// <summary>A core's interrupt pins, recorded.</summary>
internal sealed class FakeCore : ICoreSignals
{
    public bool Request { get; private set; }

    public int Nmis { get; private set; }

    public int Smis { get; private set; }

    public int Inits { get; private set; }

    public List<byte> Startups { get; } = [];

    public void SetInterruptRequest(bool asserted) => Request = asserted;

    public void RaiseNmi() => Nmis++;

    public void RaiseSmi() => Smis++;

    public void RaiseInit() => Inits++;

    public void RaiseStartup(byte vector) => Startups.Add(vector);
}

/// <summary>Counts rising edges and remembers the level of a line.</summary>
internal sealed class FakeInput : IInterruptInput
{
    public int Edges { get; private set; }

    public bool Level { get; private set; }

    public List<SimTime> Times { get; } = [];

    public EventQueue? Events { get; init; }

    public void SetInput(int pin, bool asserted)
    {
        Level = asserted;
        Edges += asserted ? 1 : 0;
        if (asserted && Events is not null)
        {
            Times.Add(Events.Now);
        }
    }
}

/// <summary>Message interrupts, recorded.</summary>
internal sealed class FakeMessages : IMessageInterruptSink
{
    public List<(ulong Address, uint Data)> Messages { get; } = [];

    public void DeliverMessage(ulong address, uint data) => Messages.Add((address, data));
}

/// <summary>Requests to the board, recorded.</summary>
internal sealed class FakeMachine : IMachineControl
{
    public List<string> Requests { get; } = [];

    public void RequestReset(ResetKind kind) => Requests.Add($"reset {kind}");

    public void RequestPowerOff() => Requests.Add("off");

    public void RequestSleep(int sleepType) => Requests.Add($"sleep {sleepType}");

    public void RequestWake() => Requests.Add("wake");
}
