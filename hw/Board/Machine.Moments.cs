using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <summary>A machine between two turns of its cores, kept in memory to go back to. Only the machine that gave it can.</summary>
public sealed class MachineMoment
{
    internal MachineMoment(MomentContents contents) => Contents = contents;

    /// <summary>Bytes of memory and state that the moment before did not hold.</summary>
    public long NewBytes => Contents.Memory.NewBytes + Contents.State.NewBytes + (Contents.Code?.Contents.Bytes ?? 0);

    internal MomentContents Contents { get; }
}

/// <summary>What a moment holds.</summary>
/// <param name="State">All components but memory.</param>
/// <param name="Memory">RAM.</param>
/// <param name="Code">What was decoded, on the detailed engine; null on the functional one, which forgets it.</param>
/// <param name="Armed">Triggers.</param>
/// <param name="OnlyLooked">The turn before had been cut.</param>
/// <param name="Reset">A reset that was asked for.</param>
/// <param name="SwitchTo">An engine that was asked for.</param>
internal sealed record MomentContents(
    StateImage State, MemoryImage Memory, MomentCode? Code, Trigger[] Armed, bool OnlyLooked, ResetKind? Reset, EngineKind? SwitchTo);

/// <summary>Decoded code at a moment on the detailed engine.</summary>
/// <param name="Contents">What was decoded.</param>
/// <param name="InFlight">Where the instructions in flight come from.</param>
internal sealed record MomentCode(CodeContents Contents, List<Block> InFlight);

/// <content>Moments to go back to, for debuggers.</content>
public sealed partial class Machine
{
    private bool _alone;
    private bool _onlyLook;

    /// <summary>
    /// Whether a moment can be taken now; when not, soon: instructions that have been written over while they are in flight cannot be kept.
    /// </summary>
    public bool CanTakeMoment => Cores.All(c => c.Kind == EngineKind.Functional || c.Detailed!.CanHoldInFlight);

    private bool IsDetailed => Cores.Any(c => c.Kind == EngineKind.Detailed);

    /// <summary>
    /// Has <see cref="BetweenTurns"/> called soon. The run does not notice: where a core runs alone its turn is cut in two, and where
    /// several take turns one of them ends soon by itself.
    /// </summary>
    public void EndTurn()
    {
        if (_attention)
            return;
        if (_running is { Kind: EngineKind.Detailed } running)
        {
            // Asked to stop, the engine would retire no more in this cycle.
            running.Detailed!.EndTurn();
            _attention = _onlyLook = true;
        }
        else if (_alone)
        {
            LookAgain();
            _onlyLook = true;
        }
    }

    /// <summary>
    /// Takes a moment; call from <see cref="BetweenTurns"/>. The functional engine drops decoded code and translations, as it does when the
    /// moment comes back, so that a run goes on from here as it will then. The detailed engine keeps all that is in flight.
    /// </summary>
    /// <param name="before">A moment whose unchanged memory is shared; null for none.</param>
    public MachineMoment TakeMoment(MachineMoment? before)
    {
        CodeCache cache = Cores[0].Context.Code;
        MomentCode? code = IsDetailed ? new MomentCode(cache.Contents(), []) : null;
        if (code is null)
            cache.Forget();
        StateWriter writer = new();
        WriteState(writer, AllButMemory, code?.InFlight);
        MemoryImage memory = MemoryImage.Of(Memory, before?.Contents.Memory);
        StateImage state = StateImage.Of(writer.ToArray(), before?.Contents.State);
        return new MachineMoment(new MomentContents(state, memory, code, [.. _armed], _onlyLook, _reset, _switchTo));
    }

    /// <summary>Goes back to a moment. The machine must not be running; <see cref="Run"/> then goes on as it did from there.</summary>
    public void Return(MachineMoment moment)
    {
        MomentContents contents = moment.Contents;
        CodeCache cache = Cores[0].Context.Code;
        if (contents.Code is null)
            cache.Forget();
        contents.Memory.Restore(Memory);
        if (contents.Code is { } code)
            cache.Restore(code.Contents);
        StateReader reader = new(contents.State.ToArray(), Events);
        ReadState(reader, AllButMemory, contents.Code?.InFlight);
        (_reset, _switchTo, _onlyLook) = (contents.Reset, contents.SwitchTo, contents.OnlyLooked);
        _armed.Clear();
        _armed.AddRange(contents.Armed);
        PlacesChanged(addresses: false);
    }

    private IEnumerable<IStateful> AllButMemory => _stateful.Where(c => c != Memory);

    /// <summary>A turn has ended before its time for nobody but somebody who looks.</summary>
    private bool WasCutToLook(ulong untilCycle) => _onlyLook && Cores.Any(c => c.IsRunnable && c.Cycle < untilCycle);
}
