using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// Snapshots: what the engine has learnt and cached. The pipeline itself is empty then (<see cref="Quiesce"/>). The first core
/// writes the caches of all cores.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <inheritdoc/>
    public string StateName => $"detailed{_context.Index}";

    /// <inheritdoc/>
    public void Save(StateWriter writer)
    {
        if (_context.Index == 0)
        {
            _hierarchy.Save(writer);
        }

        _translation.Save(writer);
        _btb.Save(writer);
        _direction.Save(writer);
        _indirect.Save(writer);
        _returns.Save(writer);
        _opCache.Save(writer);
        _dependence.Save(writer);
        (ulong recent, ulong middle, ulong old) = _history.Words;
        writer.UInt64(recent);
        writer.UInt64(middle);
        writer.UInt64(old);
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            writer.UInt64(_totals[i]);
        }

        writer.UInt64(Retired);
        writer.UInt64(Squashed);
        writer.UInt64(Mispredictions);
        writer.UInt64(MemoryClears);
        writer.UInt64(_now);
        _clock.Save(writer);
    }

    /// <inheritdoc/>
    public void Restore(StateReader reader)
    {
        RestoreLearnt(reader);
        Restart();
    }

    private void RestoreLearnt(StateReader reader)
    {
        if (_context.Index == 0)
        {
            _hierarchy.Restore(reader);
        }

        _translation.Restore(reader);
        _btb.Restore(reader);
        _direction.Restore(reader);
        _indirect.Restore(reader);
        _returns.Restore(reader);
        _opCache.Restore(reader);
        _dependence.Restore(reader);
        _history.Words = (reader.UInt64(), reader.UInt64(), reader.UInt64());
        for (int i = 0; i < CycleCauses.Count; i++)
        {
            _totals[i] = reader.UInt64();
        }

        Retired = reader.UInt64();
        Squashed = reader.UInt64();
        Mispredictions = reader.UInt64();
        MemoryClears = reader.UInt64();
        _now = reader.UInt64();
        _clock.Restore(reader);
    }
}
