using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core;

/// <summary>Save and restore. Only architectural state is kept: TLBs and decoded code are rebuilt.</summary>
public sealed unsafe partial class CoreContext : IStateful
{
    /// <inheritdoc/>
    public string StateName => $"core{Index}";

    private int SavedLength => (int)((byte*)&State->Host - (byte*)State);

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        Counters.Fold();
        // Temporaries are dead here; what is left in them depends on how the engine ran the last instructions.
        new Span<ulong>(State->Gpr + 16, 8).Clear();
        new Span<ulong>(State->Vec + (16 * 4), 8 * 4).Clear();
        writer.Block(new ReadOnlySpan<byte>(State, SavedLength));
        writer.Bool(_interruptRequest);
        writer.Byte(_nmis);
        writer.Bool(_smi);
        writer.Bool(_init);
        writer.Int32(_startup);
        writer.Bool(NumericError?.Asserted ?? false);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        ReadOnlySpan<byte> state = reader.Block();
        if (state.Length != SavedLength)
        {
            throw reader.Wrong($"a core's state is {SavedLength} bytes here, {state.Length} in the snapshot");
        }

        state.CopyTo(new Span<byte>(State, SavedLength));
        State->Host.FaultVector = HostState.NoFault;
        _interruptRequest = reader.Bool();
        _nmis = reader.Byte();
        _smi = reader.Bool();
        _init = reader.Bool();
        _startup = reader.Int32();
        bool numericError = reader.Bool();
        NumericError?.RestoreLevel(numericError);
        if (State->MonitorLine != NoMonitor && Memory.FlagsOf(State->MonitorLine) is var flags && flags != null)
        {
            *flags |= PageFlags.Monitored;
        }

        RefreshMode();
        ChangeMemoryView();
        DebugChanged();
        Counters.Restored();
    }
}
