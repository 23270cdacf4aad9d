using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core;

/// <summary>Why a core stopped before an instruction.</summary>
public enum StopCause
{
    /// <summary>It did not.</summary>
    None,

    /// <summary><see cref="CoreContext.StopAtInstructions"/> was reached.</summary>
    Instructions,

    /// <summary>An address of <see cref="Functional.CodeCache.Watched"/> was reached.</summary>
    Address,
}

/// <summary>
/// Places where a run ends before the next instruction, exact on both engines. The detailed engine looks after every
/// retirement; the functional one makes watched addresses begin blocks that nothing links to, and steps singly where a block
/// could overrun the count. Neither costs anything while there is no such place.
/// </summary>
public sealed unsafe partial class CoreContext
{
    private ulong _stopAt = ulong.MaxValue;
    private ulong _passedCount = ulong.MaxValue;
    private ulong _passedRip;

    /// <summary>Value of <see cref="StopAtInstructions"/> for no stop.</summary>
    public const ulong NoStop = ulong.MaxValue;

    /// <summary>The core stops when so many instructions have retired since reset.</summary>
    public ulong StopAtInstructions
    {
        get => _stopAt;
        set
        {
            _stopAt = value;
            UpdateStops();
        }
    }

    /// <summary>False while nothing can stop the core: the only thing that engines look at then.</summary>
    public bool HasStops { get; private set; }

    /// <summary>What stopped the core; whoever acts on it sets it back to none.</summary>
    public StopCause Stopped { get; set; }

    /// <summary>Linear address of the next instruction. Outside 64-bit mode the code segment's base is in it.</summary>
    public ulong LinearRip => State->Mode == CpuMode.Long64 ? State->Rip : (uint)(CpuState.Segment(State, SegmentIndex.Cs).Base + State->Rip);

    /// <summary>
    /// At an instruction boundary: whether the core stops here. Says so once for a place; the core then goes past it. An interrupt
    /// that is taken there first brings the core back to the address, which then is reached again.
    /// </summary>
    public bool StopsHere()
    {
        if (State->Executed >= _stopAt)
        {
            Stopped = StopCause.Instructions;
            return true;
        }

        if (Code.Watched is not { } watched || (State->Executed == _passedCount && State->Rip == _passedRip) || !watched.Contains(LinearRip))
            return false;
        PassHere();
        Stopped = StopCause.Address;
        return true;
    }

    /// <summary>True when a block of that many instructions would run past the count.</summary>
    internal bool StopsWithin(ulong instructions) => _stopAt != NoStop && _stopAt - State->Executed <= instructions;

    /// <summary>The set of watched addresses has changed.</summary>
    internal void WatchChanged() => UpdateStops();

    /// <summary>Lets the core go past where it stands although the address is watched.</summary>
    public void PassHere()
    {
        _passedCount = State->Executed;
        _passedRip = State->Rip;
    }

    private void UpdateStops() => HasStops = _stopAt != NoStop || Code.Watched is not null;
}
