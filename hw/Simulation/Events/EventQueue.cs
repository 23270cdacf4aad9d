namespace CoSim.Hw.Simulation;

/// <summary>
/// What happens next, in the total order (time, priority, sequence), and what time it is. Time moves only forward, and only by
/// <see cref="AdvanceTo"/> and <see cref="RunUntil"/>.
/// </summary>
public sealed class EventQueue : IStateful
{
    private readonly List<SimEvent> _heap = [];
    private ulong _nextSequence;

    /// <summary>The present. Engines move it to their own position before they touch a device.</summary>
    public SimTime Now { get; private set; }

    /// <summary>When the next event happens; <see cref="SimTime.Never"/> when there is none.</summary>
    public SimTime NextTime => _heap.Count == 0 ? SimTime.Never : _heap[0].Time;

    /// <summary>How many events wait.</summary>
    public int Count => _heap.Count;

    /// <summary>Tells that an event was scheduled that is earlier than all others: who runs up to <see cref="NextTime"/> must look again.</summary>
    public event Action? EarliestChanged;

    public string StateName => "events";

    /// <summary>Schedules an event, or moves it if it is scheduled already. A time in the past means now.</summary>
    public void Schedule(SimEvent e, SimTime time)
    {
        if (e.IsScheduled)
        {
            Remove(e);
        }

        e.Sequence = _nextSequence++;
        Insert(e, SimTime.Max(time, Now));
    }

    /// <summary>Takes an event out of the queue; nothing happens if it is not in it.</summary>
    public void Cancel(SimEvent e)
    {
        if (e.IsScheduled)
        {
            Remove(e);
        }
    }

    /// <summary>Moves the present forward without running events. A time before the present leaves it.</summary>
    /// <exception cref="InvalidOperationException">An event would be passed over: the caller ran too far.</exception>
    public void AdvanceTo(SimTime time)
    {
        if (time <= Now)
        {
            return;
        }

        if (time > NextTime)
        {
            throw new InvalidOperationException($"advance to {time} would skip {_heap[0]}");
        }

        Now = time;
    }

    /// <summary>Runs every event up to and including <paramref name="time"/>, in order, and makes that the present.</summary>
    public void RunUntil(SimTime time)
    {
        while (_heap.Count > 0 && _heap[0].Time <= time)
        {
            SimEvent e = _heap[0];
            Now = SimTime.Max(Now, e.Time);
            Remove(e);
            e.Run();
        }

        Now = SimTime.Max(Now, time);
    }

    /// <summary>
    /// Works something out as it would be at a time if nothing happened until then. For those who watch: nothing may be scheduled or changed
    /// meanwhile.
    /// </summary>
    /// <param name="time">The time; one before the present is the present.</param>
    /// <param name="work">Reads what is a function of time.</param>
    public T Suppose<T>(SimTime time, Func<T> work)
    {
        SimTime present = Now;
        Now = SimTime.Max(time, present);
        try
        {
            return work();
        }
        finally
        {
            Now = present;
        }
    }

    public void Save(StateWriter writer)
    {
        writer.Time(Now);
        writer.UInt64(_nextSequence);
    }

    /// <summary>Restores the present and empties the queue; components then put their own events back by <see cref="StateReader.Event"/>.</summary>
    public void Restore(StateReader reader)
    {
        foreach (SimEvent e in _heap)
        {
            e.HeapIndex = -1;
            e.Time = SimTime.Never;
        }

        _heap.Clear();
        Now = reader.Time();
        _nextSequence = reader.UInt64();
    }

    /// <summary>Puts a saved event back with its old place in the order.</summary>
    internal void Reinsert(SimEvent e, SimTime time, ulong sequence)
    {
        if (e.IsScheduled)
        {
            Remove(e);
        }

        e.Sequence = sequence;
        Insert(e, time);
    }

    private static bool Before(SimEvent a, SimEvent b)
    {
        int byTime = a.Time.CompareTo(b.Time);
        if (byTime != 0)
        {
            return byTime < 0;
        }

        return a.Priority != b.Priority ? a.Priority < b.Priority : a.Sequence < b.Sequence;
    }

    private void Insert(SimEvent e, SimTime time)
    {
        e.Time = time;
        e.HeapIndex = _heap.Count;
        _heap.Add(e);
        SiftUp(e.HeapIndex);
        if (e.HeapIndex == 0)
        {
            EarliestChanged?.Invoke();
        }
    }

    private void Remove(SimEvent e)
    {
        int at = e.HeapIndex;
        int last = _heap.Count - 1;
        Swap(at, last);
        _heap.RemoveAt(last);
        e.HeapIndex = -1;
        e.Time = SimTime.Never;
        if (at < last)
        {
            SiftDown(at);
            SiftUp(at);
        }
    }

    private void SiftUp(int i)
    {
        while (i > 0 && Before(_heap[i], _heap[(i - 1) / 2]))
        {
            Swap(i, (i - 1) / 2);
            i = (i - 1) / 2;
        }
    }

    private void SiftDown(int i)
    {
        for (; ; )
        {
            int least = i;
            for (int child = (2 * i) + 1; child <= (2 * i) + 2 && child < _heap.Count; child++)
            {
                if (Before(_heap[child], _heap[least]))
                {
                    least = child;
                }
            }

            if (least == i)
            {
                return;
            }

            Swap(i, least);
            i = least;
        }
    }

    private void Swap(int i, int j)
    {
        (_heap[i], _heap[j]) = (_heap[j], _heap[i]);
        _heap[i].HeapIndex = i;
        _heap[j].HeapIndex = j;
    }
}
