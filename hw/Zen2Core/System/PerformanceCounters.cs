using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// The six core performance counters (PERF_CTL0-5 and PERF_CTR0-5, MSRs C001_0200h-C001_020Bh; AMD APM vol. 2, 13.2; events by
/// the family 17h model 31h PPR, 2.1.15.4). A counter is a function of what its event has counted so far; nothing ticks. It is
/// brought up to date when somebody reads it, when the privilege level changes under a filter, and when the engine changes.
/// </summary>
public sealed unsafe class PerformanceCounters
{
    /// <summary>Counters of a core.</summary>
    public const int Count = 6;

    private const uint FirstControl = 0xC001_0200;
    private const int Bits = 48;
    private const ulong Mask = (1UL << Bits) - 1;
    private const ulong UserBit = 1 << 16, SystemBit = 1 << 17, InterruptBit = 1 << 20, EnableBit = 1 << 22;

    private static readonly int[] s_controlSlots = [.. Enumerable.Range(0, Count).Select(n => MsrTable.Find(FirstControl + 2 * (uint)n)!.Slot)];
    private static readonly int[] s_valueSlots = [.. Enumerable.Range(0, Count).Select(n => MsrTable.Find(FirstControl + 1 + 2 * (uint)n)!.Slot)];

    private readonly CoreContext _core;
    private readonly ulong[] _last = new ulong[Count];
    private readonly CoreEvent[] _events = new CoreEvent[Count];
    private bool _user;
    private bool _filtered;
    private bool _restored;

    internal PerformanceCounters(CoreContext core) => _core = core;

    /// <summary>Some counter counts.</summary>
    internal bool Active { get; private set; }

    /// <summary>Some counter counts that interrupts when it overflows.</summary>
    internal bool Interrupts { get; private set; }

    /// <summary>Some counter counts branches, of which the functional engine keeps no count otherwise.</summary>
    internal bool CountsBranches { get; private set; }

    /// <summary>True for the MSRs of the six counters.</summary>
    internal static bool Owns(uint msr) => msr is >= FirstControl and < FirstControl + 2 * Count;

    /// <summary>Value of counter <paramref name="n"/> now, 48 bits; changes nothing.</summary>
    public ulong Read(int n)
    {
        ulong value = Value(n);
        return Counts(n, _user) ? (value + Source(n) - _last[n]) & Mask : value;
    }

    /// <summary>Before a counter's MSR changes.</summary>
    internal void BeforeWrite() => Fold();

    /// <summary>The state was restored; the engine that goes on has not been told the time yet.</summary>
    internal void Restored() => _restored = true;

    /// <summary>An engine goes on: with restored state the sources start from its present.</summary>
    internal void Attached()
    {
        if (_restored)
            Restart();
    }

    /// <summary>After it has, or after an engine took over: counting starts from here.</summary>
    internal void Restart()
    {
        _restored = false;
        bool counted = CountsBranches;
        Active = Interrupts = CountsBranches = _filtered = false;
        _user = _core.State->Cpl == 3;
        for (int n = 0; n < Count; n++)
        {
            ulong control = Control(n);
            if ((control & EnableBit) == 0)
                continue;
            Active = true;
            Interrupts |= (control & InterruptBit) != 0;
            _filtered |= (control & (UserBit | SystemBit)) is UserBit or SystemBit;
            _events[n] = EventOf(control);
            CountsBranches |= _events[n] is CoreEvent.Branches or CoreEvent.TakenBranches;
            _last[n] = Source(n);
        }

        if (Interrupts || CountsBranches != counted)
            _core.RequestAttention();
    }

    /// <summary>The privilege level may have changed.</summary>
    internal void LevelMayHaveChanged()
    {
        bool user = _core.State->Cpl == 3;
        if (user == _user)
            return;
        if (_filtered)
            Fold();
        _user = user;
    }

    /// <summary>Brings the stored values up to date and raises what overflowed.</summary>
    internal void Fold()
    {
        if (!Active)
            return;
        bool overflow = false;
        for (int n = 0; n < Count; n++)
        {
            if ((Control(n) & EnableBit) == 0)
                continue;
            ulong now = Source(n), delta = now - _last[n];
            _last[n] = now;
            if (!Counts(n, _user))
                continue;
            ulong sum = Value(n) + delta;
            overflow |= sum >> Bits != 0 && (Control(n) & InterruptBit) != 0;
            _core.State->Msr[s_valueSlots[n]] = sum & Mask;
        }

        if (overflow)
            _core.Interrupts?.RaisePerformanceInterrupt();
    }

    /// <summary>Instructions, at least one, after which an interrupting counter can overflow at the earliest, were every one to count once.</summary>
    internal ulong InstructionsToOverflow()
    {
        ulong least = ulong.MaxValue;
        for (int n = 0; n < Count; n++)
        {
            if (Counts(n, _user) && (Control(n) & InterruptBit) != 0)
                least = Math.Min(least, Mask + 1 - Value(n));
        }

        return Math.Max(1, least);
    }

    /// <summary>With CntMask above 1 a counter counts cycles in which that many events fall together: nobody keeps those.</summary>
    private CoreEvent EventOf(ulong control)
    {
        const int maskShift = 24;
        if (((control >> maskShift) & 0xFF) <= 1)
            return PerformanceEvents.Find((int)(control & 0xFF) | ((int)((control >> 32) & 0xF) << 8), (byte)(control >> 8));
        _core.Probe.OnUnmodelled(_core, $"performance counter with CntMask, PERF_CTL = {control:X}h");
        return CoreEvent.None;
    }

    private ulong Control(int n) => _core.State->Msr[s_controlSlots[n]];

    private ulong Value(int n) => _core.State->Msr[s_valueSlots[n]];

    private bool Counts(int n, bool user)
    {
        ulong control = Control(n);
        return (control & EnableBit) != 0 && (control & (user ? UserBit : SystemBit)) != 0;
    }

    /// <summary>What an event has counted since some moment in the past.</summary>
    private ulong Source(int n) => _events[n] switch
    {
        CoreEvent.None => 0,
        CoreEvent.Cycles => _core.CoreCycles(_core.AwakeCycles),
        CoreEvent.Instructions => _core.State->Executed,
        CoreEvent.InterruptsTaken => _core.InterruptsTaken,
        CoreEvent.SystemManagementInterrupts => _core.SystemManagementInterruptsTaken,
        CoreEvent.Branches or CoreEvent.TakenBranches => (_core.Engine?.EventCount(_events[n]) ?? 0) + _core.EventsDelivered,
        _ => _core.Engine?.EventCount(_events[n]) ?? 0,
    };
}
