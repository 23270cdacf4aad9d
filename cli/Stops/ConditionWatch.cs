using System.Globalization;
using CoSim.Hw.Simulation;
using CoSim.Os.Loader;
using CoSim.Traces.Format;
using CoSim.Traces.Recording;

namespace CoSim.Cli.Stops;

/// <summary>A condition has come true.</summary>
/// <param name="Condition">The condition as the user wrote it.</param>
/// <param name="Text">For the user: the condition, and what it saw.</param>
/// <param name="EndsRun">Whether the run is to end here, and not only to stand still for a debugger.</param>
/// <param name="Core">The core that it concerns; -1 for none.</param>
internal sealed record ConditionHit(string Condition, string Text, bool EndsRun, int Core);

/// <summary>
/// Watches a run for events and for conditions on registers. It looks where something may have changed and where a counter will have come to
/// the value, worked out from its clock; the run does not notice. Registers are tested when they change from not passing to passing.
/// </summary>
internal sealed class ConditionWatch : IEventSink
{
    /// <summary>Looks at a time that many times before it comes: no instruction takes as long as the part that is left.</summary>
    private const ulong LooksBeforeTime = 4096;

    private readonly Machine _machine;
    private readonly List<(EventTest Test, bool EndsRun)> _events = [];
    private readonly List<ArmedRegister> _registers = [];
    private RegisterCatalog? _catalog;
    private ConditionHit? _pending;
    private SimTime _last = SimTime.Zero;
    private SimTime _next;
    private SimTime _stirred = SimTime.Zero;
    private bool _isDirty = true;

    /// <summary>Makes a watch without conditions.</summary>
    public ConditionWatch(Machine machine)
    {
        _machine = machine;
        Source = new EventSource(this);
        foreach (ClockDomain clock in (ClockDomain[])[machine.Clocks.Refclk, machine.Clocks.FchCrystal])
            clock.Drifted += Stir;
    }

    /// <summary>Makes events of what the machine reports.</summary>
    public EventSource Source { get; }

    /// <summary>Called when the next instruction boundary must be looked at.</summary>
    public Action Wake { get; set; } = () => { };

    /// <summary>Called when an event passes whose instruction has not ended; takes the hit away if it returns true.</summary>
    public Func<ConditionHit, bool>? Intercept { get; set; }

    /// <summary>Whether there is nothing to watch for.</summary>
    public bool IsEmpty => _events.Count == 0 && _registers.Count == 0;

    /// <summary>What is watched for, in words.</summary>
    public IEnumerable<string> Texts => [.. _events.Select(e => "on " + e.Test.Text), .. _registers.Select(r => "when " + r.Test.Text)];

    /// <summary>When the machine must be looked at although nothing happens; the past for at every boundary.</summary>
    public SimTime NextTime => _isDirty || _pending is not null ? SimTime.Zero : _next;

    /// <summary>Watches for an event.</summary>
    public void Add(EventTest test, bool endsRun) => _events.Add((test, endsRun));

    /// <summary>Watches for a condition.</summary>
    /// <param name="option">Where it comes from, for messages.</param>
    /// <param name="test">The condition.</param>
    /// <param name="endsRun">Whether the run ends there.</param>
    /// <returns>The register's name and value now.</returns>
    /// <exception cref="BadInputException">The machine has no such register.</exception>
    /// <exception cref="HelpRequest">The names of registers are wanted.</exception>
    public (string Name, ulong Value) Add(string option, RegisterTest test, bool endsRun)
    {
        _catalog ??= new RegisterCatalog(_machine);
        if (test.AsksForNames)
            throw new HelpRequest(_catalog.List());
        (WatchedRegister register, RegisterExtract extract) = _catalog.Find(option, test.Path);
        ArmedRegister armed = new(test, register, extract, endsRun);
        ulong value = extract.Of(register.Read(SimTime.Max(_machine.Now, _last)));
        armed.Holds = !endsRun && test.Test.Holds(value);
        _registers.Add(armed);
        Stir();
        return (register.Name, value);
    }

    /// <summary>Forgets what does not end the run.</summary>
    public void Clear()
    {
        _events.RemoveAll(e => !e.EndsRun);
        _registers.RemoveAll(r => !r.EndsRun);
        _pending = null;
        Stir();
    }

    /// <summary>The machine has gone to another place of its run: what holds there is no news.</summary>
    public void Return()
    {
        _pending = null;
        _last = SimTime.Zero;
        foreach (ArmedRegister register in _registers)
            register.IsKnown = false;
        Stir();
    }

