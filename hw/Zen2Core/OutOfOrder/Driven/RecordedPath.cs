using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>
/// The way of one core through a recorded run, a window of it at a time: what retired, and what the pipeline had taken from elsewhere. A detailed engine
/// that follows it asks for addresses and outcomes instead of computing values. Steps have running numbers from 0.
/// </summary>
public sealed class RecordedPath
{
    /// <summary>Sizes of pages, the most frequent first.</summary>
    private static readonly int[] PageShifts = [12, 21, 30, 22];

    private readonly Func<bool> _read;
    private readonly List<PathContext> _contexts = [];
    private readonly Dictionary<ulong, Translation> _pages = [];
    private readonly Dictionary<ulong, int> _divides = [];
    private readonly Dictionary<ulong, MicrocodeRun> _microcode = [];
    private readonly Queue<ulong> _drains = [];
    private readonly ulong[] _pending = new ulong[byte.MaxValue];
    private PathStep[] _steps = new PathStep[1 << 10];
    private ulong[] _operands = new ulong[1 << 10];
    private long _first, _end, _operandEnd;
    private bool _ended;
    private byte _pendingOperands;
    private PathDetails? _details;

    /// <summary>An empty path.</summary>
    /// <param name="read">Reads on in the recording until this path has grown or knows that it has ended; false at the recording's end.</param>
    public RecordedPath(Func<bool> read) => _read = read;

    /// <summary>Called with each piece of code as the recording comes to it.</summary>
    internal Action<BlockKey, ulong, byte[]>? BlockRead { get; set; }

    /// <summary>Operands in memory, and pages, that the recording did not tell: they were taken for hits in the first-level cache, or for themselves.</summary>
    public ulong Unknown { get; internal set; }

    /// <summary>The core cycle at which the path begins.</summary>
    public ulong Start { get; set; }

    /// <summary>Whether linear addresses are translated where the engine fetches now.</summary>
    internal bool Paging { get; set; } = true;

    /// <summary>Whether there is a step of a number.</summary>
    public bool Has(long step)
    {
        while (step >= _end && !_ended)
        {
            if (!_read())
                _ended = true;
        }

        return step < _end;
    }

    /// <summary>Whether a step is here already.</summary>
    internal bool IsRead(long step) => step < _end;

    /// <summary>A step that <see cref="Has"/> knows of and that has not been dropped.</summary>
    public ref PathStep this[long step] => ref _steps[step & (_steps.Length - 1)];

    /// <summary>Adds a step with everything that was told since the last one.</summary>
    /// <param name="kind">What happened.</param>
    /// <param name="rip">Where.</param>
    /// <param name="cycle">The core cycle at its end.</param>
    /// <param name="delay">For the end of a wait: cycles until fetch begins.</param>
    public void Add(PathStepKind kind, ulong rip, ulong cycle, int delay)
    {
        if (_end - _first == _steps.Length)
            Grow(ref _steps, _first, _end);
        this[_end++] = new PathStep
        {
            Kind = kind,
            Rip = rip,
            Cycle = cycle,
            Delay = delay,
            Context = _contexts.Count - 1,
            FirstOperand = _operandEnd,
            Operands = _pendingOperands,
            Details = _details,
        };
        for (int i = 0; i < _pendingOperands; i++)
        {
            long from = this[_first].FirstOperand;
            if (_operandEnd - from == _operands.Length)
                Grow(ref _operands, from, _operandEnd);
            _operands[_operandEnd++ & (_operands.Length - 1)] = _pending[i];
        }

        _pendingOperands = 0;
        _details = null;
    }

    /// <summary>The next step has an operand in memory at a linear address.</summary>
    public void AddOperand(ulong linear)
    {
        if (_pendingOperands < _pending.Length)
            _pending[_pendingOperands++] = linear;
    }

    /// <summary>What else is known of the next step.</summary>
    public PathDetails Next => _details ??= new PathDetails();

    /// <summary>The last step stored to a page with decoded code, which held up what follows.</summary>
    /// <param name="changed">It changed some.</param>
    public void NoteCodeStore(bool changed)
    {
        if (_end > _first)
            (this[_end - 1].Details ??= new PathDetails()).Code = (true, changed);
    }

