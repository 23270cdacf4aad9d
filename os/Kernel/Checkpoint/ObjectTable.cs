namespace CoSim.Os;

/// <summary>Kernel objects by number: what an image calls them by.</summary>
internal unsafe struct ObjectTable
{
    private const int Max = 1 << 16;

    private void** _items;
    private int _capacity;

    internal int Count;

    /// <summary>The object's number; new ones get the next. -1 when memory is out.</summary>
    internal int Add(void* item)
    {
        int at = Find(item);
        return at >= 0 ? at : Append(item);
    }

    /// <summary>The object's number, or -1.</summary>
    internal readonly int Find(void* item)
    {
        for (int i = 0; i < Count; i++) if (_items[i] == item) return i;
        return -1;
    }

    /// <summary>The object's number as images have it: none for null.</summary>
    internal readonly ulong Id(void* item) => item == null ? ImageFormat.None : (ulong)(long)Find(item);

    /// <summary>Gives the object the next number. -1 when memory is out.</summary>
    internal int Append(void* item)
    {
        if (Count == _capacity && !Grow()) return -1;
        _items[Count] = item;
        return Count++;
    }

    /// <summary>The object with that number, or null.</summary>
    internal readonly void* At(ulong id) => id < (ulong)Count ? _items[id] : null;

    private bool Grow()
    {
        if (_capacity >= Max) return false;
        int capacity = _capacity == 0 ? 32 : _capacity * 2;
        void** items = (void**)Heap.Allocate((ulong)capacity * 8);
        if (items == null) return false;
        Text.Copy(items, _items, (ulong)Count * 8);
        Heap.Free(_items);
        _items = items;
        _capacity = capacity;
        return true;
    }

    internal void Release()
    {
        Heap.Free(_items);
        this = default;
    }
}
