using System.Globalization;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>
/// Waits for what sets faults off: times, instructions, and what devices do. It hears of devices as a probe does, but what it starts
/// changes the machine.
/// </summary>
internal sealed class FaultTimeline : IDeviceProbe, IStateful
{
    private readonly Entry[] _entries;
    private readonly EventQueue _queue;
    private readonly Action<Fault> _fire;

    /// <summary>Makes the timeline of a machine.</summary>
    /// <param name="faults">What goes wrong.</param>
    /// <param name="queue">The machine's events.</param>
    /// <param name="fire">Lets a fault happen now, or at the next instruction boundary.</param>
    public FaultTimeline(IReadOnlyList<Fault> faults, EventQueue queue, Action<Fault> fire)
    {
        _queue = queue;
        _fire = fire;
        _entries = [.. faults.Select(f => new Entry(f))];
        foreach (Entry entry in _entries)
        {
            entry.Event = new SimEvent($"fault.{entry.Fault.Name}", EventPriority.Clock, () => Due(entry));
            if (entry.Fault.When is AtTime when)
                queue.Schedule(entry.Event, when.Time);
        }
    }

    /// <inheritdoc/>
    public string StateName => "faults.timeline";

    /// <summary>Whether some fault waits for an instruction.</summary>
    public bool WaitsForInstructions { get; private set; } = true;

    /// <summary>Whether some fault waits for what a device does.</summary>
    public bool Listens => _entries.Any(e => e.Fault.When is AtEvent);

    /// <summary>How often each fault has happened.</summary>
    public IEnumerable<(Fault Fault, uint Times)> Happened => _entries.Select(e => (e.Fault, e.Fired));

    /// <summary>The instruction at which a core must stop next; <see cref="ulong.MaxValue"/> for none.</summary>
    public ulong NextInstruction(int core)
    {
        ulong next = ulong.MaxValue;
        bool waits = false;
        foreach (Entry entry in _entries)
        {
            if (entry.Fault.When is AtInstruction at && entry.Fired == 0)
            {
                waits = true;
                next = at.Core == core ? Math.Min(next, at.Count) : next;
            }
        }

        WaitsForInstructions = waits;
        return next;
    }

    /// <summary>A core stands before an instruction.</summary>
    public void Reached(int core, ulong instructions)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Fault.When is AtInstruction at && entry.Fired == 0 && at.Core == core && at.Count <= instructions)
                Fire(entry);
        }
    }

    /// <summary>The guest executed a label marker.</summary>
    public void Label(ulong argument) => Note(FaultEventKind.Label, argument.ToString("X", CultureInfo.InvariantCulture), asserted: true);

    /// <summary>The serial console sent a byte.</summary>
    public void Transmitted(byte value)
    {
        foreach (Entry entry in _entries)
        {
            if (entry.Fault.When is AtEvent { Kind: FaultEventKind.ConsoleText } at && Advance(entry, at.Subject, value))
                Count(entry, at);
        }
    }

    /// <inheritdoc/>
    public void ClockRead(string clock, SimTime time, ulong value) => Note(FaultEventKind.ClockRead, clock, asserted: true);

    /// <inheritdoc/>
    public void TimerProgrammed(string timer, SimTime time, SimTime expiry) => Note(FaultEventKind.TimerProgrammed, timer, asserted: true);

    /// <inheritdoc/>
    public void TimerExpired(string timer, SimTime time) => Note(FaultEventKind.TimerExpired, timer, asserted: true);

    /// <inheritdoc/>
    public void LineChanged(string line, SimTime time, bool asserted) => Note(FaultEventKind.LineAsserted, line, asserted);

    /// <inheritdoc/>
    public void PostCode(SimTime time, byte code) => Note(FaultEventKind.PostCode, code.ToString("X2", CultureInfo.InvariantCulture), asserted: true);

    /// <inheritdoc/>
    public void InterruptAccepted(uint apic, SimTime time, byte vector, int mode) =>
        Note(FaultEventKind.InterruptAccepted, vector.ToString("X2", CultureInfo.InvariantCulture), asserted: true);

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.Int32(_entries.Length);
        foreach (Entry entry in _entries)
        {
            writer.Text(entry.Fault.Name);
            writer.UInt64(entry.Seen);
            writer.UInt32(entry.Fired);
            writer.Int32(entry.Matched);
            writer.Event(entry.Event);
        }
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        int count = reader.Int32();
        if (count != _entries.Length)
            throw reader.Wrong($"the snapshot has {count} faults, this machine {_entries.Length}");
        foreach (Entry entry in _entries)
        {
            string name = reader.Text();
            if (name != entry.Fault.Name)
                throw reader.Wrong($"the snapshot's fault '{name}' is '{entry.Fault.Name}' in this machine");
            entry.Seen = reader.UInt64();
            entry.Fired = reader.UInt32();
            entry.Matched = reader.Int32();
            int longest = entry.Fault.When is AtEvent { Kind: FaultEventKind.ConsoleText } at ? at.Subject.Length - 1 : 0;
            if (entry.Matched < 0 || entry.Matched > longest)
                throw reader.Wrong($"fault '{name}' cannot have seen {entry.Matched} characters of its text");
            reader.Event(entry.Event);
        }

        WaitsForInstructions = true;
    }

    /// <summary>How much of a text the bytes so far end with, this one included; true when it is the whole of it.</summary>
    private static bool Advance(Entry entry, string text, byte value)
    {
        int matched = entry.Matched;
        while (matched > 0 && text[matched] != (char)value)
            matched = LongestBorder(text, matched);
        if (text[matched] == (char)value)
            matched++;
        bool whole = matched == text.Length;
        entry.Matched = whole ? 0 : matched;
        return whole;
    }

    private static int LongestBorder(string text, int length)
    {
        int border = length - 1;
        while (border > 0 && !text.AsSpan(0, border).SequenceEqual(text.AsSpan(length - border, border)))
            border--;
        return border;
    }

    private void Note(FaultEventKind kind, string subject, bool asserted)
    {
        foreach (Entry entry in _entries)
        {
            if (asserted && entry.Fault.When is AtEvent at && at.Kind == kind && (at.Subject.Length == 0 || at.Subject == subject))
                Count(entry, at);
        }
    }

    private void Count(Entry entry, AtEvent at)
    {
        entry.Seen++;
        if (entry.Seen < at.Occurrence || (entry.Seen - at.Occurrence) % at.Every != 0 || entry.IsSpent)
            return;
        if (at.Delay == SimDuration.Zero)
            Fire(entry);
        else
            _queue.Schedule(entry.Event, _queue.Now + at.Delay);
    }

    private void Due(Entry entry)
    {
        if (entry.Fault.When is AtTime { Period: SimDuration period } && period > SimDuration.Zero && (entry.Fault.When.Times == 0 || entry.Fired + 1 < entry.Fault.When.Times))
            _queue.Schedule(entry.Event, _queue.Now + period);
        Fire(entry);
    }

    private void Fire(Entry entry)
    {
        entry.Fired++;
        _fire(entry.Fault);
    }

    private sealed class Entry(Fault fault)
    {
        public Fault Fault { get; } = fault;

        /// <summary>Its moment: the time, or the delay after the event.</summary>
        public SimEvent Event { get; set; } = null!;

        /// <summary>Events of its kind and subject so far.</summary>
        public ulong Seen { get; set; }

        /// <summary>How often it has happened.</summary>
        public uint Fired { get; set; }

        /// <summary>Characters of its text that the console's output ends with.</summary>
        public int Matched { get; set; }

        public bool IsSpent => Fault.When.Times != 0 && Fired >= Fault.When.Times;
    }
}
