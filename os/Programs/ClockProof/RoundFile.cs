namespace CoSim.Os.Programs.ClockProof;

/// <summary>A file that grows by a number a round: contents and position must survive as well as the clocks.</summary>
public unsafe struct RoundFile
{
    private int _file;
    private ulong* _number;

    /// <summary>Makes the file of a kind. Its name goes at once: only the open file holds it.</summary>
    public static RoundFile Create(int kind)
    {
        RoundFile f = default;
        f._number = (ulong*)Linux.Allocate(4096);
        byte* path = (byte*)(f._number + 8);
        Text.AppendNumber(Text.Append(path, Linux.Text("/tmp/proof-"u8)), kind);
        f._file = Linux.Create(path);
        if ((kind & 1) != 0) Calls.Unlink(path); // half of them
        return f;
    }

    /// <summary>Appends a round's number, where the file stands.</summary>
    public void Add(ulong round)
    {
        *_number = round;
        Linux.Write(_file, (byte*)_number, 8);
    }

    /// <summary>Whether the file has the numbers from 1 to <paramref name="rounds"/>, and stands behind them.</summary>
    public bool IsWhole(ulong rounds)
    {
        if (Calls.Position(_file) != (long)(rounds * 8)) return false;
        Calls.Rewind(_file);
        for (ulong i = 1; i <= rounds; i++)
            if (Linux.Read(_file, (byte*)_number, 8) != 8 || *_number != i) return false;
        return Linux.Read(_file, (byte*)_number, 8) == 0;
    }
}
