using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Traces.Format;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Driven;

/// <summary>Gives the events of a trace to the recorded paths of its cores, as far as somebody asks for.</summary>
public sealed class PathFeed : IDisposable
{
    private const ulong WritableFlag = 1, UserFlag = 2, NoExecuteFlag = 4, DirtyFlag = 8, CommitFlag = 16;
    private const ulong LongFlag = 1, PagingFlag = 2, FenceFlag = 4;

    private readonly EventsAhead _events;
    private readonly List<Track> _cores = [];
    private readonly RecordedEvent _onEvent;

    /// <summary>Makes a feed.</summary>
    /// <param name="trace">The trace.</param>
    /// <param name="onEvent">Called with every event as it is read.</param>
    public PathFeed(TraceReader trace, RecordedEvent onEvent)
    {
        _events = new EventsAhead(trace);
        _onEvent = onEvent;
    }

    /// <summary>Instructions of the functional engine, which no pipeline had: they are passed over.</summary>
    public ulong PassedOver { get; private set; }

    /// <summary>Whether a trace says enough to drive an engine: instructions of the detailed engine, and the code.</summary>
    public static bool CanDrive(TraceReader trace)
    {
        bool code = false;
        foreach (TraceEvent e in trace.Events())
        {
            code |= e.Kind.Name == TraceEvents.Block.Name;
            if (code && e.Kind.Name == TraceEvents.Retire.Name && Causes(in e) != 0)
                return true;
        }

        return false;
    }

    /// <summary>The path of a core.</summary>
    public RecordedPath PathOf(int core)
    {
        while (_cores.Count <= core)
        {
            int added = _cores.Count;
            _cores.Add(new Track(new RecordedPath(() => Read(added))));
        }

        return _cores[core].Path;
    }

    /// <summary>Whether all of the trace has been read.</summary>
    public bool AtEnd { get; private set; }

    /// <summary>Whether a step of a core has been read that its path has not been given.</summary>
    public bool HasStep(int core) => _cores[core].StepsWaiting > 0;

    /// <summary>Reads one event for whomever it is for.</summary>
    public void ReadAhead()
    {
        if (Pull())
            HandOn(in _events.Current);
    }

    /// <summary>Cores whose paths have been asked for or met in the trace.</summary>
    public int Cores => _cores.Count;

    /// <inheritdoc/>
    public void Dispose() => _events.Dispose();

    /// <summary>Gives a core its next event. What is met on the way there for others waits for them, so that each has its own present.</summary>
    private bool Read(int core)
    {
        Track track = _cores[core];
        while (track.Waiting.Count == 0)
        {
            if (!Pull())
                return false;

            // With one core, and mostly with some, the event is for who asks.
            ref readonly TraceEvent next = ref _events.Current;
            if (next.Core == core && next.Kind.Name != TraceEvents.Block.Name)
            {
                Take(track, in next);
                return true;
            }

            HandOn(in next);
        }

        TraceEvent e = track.Waiting.Dequeue();
        track.StepsWaiting -= IsStep(in e) ? 1 : 0;
        Take(track, in e);
        return true;
    }

    /// <summary>Goes to the next event.</summary>
    private bool Pull()
    {
        if (!_events.MoveNext())
        {
            AtEnd = true;
            return false;
        }

        ref readonly TraceEvent e = ref _events.Current;
        _onEvent(in e);
        Check(in e);
        return true;
    }

    /// <summary>Gives code to all cores, and keeps what one of them has not asked for.</summary>
    private void HandOn(in TraceEvent e)
    {
        if (e.Kind.Name == TraceEvents.Block.Name)
        {
            TakeBlock(in e);
        }
        else if (e.Core >= 0 && e.Core < _cores.Count)
        {
            _cores[e.Core].Waiting.Enqueue(e);
            _cores[e.Core].StepsWaiting += IsStep(in e) ? 1 : 0;
        }
    }

