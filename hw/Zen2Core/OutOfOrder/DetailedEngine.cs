using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>
/// The detailed engine: one Zen 2 core, cycle by cycle. Micro-ops execute when they issue, with the values that are there at
/// that cycle, down wrong paths too; the architectural state changes only at retirement. It can take over from the functional
/// engine, and hand back, at any instruction boundary.
/// </summary>
/// <remarks>
/// A cycle runs its stages from the back: completions, retirement, stores, issue, dispatch, fetch. Results stay in the reorder
/// buffer until they retire; a name (register or flag group) stands for the sequence number of its latest producer. What no
/// stage can change before a known cycle is jumped over.
/// </remarks>
/// <typeparam name="TProbe">What watches the core.</typeparam>
public sealed unsafe partial class DetailedEngine<TProbe> : IDisposable
    where TProbe : struct, IDetailedProbe
{
    private const int Slots = SlotSet.Slots;
    private const int Mask = Slots - 1;
    private const int MemoryRing = 64;
    private const int MemoryMask = MemoryRing - 1;
    private const int BranchRing = 1024;
    private const int BranchMask = BranchRing - 1;
    private const int QueueRing = 128;
    private const int QueueMask = QueueRing - 1;
    private const int RoleShift = 4;

    private readonly CoreContext _context;
    private readonly CpuState* _state;
    private readonly PipelineParameters _p;
    private readonly CoreCaches _caches;
    private readonly CacheHierarchy _hierarchy;
    private readonly CoreClock _clock;
    private readonly bool _settles;
    private readonly DecodeCache _decode;
    private readonly AddressTranslation _translation;

    private readonly RobEntry* _rob;
    private readonly Vector256<ulong>* _vector;
    private readonly long* _rename;
    private readonly int* _nextWaiter;
    private readonly FetchEntry* _queue;
    private readonly LoadEntry* _loads;
    private readonly StoreEntry* _stores;
    private readonly ExecArgs* _args;
    private readonly CpuState* _scratch;
    private readonly BranchRecord[] _branches = new BranchRecord[BranchRing];
    private readonly EventWheel _wheel = new();

    private readonly BranchTargetBuffer _btb;
    private readonly DirectionPredictor _direction = new();
    private readonly IndirectPredictor _indirect;
    private readonly ReturnStack _returns;
    private readonly OpCache _opCache;
    private readonly DependencePredictor _dependence = new();
    private BranchHistory _history;

    /// <summary>What watches. A field, so that a struct probe is called in place.</summary>
    private TProbe _probe;

    /// <summary>The present in the core's own cycles: <see cref="CoreClock"/>.</summary>
    private ulong _now;
    private uint _stamp;
    private long _head;
    private long _tail;

    /// <summary>Makes the engine of one core.</summary>
    /// <param name="context">The core: state, devices, page tables, microcode.</param>
    /// <param name="hierarchy">The machine's caches.</param>
    /// <param name="parameters">Sizes and latencies.</param>
    /// <param name="timings">Timings of instruction forms.</param>
    /// <param name="probe">What watches.</param>
    public DetailedEngine(CoreContext context, CacheHierarchy hierarchy, CoreParameters parameters, InstructionTimings timings, TProbe probe)
    {
        _context = context;
        _state = context.State;
        _hierarchy = hierarchy;
        _caches = hierarchy.Core(context.Index);
        _clock = _caches.Clock;
        _settles = context.Spec.DeviceWriteSettling.Femtoseconds != 0;
        _p = new PipelineParameters(parameters);
        _probe = probe;
        _translation = new AddressTranslation(context, _caches, parameters);
        _pages = new HostPages(context);
        _decode = new DecodeCache(context, timings, parameters);
        _btb = new BranchTargetBuffer(parameters);
        _indirect = new IndirectPredictor(parameters["btb.indirect"]);
        _returns = new ReturnStack(parameters["ras.entries"] + 1);
        _opCache = new OpCache(_p.OpCacheSets, _p.OpCacheWays);
        _direction.Clear();

        _rob = Allocate<RobEntry>(Slots);
        _vector = Allocate<Vector256<ulong>>(Slots);
        _rename = Allocate<long>(Renamed.Count);
        _nextWaiter = Allocate<int>(Slots << RoleShift);
        _queue = Allocate<FetchEntry>(QueueRing);
        _loads = Allocate<LoadEntry>(MemoryRing);
        _stores = Allocate<StoreEntry>(MemoryRing);
        _args = Allocate<ExecArgs>(1);
        new Span<long>(_rename, Renamed.Count).Fill(RobEntry.FromState);
        _scratch = CpuState.Allocate();
        _args->State = _state;
        _args->Scratch = _scratch;
        _hierarchy.Watch(context.Index, this);
        context.Code.Trimming += Quiesce;
    }

    /// <summary>The present, in reference cycles since reset.</summary>
    public ulong Now => NowCycles;

    /// <summary>Cycles of this core by cause, since the engine was made. Their sum is the cycles that it ran.</summary>
    public ref readonly CycleCounts Cycles => ref _totals;

    /// <summary>What watches.</summary>
    public ref TProbe Probe => ref _probe;

    /// <summary>Instructions that the detailed engine retired.</summary>
    public ulong Retired { get; private set; }

    /// <summary>Micro-ops that were fetched down wrong paths, dispatched, and thrown away.</summary>
    public ulong Squashed { get; private set; }

    /// <summary>Branches that went another way than predicted.</summary>
    public ulong Mispredictions { get; private set; }

    /// <summary>Clears because a younger load had read before an older store or another core wrote.</summary>
    public ulong MemoryClears { get; private set; }

    /// <summary>Empties caches, translations, op cache and predictors of this core and the third level of its complex: marker 03.</summary>
    public void Cold()
    {
        _caches.Clear();
        _hierarchy.ClearThirdLevel(_caches.Index);
        _translation.Clear();
        _opCache.Clear();
        _btb.Clear();
        _direction.Clear();
        _indirect.Clear();
        _returns.Clear();
        _dependence.Clear();
        _history = default;
        _fetchLine = NoLine;
        _opCacheRun = false;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _decode.Dispose();
        NativeMemory.AlignedFree(_rob);
        NativeMemory.AlignedFree(_vector);
        NativeMemory.AlignedFree(_rename);
        NativeMemory.AlignedFree(_nextWaiter);
        NativeMemory.AlignedFree(_queue);
        NativeMemory.AlignedFree(_loads);
        NativeMemory.AlignedFree(_stores);
        NativeMemory.AlignedFree(_args);
        CpuState.Free(_scratch);
    }

    /// <summary>What the caches answer is in reference cycles.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private AccessResult InOwnCycles(AccessResult result) => result with { ReadyAt = _clock.At(result.ReadyAt) };

    private static T* Allocate<T>(int count)
        where T : unmanaged
    {
        nuint bytes = (nuint)(count * sizeof(T));
        T* memory = (T*)NativeMemory.AlignedAlloc(bytes, 64);
        NativeMemory.Clear(memory, bytes);
        return memory;
    }
}
