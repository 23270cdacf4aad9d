using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Traces.Format;

namespace CoSim.Traces.Recording;

/// <summary>
/// Makes events of what a detailed engine's pipeline took from elsewhere, so that the trace can drive the same pipeline without executing. What is the same as last time is not told again:
/// code by address and content, microcode and divisions by address.
/// </summary>
public sealed unsafe class PathSource : IPathProbe
{
    private const ulong WritableFlag = 1, UserFlag = 2, NoExecuteFlag = 4, DirtyFlag = 8, CommitFlag = 16;
    private const ulong LongFlag = 1, PagingFlag = 2, FenceFlag = 4;

    private readonly IEventSink _sink;
    private readonly Dictionary<BlockKey, (int Length, ulong Hash)> _blocks = [];
    private readonly Dictionary<(int Core, ulong Rip), (ulong Cycles, MicrocodeFlags Flags)> _microcode = [];
    private readonly Dictionary<(int Core, ulong Rip), int> _divides = [];
    private readonly Dictionary<int, PathContext> _contexts = [];

    /// <summary>By core; asked at every instruction, so that a look at an array must do.</summary>
    private OperandList[] _operands = [];

    /// <summary>Makes a source.</summary>
    /// <param name="sink">Takes the events.</param>
    public PathSource(IEventSink sink) => _sink = sink;