    private static bool IsStep(in TraceEvent e) => e.Kind.Packing is Packing.Instruction or Packing.Delivery || e.Kind.Name == TraceEvents.Wake.Name;

    /// <summary>Refuses cycles that no machine reaches, so that sums of them do not overflow.</summary>
    private static void Check(in TraceEvent e)
    {
        const ulong latest = 1UL << 60;
        if (e.Kind.Packing == Packing.Operands)
            return;
        ulong cycle = e.Kind.Packing is Packing.Instruction or Packing.Delivery ? e.Values[2] : e.Kind.Name == TraceEvents.Wake.Name ? Math.Max(e.Values[1], e.Values[2])
            : e.Kind.Name == TraceEvents.Microcode.Name ? e.Values[2] : e.Kind.Name == TraceEvents.DeviceTime.Name ? e.Values[3] : 0;
        if (cycle > latest)
            throw new TraceFormatException($"{e.Kind.Name}: {cycle} cycles");
    }

    private void Take(Track track, in TraceEvent e)
    {
        RecordedPath path = track.Path;
        switch (e.Kind.Packing)
        {
            case Packing.Instruction:
                TakeInstruction(track, in e);
                break;
            case Packing.Delivery:
                Begin(track, e.Values[2], Causes(in e));
                path.Add(track.LastWasException ? PathStepKind.Exception : PathStepKind.Interrupt, e.Values[1], track.Cycle = e.Values[2], 0);
                break;
            case Packing.Operands:
                for (int i = 0; i < (int)Math.Min(e.Values[InstructionLayout.OperandCount], InstructionLayout.MostOperands); i++)
                    path.AddOperand(e.Values[InstructionLayout.FirstOperand + i]);
                break;
            default:
                TakeDetail(track, in e);
                break;
        }
    }

    private void TakeDetail(Track track, in TraceEvent e)
    {
        RecordedPath path = track.Path;
        string name = e.Kind.Name;
        if (name == TraceEvents.Interrupt.Name || name == TraceEvents.Exception.Name)
        {
            track.LastWasException = name == TraceEvents.Exception.Name;
        }
        else if (name == TraceEvents.PageWalk.Name)
        {
            TakeWalk(path, in e);
        }
        else if (name == TraceEvents.TlbFlush.Name)
        {
            path.AddFlush(e.Values[2] != 0 ? null : e.Values[1]);
        }
        else if (name == TraceEvents.Microcode.Name)
        {
            TakeMicrocode(path, in e);
        }
        else if (name == TraceEvents.DeviceTime.Name)
        {
            TakeDevice(path, (PathDeviceAccess)e.Values[2], e.Values[3]);
        }
        else if (name == TraceEvents.Wake.Name)
        {
            Begin(track, e.Values[1], 0);
            path.Add(PathStepKind.Wake, 0, track.Cycle = e.Values[1], (int)Math.Min(e.Values[2], int.MaxValue));
        }
        else if (name == TraceEvents.Divide.Name)
        {
            path.AddDivide(e.Values[1], (int)Math.Min(e.Values[2], 32));
        }
        else if (name == TraceEvents.Context.Name)
        {
            path.AddContext(new PathContext(e.Values[1], (e.Values[2] & LongFlag) != 0, (e.Values[2] & PagingFlag) != 0, (e.Values[2] & FenceFlag) != 0));
        }
        else if (name == TraceEvents.CodeStore.Name)
        {
            path.NoteCodeStore(e.Values[1] != 0);
        }
    }

    private static void TakeMicrocode(RecordedPath path, in TraceEvent e)
    {
        // One call moves at most 64 KiB; an element has up to eight bytes.
        const ulong most = 1 << 20;
        if (e.Values[4] > most || e.Values[6] > most || e.Values[8] > most)
            throw new TraceFormatException($"microcode: {e.Values[4]} elements, {e.Values[6]} and {e.Values[8]} bytes in one run");
        path.Next.Microcode.Add(new MicrocodeRun(e.Values[2], (MicrocodeFlags)e.Values[3], new StringRange(e.Values[4], e.Values[5], e.Values[6], e.Values[7], e.Values[8])));
    }