    /// <summary>The next step divides, with a quotient of other length than last time.</summary>
    public void AddDivide(ulong rip, int steps)
    {
        Next.Divide = steps;
        _divides[rip] = steps;
    }

    /// <summary>A store left for a device, and was charged cycles.</summary>
    public void AddDrain(ulong cycles) => _drains.Enqueue(cycles);

    /// <summary>The context that is in force from the next step on.</summary>
    public void AddContext(PathContext context) => _contexts.Add(context);

    /// <summary>The next step drops translations: of a page, or all (null). What the tables said may no longer be so.</summary>
    public void AddFlush(ulong? page)
    {
        Next.Flushes.Add(page);
        if (page is not { } linear)
        {
            _pages.Clear();
            return;
        }

        foreach (int shift in PageShifts)
            _ = _pages.Remove(TlbTranslation.KeyOf(linear, shift));
    }

    /// <summary>The page tables were read.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="translation">What was found.</param>
    public void AddPage(ulong linear, in Translation translation) => _pages[TlbTranslation.KeyOf(linear, translation.PageShift)] = translation;

    /// <summary>Whether the page of a linear address has been told since translations were dropped.</summary>
    public bool KnowsPage(ulong linear) => TryTranslate(linear, out _);

    /// <summary>Code was decoded.</summary>
    public void AddBlock(BlockKey key, ulong secondPage, byte[] bytes) => BlockRead?.Invoke(key, secondPage, bytes);

    /// <summary>Linear address of a step's operand. False: the recording does not tell.</summary>
    internal bool TryOperand(long step, int number, out ulong linear)
    {
        linear = 0;
        if (step < 0 || number >= this[step].Operands)
            return false;
        linear = _operands[(this[step].FirstOperand + number) & (_operands.Length - 1)];
        return true;
    }

    /// <summary>The context of a step.</summary>
    internal PathContext ContextOf(long step) => this[step].Context < 0 ? new PathContext(0, true, true, false) : _contexts[this[step].Context];

    /// <summary>What the page tables say of a linear address, as far as the recording asked them.</summary>
    internal bool TryTranslate(ulong linear, out Translation translation)
    {
        foreach (int shift in PageShifts)
        {
            if (!_pages.TryGetValue(TlbTranslation.KeyOf(linear, shift), out translation))
                continue;
            ulong mask = (1UL << translation.PageShift) - 1;
            translation.Physical = (translation.Physical & ~mask) | (linear & mask);
            return true;
        }

        translation = default;
        return false;
    }

    /// <summary>A store has set the dirty bit of a page.</summary>
    internal void SetDirty(ulong linear, Translation translation)
    {
        translation.Dirty = true;
        AddPage(linear, in translation);
    }

    /// <summary>Cycles for the quotient of a division.</summary>
    internal int Divide(long step)
    {
        const int usual = 8;
        return step >= 0 && this[step].Details?.Divide is { } told ? told : step >= 0 ? _divides.GetValueOrDefault(this[step].Rip, usual) : usual;
    }

    /// <summary>The next run of a step's microcode: as told, or as the instruction's last one was.</summary>
    internal MicrocodeRun NextMicrocode(long step)
    {
        ref PathStep s = ref this[step];
        if (s.Details is { Microcode.Count: > 0 } details)
        {
            MicrocodeRun run = details.Microcode[0];
            details.Microcode.RemoveAt(0);
            if ((run.Flags & (MicrocodeFlags.IsString | MicrocodeFlags.Assisted)) == 0)
                _microcode[s.Rip] = run;
            return run;
        }

        return _microcode.GetValueOrDefault(s.Rip);
    }

    /// <summary>Cycles that the next store to a device is charged; 0 when the recording ended before.</summary>
    internal ulong NextDrain() => _drains.TryDequeue(out ulong cycles) ? cycles : 0;

    /// <summary>Steps before a number are not asked for any more.</summary>
    internal void DropBefore(long step) => _first = step;

    private static void Grow<T>(ref T[] ring, long first, long end)
    {
        T[] larger = new T[ring.Length * 2];
        for (long i = first; i < end; i++)
            larger[i & (larger.Length - 1)] = ring[i & (ring.Length - 1)];
        ring = larger;
    }
}