    /// <inheritdoc/>
    public void Add(in TraceEvent e)
    {
        foreach ((EventTest test, bool endsRun) in _events)
        {
            if (_pending is null && test.Holds(in e))
            {
                ConditionHit hit = new(test.Text, $"{test.Text}: {e}", endsRun, e.Core);
                _pending = Intercept?.Invoke(hit) == true ? null : hit;
            }
        }

        Stir(e.Time);
    }

    /// <summary>Looks at a boundary of a core, or between two turns. The first condition that has come true; null for none.</summary>
    /// <param name="core">The core that stands at the boundary; null between turns.</param>
    /// <param name="position">The core's time, or the machine's.</param>
    public ConditionHit? Look(MachineCore? core, SimTime position)
    {
        SimTime now = _last = SimTime.Max(_last, SimTime.Max(position, _machine.Now));
        ConditionHit? hit = _pending;
        _pending = null;
        if (!_isDirty && now < _next && hit is null)
            return null;
        SimTime? stirred = _isDirty ? _stirred : null;
        _isDirty = false;
        _next = SimTime.Never;
        foreach (ArmedRegister armed in _registers)
        {
            hit = armed.Look(core, now, stirred, hit);
            _next = SimTime.Min(_next, armed.Next.Time);
        }

        return hit;
    }

    /// <summary>The boundary at which a time has to be looked at next.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="position">Boundaries passed.</param>
    /// <param name="time">The time.</param>
    public static ulong BoundaryBefore(Machine machine, ulong position, SimTime time)
    {
        if (time == SimTime.Never)
            return ulong.MaxValue;
        ulong now = 0;
        foreach (MachineCore core in machine.Cores)
            now = Math.Max(now, core.Cycle);
        ulong then = machine.Clocks.Core.TicksAt(time);
        return position + Math.Max(1, (then - Math.Min(then, now)) / LooksBeforeTime);
    }

    private void Stir() => Stir(SimTime.Zero);

    /// <summary>Something has happened at a time: what was worked out for later times counts no more.</summary>
    private void Stir(SimTime time)
    {
        _stirred = _isDirty ? SimTime.Min(_stirred, time) : time;
        _isDirty = true;
        Wake();
    }

    private sealed class ArmedRegister(RegisterTest test, WatchedRegister register, RegisterExtract extract, bool endsRun)
    {
        public RegisterTest Test { get; } = test;

        public WatchedRegister Register { get; } = register;

        public RegisterExtract Extract { get; } = extract;

        public bool EndsRun { get; } = endsRun;

        public bool Holds { get; set; }

        public bool IsKnown { get; set; } = true;

        public NextLook Next { get; private set; } = new(SimTime.Zero, null);

        /// <summary>Tests the value if it may have changed.</summary>
        /// <param name="core">The core that stands at the boundary; null between turns.</param>
        /// <param name="now">The present.</param>
        /// <param name="stirred">When something happened first since the last look; null when nothing has.</param>
        /// <param name="before">What another condition has found.</param>
        /// <returns>That, or that this one has come true.</returns>
        public ConditionHit? Look(MachineCore? core, SimTime now, SimTime? stirred, ConditionHit? before)
        {
            if (now < Next.Time && (stirred is null || IsOnItsWay))
                return before;
            ConditionHit? hit = before ?? Passed(now, stirred ?? SimTime.Never);
            if (Register.Core < 0 || Register.Core == core?.Index)
            {
                ulong value = Register.Read(now);
                bool holds = Test.Test.Holds(Extract.Of(value));
                hit ??= holds && !Holds && IsKnown ? Hit(value, "") : null;
                (Holds, IsKnown) = (holds, true);
            }

            Next = Register.Next(now, Holds ? Test.Test.Not() : Test.Test, Extract);
            return hit;
        }

        /// <summary>A counter that counts up will be where it was going to be: nothing has been written to it.</summary>
        private bool IsOnItsWay => Next.Value is { } value && Register.Counter?.Invoke() is { Down: false } && Register.Read(Next.Time) == value;

        /// <summary>The counter has come to a value that passes since the last look, and perhaps gone on.</summary>
        private ConditionHit? Passed(SimTime now, SimTime stirred) =>
            IsKnown && !Holds && Next.Value is { } value && Next.Time <= now && (Next.Time <= stirred || IsOnItsWay) ? Hit(value, $" at {Next.Time}") : null;

        private ConditionHit Hit(ulong value, string when) =>
            new(Test.Text, string.Create(CultureInfo.InvariantCulture, $"{Test.Text}: {Register.Name} is 0x{Extract.Of(value):x}{when}"), EndsRun, Register.Core);
    }
}
