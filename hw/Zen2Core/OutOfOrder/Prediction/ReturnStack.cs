namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>
/// Predicted return addresses. It is pushed and popped when calls and returns are fetched; a checkpoint of its position and
/// top entry, taken with every branch, repairs it after a misprediction.
/// </summary>
public sealed class ReturnStack(int entries)
{
    private readonly ulong[] _addresses = new ulong[entries];
    private int _top;

    /// <summary>Position and top entry, to go back to.</summary>
    public readonly record struct Checkpoint(int Top, ulong Address);

    /// <summary>Forgets everything.</summary>
    public void Clear()
    {
        Array.Clear(_addresses);
        _top = 0;
    }

    /// <summary>A call was fetched.</summary>
    public void Push(ulong address)
    {
        _top = _top + 1 == _addresses.Length ? 0 : _top + 1;
        _addresses[_top] = address;
    }

    /// <summary>A return was fetched: where it will go. 0 when nothing was ever pushed there.</summary>
    public ulong Pop()
    {
        ulong address = _addresses[_top];
        _top = _top == 0 ? _addresses.Length - 1 : _top - 1;
        return address;
    }

    /// <summary>The state before the branch that is being fetched.</summary>
    public Checkpoint Save() => new(_top, _addresses[_top]);

    /// <summary>Goes back.</summary>
    public void Restore(Checkpoint checkpoint)
    {
        _top = checkpoint.Top;
        _addresses[_top] = checkpoint.Address;
    }

    internal void Save(Simulation.StateWriter writer)
    {
        writer.Int32(_top);
        foreach (ulong address in _addresses)
        {
            writer.UInt64(address);
        }
    }

    internal void Restore(Simulation.StateReader reader)
    {
        _top = reader.Int32();
        if ((uint)_top >= (uint)_addresses.Length)
        {
            throw reader.Wrong($"return stack position {_top}");
        }

        for (int i = 0; i < _addresses.Length; i++)
        {
            _addresses[i] = reader.UInt64();
        }
    }
}
