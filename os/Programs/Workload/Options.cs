namespace CoSim.Os.Programs.Workload;

/// <summary>The program's arguments.</summary>
public unsafe struct Options
{
    /// <summary>The table's file.</summary>
    public byte* Path;

    /// <summary>The clocksource to select, by its number; -1 to leave it.</summary>
    public int Source;

    /// <summary>Processors that the threads are spread over.</summary>
    public uint Cores;

    /// <summary>Whether the replay runs on the detailed engine.</summary>
    public bool Detailed;

    /// <summary>Whether caches and predictors are emptied before each measured call.</summary>
    public bool Cold;

    /// <summary>Where the vDSO is; 0 without one.</summary>
    public ulong Vdso;

    /// <summary>Reads "table=FILE source=N cores=N detailed=1 cold=1".</summary>
    public static Options Parse(ulong* stack)
    {
        Options options = default;
        options.Source = -1;
        options.Cores = 1;
        for (byte** word = (byte**)(stack + 2); *word != null; word++)
        {
            byte* value;
            if ((value = Text.After(*word, Linux.Text("table="u8))) != null) options.Path = value;
            else if ((value = Text.After(*word, Linux.Text("source="u8))) != null) options.Source = (int)Text.TakeNumber(ref value);
            else if ((value = Text.After(*word, Linux.Text("cores="u8))) != null) options.Cores = (uint)Text.TakeNumber(ref value);
            else if ((value = Text.After(*word, Linux.Text("detailed="u8))) != null) options.Detailed = *value == '1';
            else if ((value = Text.After(*word, Linux.Text("cold="u8))) != null) options.Cold = *value == '1';
            else Text.Complain(Linux.Text("workload: ignored "u8), *word, 0);
        }
        if (options.Cores == 0 || options.Cores > 64) options.Cores = 1;
        options.Vdso = VdsoFunction.Base(stack);
        return options;
    }
}
