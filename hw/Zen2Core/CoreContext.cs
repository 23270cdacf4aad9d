using System.Runtime.InteropServices;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>What a core hears of, at retirement, while it runs; every member may be left unset.</summary>
public interface ICoreProbe
{
    /// <summary>A marker instruction (guest request) retired.</summary>
    /// <param name="core">The core.</param>
    /// <param name="code">Low byte of the marker's displacement.</param>
    /// <param name="rax">RAX at that moment.</param>
    void OnMarker(CoreContext core, byte code, ulong rax);

    /// <summary>The core touched something that is not modelled.</summary>
    void OnUnmodelled(CoreContext core, string what);

    /// <summary>A triple fault shut the core down; the board resets the machine.</summary>
    void OnShutdown(CoreContext core);
}

/// <summary>What everything around a core shares with it: the machine as one core sees it.</summary>
public sealed record CoreEnvironment
{
    /// <summary>RAM and ROM.</summary>
    public required PhysicalMemory Memory { get; init; }

    /// <summary>Devices in physical memory.</summary>
    public required MmioBus Mmio { get; init; }

    /// <summary>Devices at I/O ports.</summary>
    public required PortBus Ports { get; init; }

    /// <summary>The machine's events.</summary>
    public required EventQueue Events { get; init; }

    /// <summary>The reference clock of all cores: that of P-state 0, which is the TSC's too.</summary>
    public required ClockDomain Clock { get; init; }

    /// <summary>Decoded code, one for all cores.</summary>
    public required CodeCache Code { get; init; }
}

/// <summary>
/// One core without its engine: architectural state, memory view, interrupt signals, and the way to devices. Engines and
/// microcode functions work on it.
/// </summary>
public sealed unsafe partial class CoreContext : IDisposable
{
    private GCHandle _handle;
    private ICoreEngine? _engine;

    /// <summary>Makes a core in its reset state.</summary>
    /// <param name="environment">The machine around it.</param>
    /// <param name="index">0 for the boot processor.</param>
    /// <param name="probe">Who hears of markers and oddities.</param>
    public CoreContext(CoreEnvironment environment, int index, ICoreProbe probe)
    {
        Environment = environment;
        Index = index;
        Probe = probe;
        State = CpuState.Allocate();
        _handle = GCHandle.Alloc(this);
        State->Host.Context = GCHandle.ToIntPtr(_handle);
        State->Host.FaultVector = HostState.NoFault;
        State->ApicId = (uint)index;
        Cpuid = new CpuidTable(this);
        Counters = new PerformanceCounters(this);
        Virtual = new VirtualMemory(this);
        environment.Code.Attach(this);
    }

    /// <summary>0 for the boot processor.</summary>
    public int Index { get; }

    /// <summary>What the core reports about itself.</summary>
    public CoreSpec Spec { get; init; } = CoreSpec.Default;

    /// <summary>The machine around the core.</summary>
    public CoreEnvironment Environment { get; }

    /// <summary>Architectural state.</summary>
    public CpuState* State { get; }

    /// <summary>CPUID.</summary>
    public CpuidTable Cpuid { get; }

    /// <summary>Performance counters.</summary>
    public PerformanceCounters Counters { get; }

    /// <summary>Reference cycles since reset in which the core was not halted: what MPERF counts.</summary>
    public ulong AwakeCycles => (Engine?.NowCycles ?? 0) - State->HaltedCycles;

    /// <summary>Interrupts and NMIs taken since the core was made.</summary>
    public ulong InterruptsTaken { get; private set; }

    /// <summary>System management interrupts taken since the core was made.</summary>
    public ulong SystemManagementInterruptsTaken { get; private set; }

    /// <summary>Changes when the memory types (MTRRs, PAT) change.</summary>
    public uint MemoryTypesVersion { get; internal set; }

    /// <summary>Memory by linear address.</summary>
    public VirtualMemory Virtual { get; }

    /// <summary>RAM and ROM.</summary>
    public PhysicalMemory Memory => Environment.Memory;

    /// <summary>Decoded code.</summary>
    public CodeCache Code => Environment.Code;

    /// <summary>The machine's events.</summary>
    public EventQueue Events => Environment.Events;

    /// <summary>The reference clock of all cores: that of P-state 0, which is the TSC's too.</summary>
    public ClockDomain Clock => Environment.Clock;

    /// <summary>Who hears of markers and oddities.</summary>
    public ICoreProbe Probe { get; set; }

    /// <summary>The engine in force: gives the core's present. Set by the engine when it takes over.</summary>
    public ICoreEngine? Engine
    {
        get => _engine;
        set
        {
            // What the engine so far has in flight belongs to it alone: state and memory must be all there is.
            if (_engine == value)
            {
                Counters.Attached();
                return;
            }

            if (_engine is not null)
            {
                _engine.Quiesce();
                Counters.Fold();
            }

            _engine = value;
            Counters.Restart();
        }
    }

    /// <summary>The core's local APIC; absent in small test machines.</summary>
    public ICoreInterruptController? Interrupts { get; set; }

    /// <summary>The core that a state belongs to.</summary>
    public static CoreContext Of(CpuState* state) => (CoreContext)GCHandle.FromIntPtr(state->Host.Context).Target!;

    /// <summary>Ends what runs now at the next block boundary (functional) or instruction (detailed), to look at signals.</summary>
    public void RequestAttention()
    {
        State->Host.Limit = 0;
        _engine?.NoteSignal();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Virtual.Dispose();
        if (_handle.IsAllocated)
            _handle.Free();
        CpuState.Free(State);
    }
}

/// <summary>An engine as the board and the microcode see it.</summary>
public interface ICoreEngine
{
    /// <summary>The core's present since the machine left reset, in reference cycles: those of P-state 0, whichever is in force.</summary>
    ulong NowCycles { get; }

    /// <summary>Charges cycles of the core to the present instruction: what takes longer in a slower P-state.</summary>
    void Stall(ulong cycles);

    /// <summary>Charges time to the present instruction: what takes as long in every P-state, such as an access to a device.</summary>
    /// <param name="ticks">Reference cycles.</param>
    void StallTime(ulong ticks);

    /// <summary><see cref="CoreContext.Speed"/> has changed: the core goes on from its present at the new one.</summary>
    void ChangeSpeed();

    /// <summary>Runs until the core's cycle reaches <paramref name="untilCycle"/>, the core stops being active, or <see cref="RequestStop"/> was called.</summary>
    void Run(ulong untilCycle);

    /// <summary>Makes <see cref="Run"/> return at the next instruction boundary that the engine can offer.</summary>
    void RequestStop();

    /// <summary>An interrupt input has changed, or something else that the engine looks at between instructions.</summary>
    void NoteSignal();

    /// <summary>Takes over from another engine, or from a restored snapshot, at the given cycle.</summary>
    void Attach(ulong nowCycles);

    /// <summary>
    /// Finishes or drops what is in flight, so that state and memory are all there is: before a snapshot, and before anything
    /// outside the engine changes either. The engine goes on from there.
    /// </summary>
    void Quiesce();

    /// <summary>How often an event has happened since the engine was made; 0 for what it does not count.</summary>
    ulong EventCount(CoreEvent counted) => 0;

    /// <summary>Moves the present of a core that does not execute forward to a cycle; a cycle in the past changes nothing.</summary>
    void SkipTo(ulong cycle);
}
