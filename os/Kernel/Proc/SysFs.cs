namespace CoSim.Os;

/// <summary>/sys: files by registration.</summary>
public static unsafe class SysFs
{
    public static Dentry* Root;

    /// <summary>Builds the root of /sys.</summary>
    public static void Initialize()
    {
        Root = RamFs.CreateRoot();
        Root->Inode->Device = 21;
        AddFile("devices/system/cpu/online"u8, 0x124, &ShowOnline, null);
        AddFile("devices/system/cpu/possible"u8, 0x124, &ShowPossible, null);
        AddFile("devices/system/cpu/present"u8, 0x124, &ShowPossible, null);
    }

    /// <summary>Adds a file by its path below /sys; see <see cref="ProcFs.AddFile"/>.</summary>
    public static void AddFile(System.ReadOnlySpan<byte> path, uint mode, delegate*<TextBuffer*, Task*, void*, int> show, delegate*<File*, Task*, byte*, ulong, long, long> write) =>
        ProcFs.AddFileUnder(Root, path, mode, show, write, null);

    private static int ShowOnline(TextBuffer* t, Task* task, void* context)
    {
        bool first = true;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (!Cpu.At(i)->Online) continue;
            int last = i;
            while (last + 1 < Cpu.Possible && Cpu.At(last + 1)->Online) last++;
            if (!first) t->Put((byte)',');
            first = false;
            t->PutDecimal((ulong)i);
            if (last > i) t->Format("-%d"u8, (ulong)last);
            i = last;
        }
        t->Put((byte)'\n');
        return 0;
    }

    private static int ShowPossible(TextBuffer* t, Task* task, void* context)
    {
        t->Put((byte)'0');
        if (Cpu.Possible > 1) t->Format("-%d"u8, (ulong)(Cpu.Possible - 1));
        t->Put((byte)'\n');
        return 0;
    }
}
