namespace CoSim.Os.Programs.Workload;

/// <summary>A workload's table in memory.</summary>
public unsafe struct Table
{
    private const ulong LargestFile = 1UL << 30;

    /// <summary>Its beginning.</summary>
    public TableHeader* Header;

    /// <summary>Its threads.</summary>
    public ThreadHeader* Threads;

    /// <summary>The rows of all threads.</summary>
    public Operation* Rows;

    /// <summary>Reads a file.</summary>
    /// <returns>False when it is not there or not a table.</returns>
    public static bool Read(byte* path, Table* table)
    {
        int file = Linux.Open(path, Linux.ReadOnly);
        if (file < 0) return false;
        TableHeader head = default;
        bool good = ReadAll(file, (byte*)&head, TableHeader.Size) && head.Signature == TableHeader.Magic && head.Threads is > 0 and < 1 << 16;
        ulong size = TableHeader.Size + (ulong)head.Threads * ThreadHeader.Size;
        byte* threads = good ? Linux.Allocate(size) : null;
        good = threads != null && ReadAll(file, threads + TableHeader.Size, size - TableHeader.Size);
        ulong rows = 0;
        for (uint i = 0; good && i < head.Threads; i++) rows += ((ThreadHeader*)(threads + TableHeader.Size))[i].Count;
        good = good && rows * Operation.Size < LargestFile;
        byte* content = good ? Linux.Allocate(rows * Operation.Size + 1) : null;
        good = content != null && ReadAll(file, content, rows * Operation.Size);
        Linux.Close(file);
        if (!good) return false;
        *(TableHeader*)threads = head;
        table->Header = (TableHeader*)threads;
        table->Threads = (ThreadHeader*)(threads + TableHeader.Size);
        table->Rows = (Operation*)content;
        return true;
    }

    /// <summary>The first row of a thread.</summary>
    public Operation* RowsOf(uint thread)
    {
        Operation* rows = Rows;
        for (uint i = 0; i < thread; i++) rows += Threads[i].Count;
        return rows;
    }

    private static bool ReadAll(int file, byte* to, ulong count)
    {
        while (count > 0)
        {
            long got = Linux.Read(file, to, count);
            if (got <= 0) return false;
            to += got;
            count -= (ulong)got;
        }
        return true;
    }
}
