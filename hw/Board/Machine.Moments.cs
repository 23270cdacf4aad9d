using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>A machine between two turns of its cores, kept in memory to go back to. Only the machine that gave it can.</summary>
public sealed class MachineMoment
{
    internal MachineMoment(MomentContents contents) => Contents = contents;

    /// <summary>Bytes of memory that the moment before did not hold.</summary>
    public long NewBytes => Contents.Memory.NewBytes;

    internal MomentContents Contents { get; }
}

/// <summary>What a moment holds.</summary>
internal sealed record MomentContents(
    byte[] State, MemoryImage Memory, Trigger[] Armed, bool OnlyLooked, ResetKind? Reset, EngineKind? SwitchTo);

/// <content>Moments to go back to, for debuggers.</content>
public sealed partial class Machine
{
    private bool _alone;
    private bool _onlyLook;

    /// <summary>
    /// Whether a moment can be taken: the detailed engine's pipeline is no part of one, so that it must not be in force, unless nothing
    /// has been executed yet.
    /// </summary>
    public bool CanTakeMoment => Cores.All(c => c.Kind == EngineKind.Functional) || Instructions == 0;

    /// <summary>
    /// Has <see cref="BetweenTurns"/> called soon. The run does not notice: where a core runs alone its turn is cut in two, and where
    /// several take turns one of them ends soon by itself.
    /// </summary>
    public void EndTurn()
    {
        if (_alone && !_attention)
        {
            LookAgain();
            _onlyLook = true;
        }
    }

    /// <summary>
    /// Takes a moment; call from <see cref="BetweenTurns"/>. Decoded code and translations are dropped, as they are when the moment comes
    /// back, so that a run goes on from here as it will then.
    /// </summary>
    /// <param name="before">A moment whose unchanged memory is shared; null for none.</param>
    public MachineMoment TakeMoment(MachineMoment? before)
    {
        Cores[0].Context.Code.Forget();
        StateWriter writer = new();
        WriteState(writer, AllButMemory);
        MemoryImage memory = MemoryImage.Of(Memory, before?.Contents.Memory);
        return new MachineMoment(new MomentContents(writer.ToArray(), memory, [.. _armed], _onlyLook, _reset, _switchTo));
    }

    /// <summary>Goes back to a moment. The machine must not be running; <see cref="Run"/> then goes on as it did from there.</summary>
    public void Return(MachineMoment moment)
    {
        MomentContents contents = moment.Contents;
        Cores[0].Context.Code.Forget();
        contents.Memory.Restore(Memory);
        StateReader reader = new(contents.State, Events);
        ReadState(reader, AllButMemory);
        (_reset, _switchTo, _onlyLook) = (contents.Reset, contents.SwitchTo, contents.OnlyLooked);
        _armed.Clear();
        _armed.AddRange(contents.Armed);
        PlacesChanged(addresses: false);
    }

    private IEnumerable<IStateful> AllButMemory => _stateful.Where(c => c != Memory);

    /// <summary>A turn has ended before its time for nobody but somebody who looks.</summary>
    private bool WasCutToLook(ulong untilCycle) => _onlyLook && Cores.Any(c => c.IsRunnable && c.Cycle < untilCycle);
}
