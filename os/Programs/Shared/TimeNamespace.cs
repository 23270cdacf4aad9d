namespace CoSim.Os.Programs;

/// <summary>Entering a time namespace as a program does it on Linux (time_namespaces(7)).</summary>
public static unsafe class TimeNamespace
{
    /// <summary>
    /// Makes a time namespace for the children of this process and sets its offsets. The offsets must be written before the
    /// first child enters it.
    /// </summary>
    /// <param name="offsets">Lines of /proc/self/timens_offsets.</param>
    /// <returns>0 or -errno.</returns>
    public static long Create(byte* offsets)
    {
        long result = Linux.Unshare(Linux.CloneNewTime);
        if (result < 0) return result;
        int file = Linux.Open(Linux.Text("/proc/self/timens_offsets"u8), Linux.WriteOnly);
        if (file < 0) return file;
        ulong length = Text.Length(offsets);
        result = length == 0 ? 0 : Linux.Write(file, offsets, length);
        Linux.Close(file);
        return result < 0 ? result : 0;
    }
}