    /// <inheritdoc/>
    public void OnBlock(CoreContext core, in BlockKey key, ulong secondPage, ReadOnlySpan<byte> bytes)
    {
        if (!_contexts.ContainsKey(core.Index))
            NoteContext(core);
        (int Length, ulong Hash) content = (bytes.Length, Hash(bytes));
        if (_blocks.TryGetValue(key, out (int Length, ulong Hash) before) && before == content)
            return;
        _blocks[key] = content;
        TraceEvent e = At(TraceEvents.Block, core);
        e.Values[1] = key.Rip;
        e.Values[2] = key.Physical;
        e.Values[3] = secondPage;
        e.Values[4] = key.ModeKey;
        e.Text = Convert.ToHexStringLower(bytes);
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnWalk(CoreContext core, ulong linear, in Translation translation, bool commit)
    {
        TraceEvent e = At(TraceEvents.PageWalk, core);
        e.Values[1] = linear;
        e.Values[2] = translation.Physical;
        e.Values[3] = translation.PageShift;
        e.Values[4] = (translation.Writable ? WritableFlag : 0) | (translation.UserAccessible ? UserFlag : 0) | (translation.NoExecute ? NoExecuteFlag : 0)
            | (translation.Dirty ? DirtyFlag : 0) | (commit ? CommitFlag : 0);
        e.Values[5] = translation.Levels;
        for (int i = 0; i < translation.Levels; i++)
            e.Values[6 + i] = translation.Entries[i];
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnFlush(CoreContext core, ulong? page)
    {
        TraceEvent e = At(TraceEvents.TlbFlush, core);
        e.Values[1] = page ?? 0;
        e.Values[2] = page == null ? 1u : 0;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnOperand(CoreContext core, ulong linear)
    {
        if (core.Index >= _operands.Length)
            AddCore(core.Index);
        _operands[core.Index].Add(linear);
    }

    /// <inheritdoc/>
    public void OnMicrocode(CoreContext core, ulong rip, in MicrocodeRun run)
    {
        if (core.Index >= _operands.Length)
            AddCore(core.Index);
        _operands[core.Index].ContextMayHaveChanged = true;
        bool isString = (run.Flags & MicrocodeFlags.IsString) != 0;
        bool isUsual = (run.Flags & (MicrocodeFlags.IsString | MicrocodeFlags.Assisted)) == 0;
        (ulong, MicrocodeFlags) cost = (run.Cycles, run.Flags);
        if (isUsual && _microcode.TryGetValue((core.Index, rip), out (ulong, MicrocodeFlags) before) && before == cost)
            return;
        if (isUsual)
            _microcode[(core.Index, rip)] = cost;
        TraceEvent e = At(TraceEvents.Microcode, core);
        e.Values[1] = rip;
        e.Values[2] = run.Cycles;
        e.Values[3] = (ulong)run.Flags;
        if (isString)
        {
            e.Values[4] = run.String.Elements;
            e.Values[5] = run.String.Source;
            e.Values[6] = run.String.SourceBytes;
            e.Values[7] = run.String.Destination;
            e.Values[8] = run.String.DestinationBytes;
        }

        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnDevice(CoreContext core, ulong rip, PathDeviceAccess access, ulong cycles)
    {
        TraceEvent e = At(TraceEvents.DeviceTime, core);
        e.Values[1] = rip;
        e.Values[2] = (ulong)access;
        e.Values[3] = cycles;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnWake(CoreContext core, ulong cycle, int delay)
    {
        TraceEvent e = At(TraceEvents.Wake, core);
        e.Values[1] = cycle;
        e.Values[2] = (ulong)delay;
        _sink.Add(in e);
        NoteContext(core);
    }

    /// <inheritdoc/>
    public void OnDivide(CoreContext core, ulong rip, int steps)
    {
        if (_divides.TryGetValue((core.Index, rip), out int before) && before == steps)
            return;
        _divides[(core.Index, rip)] = steps;
        TraceEvent e = At(TraceEvents.Divide, core);
        e.Values[1] = rip;
        e.Values[2] = (ulong)steps;
        _sink.Add(in e);
    }

    /// <inheritdoc/>
    public void OnCodeStore(CoreContext core, bool changed)
    {
        TraceEvent e = At(TraceEvents.CodeStore, core);
        e.Values[1] = changed ? 1u : 0;
        _sink.Add(in e);
    }

    /// <summary>The operands told since the last instruction, for the one that retires now; null when none have been told ever.</summary>
    internal OperandList? OperandsOf(int core) => core < _operands.Length ? _operands[core] : null;

    /// <summary>An instruction has retired.</summary>
    internal void Retired(CoreContext core)
    {
        if (core.Index < _operands.Length && _operands[core.Index].ContextMayHaveChanged)
        {
            _operands[core.Index].ContextMayHaveChanged = false;
            NoteContext(core);
        }
    }

    /// <summary>Tells what decides how the next instructions are fetched, if it has changed.</summary>
    internal void NoteContext(CoreContext core)
    {
        const ulong fenceSerialises = 2;
        CpuState* s = core.State;
        bool isLong = s->Mode == CpuMode.Long64;
        PathContext now = new(
            isLong ? 0 : CpuState.Segment(s, SegmentIndex.Cs).Base, isLong, (s->Cr0 & ControlBits.Cr0Paging) != 0, (MsrTable.Value(s, MsrNumbers.DecodeConfiguration) & fenceSerialises) != 0);
        if (_contexts.TryGetValue(core.Index, out PathContext before) && before == now)
            return;
        _contexts[core.Index] = now;
        TraceEvent e = At(TraceEvents.Context, core);
        e.Values[1] = now.CodeBase;
        e.Values[2] = (now.IsLong ? LongFlag : 0) | (now.Paging ? PagingFlag : 0) | (now.LoadFenceSerialises ? FenceFlag : 0);
        _sink.Add(in e);
    }

    private void AddCore(int core)
    {
        int before = _operands.Length;
        Array.Resize(ref _operands, core + 1);
        for (int i = before; i <= core; i++)
            _operands[i] = new OperandList();
    }

    private static TraceEvent At(EventKind kind, CoreContext core)
    {
        TraceEvent e = new(kind, core.Clock.TimeOf(core.Engine?.NowCycles ?? 0));
        e.Values[0] = (ulong)core.Index;
        return e;
    }

    /// <summary>Tells contents at one place apart: FNV-1a (RFC 9923).</summary>
    private static ulong Hash(ReadOnlySpan<byte> bytes)
    {
        const ulong basis = 0xCBF2_9CE4_8422_2325, prime = 0x100_0000_01B3;
        ulong hash = basis;
        foreach (byte value in bytes)
            hash = unchecked((hash ^ value) * prime);
        return hash;
    }
}
