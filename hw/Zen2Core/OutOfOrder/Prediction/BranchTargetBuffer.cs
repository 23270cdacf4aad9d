using CoSim.Hw.Simulation;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Prediction;

/// <summary>
/// Which branches the fetch unit knows before it has decoded them, and how fast: three levels, each with its bubbles after a
/// taken branch. Capacities and bubbles from AMD 56305 and measurements on the EPYC 7742 (see parameters.csv).
/// </summary>
public sealed class BranchTargetBuffer
{
    /// <summary>Targets in another region of this size cannot stand in the first table (AMD 56305).</summary>
    private const int RegionShift = 19;

    private readonly TagTable _forward;
    private readonly TagTable _backward;
    private readonly TagTable _first;
    private readonly TagTable _second;
    private readonly int _firstBubble;
    private readonly int _secondBubble;

    /// <summary>Makes empty tables.</summary>
    public BranchTargetBuffer(Data.CoreParameters p)
    {
        _forward = new TagTable(1, p["btb.l0"]);
        _backward = new TagTable(1, p["btb.l0"]);
        _first = new TagTable(p["btb.l1.sets"], p["btb.l1.ways"]);
        _second = new TagTable(p["btb.l2.sets"], p["btb.l2.ways"]);
        _firstBubble = p.Cycles("btb.l1.bubble");
        _secondBubble = p.Cycles("btb.l2.bubble");
    }

    /// <summary>Forgets every branch.</summary>
    public void Clear()
    {
        _forward.Clear();
        _backward.Clear();
        _first.Clear();
        _second.Clear();
    }

    /// <summary>Looks a branch up.</summary>
    /// <param name="address">The branch instruction's linear address.</param>
    /// <param name="target">Where the last taken execution went.</param>
    /// <returns>Bubbles after it if it is taken; -1 when no level knows it.</returns>
    public int Lookup(ulong address, out ulong target)
    {
        if (_forward.Find(address, out target) || _backward.Find(address, out target))
        {
            return 0;
        }

        if (_first.Find(address, out target))
        {
            InsertZero(address, target);
            return _firstBubble;
        }

        if (_second.Find(address, out target))
        {
            _first.Insert(address, target);
            return _secondBubble;
        }

        return -1;
    }

    /// <summary>Learns a branch that was taken.</summary>
    public void Learn(ulong address, ulong target)
    {
        TagTable zero = target > address ? _forward : _backward;
        if (zero.Update(address, target) && _first.Update(address, target))
        {
            return;
        }

        if (!_first.Update(address, target))
        {
            _first.Insert(address, target);
            _second.Insert(address, target);
        }
        else
        {
            InsertZero(address, target);
        }
    }

    internal void Save(StateWriter writer)
    {
        _forward.Save(writer);
        _backward.Save(writer);
        _first.Save(writer);
        _second.Save(writer);
    }

    internal void Restore(StateReader reader)
    {
        _forward.Restore(reader);
        _backward.Restore(reader);
        _first.Restore(reader);
        _second.Restore(reader);
    }

    private void InsertZero(ulong address, ulong target)
    {
        if ((address ^ target) >> RegionShift == 0)
        {
            (target > address ? _forward : _backward).Insert(address, target);
        }
    }
}
