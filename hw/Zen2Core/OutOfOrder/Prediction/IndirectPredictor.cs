namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>The indirect target array: targets of indirect jumps and calls by address and recent path (1024 entries, AnandTech 14525).</summary>
public sealed class IndirectPredictor(int entries)
{
    /// <summary>Taken branches of path that choose among an indirect branch's targets; not published.</summary>
    private const int Path = 8;

    private readonly ulong[] _targets = new ulong[entries];
    private readonly uint[] _tags = new uint[entries];

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_targets);
        Array.Clear(_tags);
    }

    /// <summary>Predicts; false when nothing is known for this path.</summary>
    public bool Predict(ulong address, in BranchHistory history, out ulong target)
    {
        ulong hash = history.Hash(Path, address);
        int index = (int)(hash % (ulong)_targets.Length);
        target = _targets[index];
        return _tags[index] == Tag(hash);
    }

    /// <summary>Learns where a branch that retired went, under the history that it was predicted with.</summary>
    public void Learn(ulong address, in BranchHistory history, ulong target)
    {
        ulong hash = history.Hash(Path, address);
        int index = (int)(hash % (ulong)_targets.Length);
        _targets[index] = target;
        _tags[index] = Tag(hash);
    }

    internal void Save(Simulation.StateWriter writer)
    {
        for (int i = 0; i < _targets.Length; i++)
        {
            writer.UInt64(_targets[i]);
            writer.UInt32(_tags[i]);
        }
    }

    internal void Restore(Simulation.StateReader reader)
    {
        for (int i = 0; i < _targets.Length; i++)
        {
            _targets[i] = reader.UInt64();
            _tags[i] = reader.UInt32();
        }
    }

    private static uint Tag(ulong hash) => (uint)(hash >> 32) | 1;
}