    private void TakeInstruction(Track track, in TraceEvent e)
    {
        ulong causes = Causes(in e);

        // Retirement in the cycle of the one before costs nothing; the functional engine's instructions cost time that has no cause.
        if (causes == 0 && (!track.Begun || e.Values[2] != track.Cycle))
        {
            PassedOver++;
            return;
        }

        Begin(track, e.Values[2], causes);
        track.Path.Add(PathStepKind.Instruction, e.Values[1], track.Cycle = e.Values[2], 0);
    }

    /// <summary>A core begins where the causes of its first step begin; the cycle of a retirement is one of its causes.</summary>
    private static void Begin(Track track, ulong cycle, ulong causes)
    {
        if (!track.Begun)
            track.Path.Start = cycle - Math.Min(cycle, causes == 0 ? 0 : causes - 1);
        track.Begun = true;
    }

    private static void TakeDevice(RecordedPath path, PathDeviceAccess access, ulong cycles)
    {
        switch (access)
        {
            case PathDeviceAccess.Read:
                path.Next.DeviceRead = cycles;
                break;
            case PathDeviceAccess.Store:
                path.Next.DeviceStore = true;
                break;
            default:
                path.AddDrain(cycles);
                break;
        }
    }

    private static unsafe void TakeWalk(RecordedPath path, in TraceEvent e)
    {
        const int mostLevels = 4;
        ulong flags = e.Values[4];

        // That a store has set the dirty bit of a page that is known the driven store finds out by itself, when it is as far.
        if ((flags & CommitFlag) != 0 && path.KnowsPage(e.Values[1]))
            return;
        Translation t = new()
        {
            Physical = e.Values[2],
            PageShift = e.Values[3] is 21 or 22 or 30 ? (byte)e.Values[3] : (byte)12,
            Writable = (flags & WritableFlag) != 0,
            UserAccessible = (flags & UserFlag) != 0,
            NoExecute = (flags & NoExecuteFlag) != 0,
            Dirty = (flags & DirtyFlag) != 0,
            Levels = (byte)Math.Min(e.Values[5], mostLevels),
        };
        for (int i = 0; i < t.Levels; i++)
            t.Entries[i] = e.Values[6 + i];
        path.AddPage(e.Values[1], in t);
    }

    private void TakeBlock(in TraceEvent e)
    {
        const ulong codeSize = 3;
        if ((e.Values[4] & codeSize) == codeSize || e.Values[4] > byte.MaxValue)
            throw new TraceFormatException($"block: {e.Values[4]:x} is no decode mode");
        byte[] bytes;
        try
        {
            bytes = Convert.FromHexString(e.Text ?? "");
        }
        catch (FormatException)
        {
            throw new TraceFormatException("block: its bytes are not hexadecimal digits");
        }

        foreach (Track track in _cores)
            track.Path.AddBlock(new BlockKey(e.Values[2], e.Values[1], (byte)e.Values[4]), e.Values[3], bytes);
    }

    private static ulong Causes(in TraceEvent e)
    {
        ulong total = 0;
        foreach (ulong cycles in ((ReadOnlySpan<ulong>)e.Values)[InstructionLayout.FirstCause..e.Kind.FieldCount])
            total = unchecked(total + cycles);
        return total;
    }

    /// <summary>The path of one core, and what it has been told.</summary>
    private sealed class Track(RecordedPath path)
    {
        public RecordedPath Path { get; } = path;

        /// <summary>Events that have been read for others' sake, and how many of them are steps.</summary>
        public Queue<TraceEvent> Waiting { get; } = [];

        public int StepsWaiting { get; set; }

        public bool Begun { get; set; }

        public bool LastWasException { get; set; }

        public ulong Cycle { get; set; }
    }
}

/// <summary>Hears of an event of a trace as it is read.</summary>
public delegate void RecordedEvent(in TraceEvent e);
