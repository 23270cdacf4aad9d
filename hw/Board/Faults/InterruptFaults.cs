using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>Loses interrupts between their source and the local APIC, or makes them late.</summary>
internal sealed class InterruptFaults : IInterruptFilter, IStateful
{
    private readonly List<Rule> _rules = [];
    private readonly List<Late> _late = [];
    private readonly IReadOnlyList<MachineCore> _cores;
    private readonly EventQueue _queue;
    private readonly SimEvent _delivery;

    /// <summary>Makes a filter that lets everything pass.</summary>
    public InterruptFaults(IReadOnlyList<MachineCore> cores, EventQueue queue)
    {
        _cores = cores;
        _queue = queue;
        _delivery = new SimEvent("faults.late-interrupt", EventPriority.Interrupt, Deliver);
    }

    /// <inheritdoc/>
    public string StateName => "faults.interrupts";

    /// <summary>Adds a rule; a delay of zero loses interrupts.</summary>
    public void Add(InterruptMatch match, uint count, SimDuration delay) => _rules.Add(new Rule(match, count, delay));

    /// <inheritdoc/>
    public bool Holds(LocalApic apic, byte vector, bool level, InterruptOrigin origin)
    {
        int index = IndexOf(apic);
        int at = _rules.FindIndex(r => (r.Match.Apic ?? index) == index && (r.Match.Vector ?? vector) == vector && (r.Match.Origin ?? origin) == origin);
        if (at < 0)
            return false;
        Rule rule = _rules[at];
        if (rule.Left <= 1)
            _rules.RemoveAt(at);
        else
            _rules[at] = rule with { Left = rule.Left - 1 };
        if (rule.Delay > SimDuration.Zero)
        {
            _late.Add(new Late(_queue.Now + rule.Delay, index, vector, level));
            Schedule();
        }

        return true;
    }

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        writer.Int32(_rules.Count);
        foreach (Rule rule in _rules)
        {
            FaultCodec.Write(writer, rule.Match);
            writer.UInt32(rule.Left);
            FaultCodec.Write(writer, rule.Delay);
        }

        writer.Int32(_late.Count);
        foreach (Late late in _late)
        {
            writer.Time(late.Time);
            writer.Int32(late.Core);
            writer.Byte(late.Vector);
            writer.Bool(late.Level);
        }

        writer.Event(_delivery);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        _rules.Clear();
        _late.Clear();
        int rules = reader.Int32();
        for (int i = 0; i < rules; i++)
            _rules.Add(new Rule(FaultCodec.ReadMatch(reader), reader.UInt32(), FaultCodec.ReadDuration(reader)));
        int late = reader.Int32();
        for (int i = 0; i < late; i++)
        {
            Late one = new(reader.Time(), reader.Int32(), reader.Byte(), reader.Bool());
            if (one.Core < 0 || one.Core >= _cores.Count)
                throw reader.Wrong($"there is no core {one.Core}");
            _late.Add(one);
        }

        reader.Event(_delivery);
    }

    private int IndexOf(LocalApic apic)
    {
        int index = 0;
        while (_cores[index].Apic != apic)
            index++;
        return index;
    }

    private void Schedule()
    {
        SimTime next = SimTime.Never;
        foreach (Late late in _late)
            next = SimTime.Min(next, late.Time);
        if (next != SimTime.Never)
            _queue.Schedule(_delivery, next);
    }

    private void Deliver()
    {
        SimTime now = _queue.Now;
        foreach (Late late in _late.FindAll(l => l.Time <= now))
        {
            _late.Remove(late);
            _cores[late.Core].Apic.TakeLate(late.Vector, late.Level);
        }

        Schedule();
    }

    private readonly record struct Rule(InterruptMatch Match, uint Left, SimDuration Delay);

    private readonly record struct Late(SimTime Time, int Core, byte Vector, bool Level);
}
