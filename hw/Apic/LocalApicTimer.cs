using CoSim.Hw.Simulation;

namespace CoSim.Hw.Apic;

/// <summary>
/// The timer of a local APIC (AMD64 APM volume 2, 16.4.1): counts REFCLK, divided, from TMICT down to zero. The count is a function
/// of time; only an expiry that somebody waits for is an event. There is no TSC-deadline mode on Zen 2.
/// </summary>
internal sealed class LocalApicTimer
{
    private readonly ClockDomain _clock;
    private readonly EventQueue _events;
    private readonly SimEvent _expiry;
    private readonly Action _expired;
    private ulong _startTick;
    private uint _startCount;
    private bool _running;

    public LocalApicTimer(string name, ClockDomain clock, EventQueue events, Action expired)
    {
        _clock = clock;
        _events = events;
        _expired = expired;
        _expiry = new SimEvent(name, EventPriority.Device, Expire);
        clock.Drifted += Reschedule;
    }

    /// <summary>TMICT.</summary>
    public uint InitialCount { get; private set; }

    /// <summary>TDCR: bits 3, 1 and 0.</summary>
    public uint DivideConfiguration { get; private set; }

    /// <summary>Whether the count starts again at zero.</summary>
    public bool Periodic { get; private set; }

    /// <summary>Whether an expiry interrupts. A masked timer counts all the same.</summary>
    public bool Observed { get; private set; }

    /// <summary>When it will interrupt; never while it is masked or stopped.</summary>
    public SimTime ExpiryTime => _expiry.Time;

    /// <summary>TMCCT at the present.</summary>
    public uint CurrentCount
    {
        get
        {
            if (!_running)
            {
                return 0;
            }

            ulong elapsed = Elapsed;
            if (elapsed < _startCount)
            {
                return _startCount - (uint)elapsed;
            }

            return Periodic && InitialCount != 0 ? InitialCount - (uint)((elapsed - _startCount) % InitialCount) : 0;
        }
    }

    /// <summary>TDCR encodings 000 to 110 divide by 2 to 128, 111 by 1.</summary>
    private int DivideShift
    {
        get
        {
            uint code = (DivideConfiguration & 3) | ((DivideConfiguration >> 1) & 4);
            return (int)((code + 1) & 7);
        }
    }

    private ulong NowTick => _clock.TicksAt(_events.Now);

    private ulong Elapsed => (NowTick - _startTick) >> DivideShift;

    public void Reset()
    {
        InitialCount = 0;
        DivideConfiguration = 0;
        Periodic = false;
        Observed = false;
        _running = false;
        _startTick = 0;
        _startCount = 0;
        _events.Cancel(_expiry);
    }

    /// <summary>A write to TMICT starts the count; zero stops it. The divider starts anew with the count.</summary>
    public void Start(uint initialCount)
    {
        InitialCount = initialCount;
        _startCount = initialCount;
        _startTick = NowTick;
        _running = initialCount != 0;
        Reschedule();
    }

    /// <summary>A write to TDCR: the count goes on from where it is at the new rate.</summary>
    public void SetDivide(uint configuration)
    {
        Rebase();
        _startCount = CurrentCount;
        _startTick = NowTick;
        DivideConfiguration = configuration;
        Reschedule();
    }

    /// <summary>A write to the timer's local vector.</summary>
    public void SetMode(bool periodic, bool observed)
    {
        Rebase();
        Periodic = periodic;
        Observed = observed;
        Reschedule();
    }

    public void Save(StateWriter writer)
    {
        writer.UInt32(InitialCount);
        writer.UInt32(DivideConfiguration);
        writer.Bool(Periodic);
        writer.Bool(Observed);
        writer.UInt64(_startTick);
        writer.UInt32(_startCount);
        writer.Bool(_running);
        writer.Event(_expiry);
    }

    public void Restore(StateReader reader)
    {
        InitialCount = reader.UInt32();
        DivideConfiguration = reader.UInt32();
        Periodic = reader.Bool();
        Observed = reader.Bool();
        _startTick = reader.UInt64();
        _startCount = reader.UInt32();
        _running = reader.Bool();
        reader.Event(_expiry);
    }

    /// <summary>Moves the starting point over expiries that nobody observed.</summary>
    private void Rebase()
    {
        ulong elapsed = Elapsed;
        if (!_running || elapsed < _startCount)
        {
            return;
        }

        if (!Periodic)
        {
            _running = false;
            return;
        }

        ulong periods = (elapsed - _startCount) / InitialCount;
        _startTick += (_startCount + (periods * InitialCount)) << DivideShift;
        _startCount = InitialCount;
    }

    private void Reschedule()
    {
        if (_running && Observed)
        {
            _events.Schedule(_expiry, _clock.TimeOf(_startTick + ((ulong)_startCount << DivideShift)));
        }
        else
        {
            _events.Cancel(_expiry);
        }
    }

    private void Expire()
    {
        Rebase();
        Reschedule();
        _expired();
    }
}
