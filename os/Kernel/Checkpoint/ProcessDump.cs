namespace CoSim.Os;

/// <summary>
/// Writes a tree of processes as an image (docs/migration.md). The processes are frozen. Everything is looked at before the first byte
/// leaves the machine: what cannot be saved is refused by name.
/// </summary>
internal static unsafe partial class ProcessDump
{
    /// <summary>Saves a process and its descendants. The processes stay frozen when this succeeds, and go on when it does not.</summary>
    /// <returns>0 or -errno; the complaint then says what is wrong.</returns>
    internal static int Run(ThreadGroup* root, ImageObjects* o)
    {
        int r = Freezer.Freeze(root);
        if (r != 0) return ImageComplaint.Say(&o->Complaint, Errno.EBUSY, "process %llu waits for a child that it has lent its memory to (vfork)"u8, (ulong)root->Id, 0, 0);
        r = Collect(root, o);
        if (r == 0) r = Write(root, o);
        if (r != 0) Freezer.Thaw(root);
        return r;
    }

    private static int Write(ThreadGroup* root, ImageObjects* o)
    {
        ImageWriter w = default;
        if (!w.Open()) return OutOfMemory(o);
        NsProxy* ns = ((Task*)o->Tasks.At(0))->NsProxy;
        ImageClock clock = default;
        clock.Monotonic = ns->TimeNs->Offsets.Monotonic.ToKtime();
        clock.Boottime = ns->TimeNs->Offsets.Boottime.ToKtime();
        WriteHeader(root, o, &clock, &w);
        WriteNamespaces(o, &w);
        // Files may stand for processes.
        for (int i = 0; i < o->Groups.Count; i++) WriteGroup((ThreadGroup*)o->Groups.At((ulong)i), o, &w);
        int r = WriteFiles(o, &clock, &w);
        if (r == 0) r = WriteMemories(o, &w);
        if (r == 0) WriteTasks(o, &clock, &w);
        w.Begin(ImageRecord.End, 1);
        w.Word(w.Records - 1);
        w.Close(r == 0);
        return r;
    }

    private static void WriteHeader(ThreadGroup* root, ImageObjects* o, ImageClock* clock, ImageWriter* w)
    {
        w->Begin(ImageRecord.Header, 10);
        w->Word(ImageFormat.Magic);
        w->Word(ImageFormat.Version);
        w->Word(Time.MonotonicNs() + clock->Monotonic);
        w->Word(Time.BoottimeNs() + clock->Boottime);
        w->Word(Time.RealtimeNs());
        w->Word((ulong)root->Id);
        w->Word(Timekeeping.VdsoMapping.Fingerprint());
        w->Word((ulong)o->Groups.Count);
        w->Word((ulong)o->Tasks.Count);
        w->Word((ulong)o->Files.Count);
    }

    private static int OutOfMemory(ImageObjects* o) => ImageComplaint.Say(&o->Complaint, Errno.ENOMEM, "out of memory"u8, 0, 0, 0);
}
