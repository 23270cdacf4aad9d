using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Board;

/// <summary>A core of the machine: its state, its local APIC, its engines and the one of them that runs.</summary>
public sealed class MachineCore : IDisposable
{
    private readonly IEngineFactory _engines;
    private IDetailedEngine? _detailed;

    internal MachineCore(CoreContext context, LocalApic apic, IEngineFactory engines)
    {
        Context = context;
        Apic = apic;
        _engines = engines;
        Functional = new FunctionalEngine(context, FunctionalRate.One);
    }

    public int Index => Context.Index;

    /// <summary>Architectural state and everything that engines share.</summary>
    public CoreContext Context { get; }

    public LocalApic Apic { get; }

    /// <summary>Which engine runs.</summary>
    public EngineKind Kind { get; private set; }

    /// <summary>The engine that runs.</summary>
    public ICoreEngine Engine => Kind == EngineKind.Functional ? Functional : _detailed!;

    /// <summary>The core's position in core cycles since the machine left reset.</summary>
    public ulong Cycle => Engine.NowCycles;

    /// <summary>Instructions retired since reset, on either engine.</summary>
    public unsafe ulong Instructions => Context.State->Executed;

    /// <summary>True while the core executes instructions: not halted, not waiting for a start-up IPI.</summary>
    public unsafe bool IsActive => Context.State->Activity == ActivityState.Active;

    /// <summary>True when the core has something to do: it executes, or a signal will make it.</summary>
    public unsafe bool IsRunnable => HeldUntil is null && !IsHung && (IsActive || Context.SignalsPending || Context.InterruptBreaksWait || WakeCycle <= Cycle);

    /// <summary>Until when the core gets no time, for a fault's sake; null when nothing holds it.</summary>
    public SimTime? HeldUntil { get; internal set; }

    /// <summary>The core hangs: only a reset helps.</summary>
    public bool IsHung { get; internal set; }

    /// <summary>The core will hang when it next leaves an idle state.</summary>
    internal bool FailsIdleExit { get; set; }

    /// <summary>How many of the core's next idle states are deep ones, for a fault's sake.</summary>
    internal uint DeepIdles { get; set; }

    /// <summary>What it takes to come back from one of them.</summary>
    internal SimDuration DeepIdleExit { get; set; }

    /// <summary>The core was seen waiting with nothing to do, from its position on.</summary>
    internal bool Sleeping { get; set; }

    /// <summary>The cycle at which a timed wait (MWAITX) ends by itself; null when the core is not in one.</summary>
    public unsafe ulong? WakeCycle =>
        Context.State->Activity == ActivityState.MonitorWait && Context.State->WaitDeadline != ulong.MaxValue ? Context.State->WaitDeadline : null;

    /// <summary>Linear address of the operating system's entry for SYSCALL in 64-bit mode: LSTAR; 0 before it is set.</summary>
    public unsafe ulong SystemCallEntry => MsrTable.Value(Context.State, MsrNumbers.LongStar);

    /// <summary>Puts what the core has retired and not yet written over bytes of memory, for a debugger.</summary>
    /// <param name="physical">Physical address of the first byte; all lie in one page.</param>
    /// <param name="bytes">What memory holds.</param>
    public void PeekStores(ulong physical, Span<byte> bytes)
    {
        if (Kind == EngineKind.Detailed)
        {
            _detailed!.PeekStores(physical, bytes);
        }
    }

    internal FunctionalEngine Functional { get; }

    internal IDetailedEngine? Detailed => _detailed;

    public void Dispose()
    {
        _detailed?.Dispose();
        Context.Dispose();
    }

    internal void SaveFaults(StateWriter writer)
    {
        writer.Time(HeldUntil ?? SimTime.Never);
        writer.Bool(IsHung);
        writer.Bool(FailsIdleExit);
        writer.Bool(Sleeping);
        writer.UInt32(DeepIdles);
        FaultCodec.Write(writer, DeepIdleExit);
    }

    internal void RestoreFaults(StateReader reader)
    {
        SimTime held = reader.Time();
        HeldUntil = held == SimTime.Never ? null : held;
        IsHung = reader.Bool();
        FailsIdleExit = reader.Bool();
        Sleeping = reader.Bool();
        DeepIdles = reader.UInt32();
        DeepIdleExit = FaultCodec.ReadDuration(reader);
    }

    /// <summary>The core's detailed engine, made when it is first needed.</summary>
    internal IDetailedEngine MakeDetailed() => _detailed ??= _engines.CreateDetailed(Context);

    /// <summary>Lets an engine take over at an instruction boundary.</summary>
    internal void Use(EngineKind kind, ulong cycle)
    {
        if (kind == EngineKind.Detailed)
        {
            _ = MakeDetailed();
        }

        Kind = kind;
        Engine.Attach(cycle);
    }
}
