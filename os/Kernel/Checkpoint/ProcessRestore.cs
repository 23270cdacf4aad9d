namespace CoSim.Os;

/// <summary>
/// Builds processes from an image (docs/migration.md). Nothing runs before all of it has been read; a bad image leaves nothing behind.
/// </summary>
internal static unsafe partial class ProcessRestore
{
    private struct State
    {
        internal ImageReader Reader;
        internal ImageObjects Objects;

        /// <summary>Names of the inodes, by the inodes' numbers; null for memory that has none.</summary>
        internal ObjectTable Names;

        /// <summary>Files of processes, to be opened when all are there, and their paths, NUL-terminated.</summary>
        internal ObjectTable Late, LatePaths;

        /// <summary>The message that is being read.</summary>
        internal QueuedMessage* Message;
        internal ImageClock Clock;
        internal NsProxy* Proxy;
        internal int RootPid;
        internal bool Ended;
    }

    /// <summary>Restores the processes of an image as children of the caller, in its time namespace for children.</summary>
    /// <param name="image">The image.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="complaint">What is wrong.</param>
    /// <returns>The first process's number, or -errno.</returns>
    internal static int Run(byte* image, ulong length, ImageComplaint* complaint)
    {
        State s = default;
        s.Reader = new ImageReader(image, length);
        int r = Header(&s);
        while (r == 0 && s.Reader.Next(out ImageRecord kind)) r = Record(&s, kind);
        if (r == 0 && (s.Reader.Bad || !s.Ended)) r = -Errno.EINVAL;
        if (r == 0) r = Complete(&s);
        *complaint = s.Objects.Complaint;
        if (r != 0 && *(byte*)complaint == 0)
            ImageComplaint.Say(complaint, 0, "record %llu, before byte %llu of the image, cannot be restored: error %llu"u8, s.Reader.Records, s.Reader.Position, (ulong)-r);
        if (r == 0) Start(&s);
        else Abandon(&s);
        Release(&s);
        return r == 0 ? s.RootPid : r;
    }

    private static int Header(State* s)
    {
        ImageComplaint* complaint = &s->Objects.Complaint;
        if (!s->Reader.Next(out ImageRecord kind) || kind != ImageRecord.Header || s->Reader.Word() != ImageFormat.Magic)
            return ImageComplaint.Say(complaint, Errno.EINVAL, "this is not an image of processes"u8, 0, 0, 0);
        ulong version = s->Reader.Word();
        if (version != ImageFormat.Version) return ImageComplaint.Say(complaint, Errno.EINVAL, "the image is of version %llu, this system reads version %llu"u8, version, ImageFormat.Version, 0);
        long monotonic = s->Reader.Signed(), boottime = s->Reader.Signed();
        s->Reader.Word(); // the wall clock is nobody's own
        s->RootPid = s->Reader.Int();
        if (s->Reader.Word() != Timekeeping.VdsoMapping.Fingerprint()) return ImageComplaint.Say(complaint, Errno.EINVAL, "the image is of a system with another vDSO"u8, 0, 0, 0);
        if (s->Reader.Bad || monotonic < 0 || boottime < 0) return -Errno.EINVAL;

        int r = TimeNamespaces.Clone(0, Cpu.CurrentTask->NsProxy, default, out s->Proxy, out _);
        if (r != 0) return r;
        TimeNamespace* ns = s->Proxy->TimeNs;
        bool own = ns != TimeNamespaces.Initial;
        // Without a namespace the clocks are the host's, and only what is left of each timer can be kept.
        s->Clock.Monotonic = own ? ns->Offsets.Monotonic.ToKtime() : monotonic - Time.MonotonicNs();
        s->Clock.Boottime = own ? ns->Offsets.Boottime.ToKtime() : boottime - Time.BoottimeNs();
        return 0;
    }

    private static int Record(State* s, ImageRecord kind)
    {
        if (s->Ended) return -Errno.EINVAL;
        switch (kind)
        {
            case ImageRecord.Inode: return LoadInode(s);
            case ImageRecord.Content: return LoadContent(s);
            case ImageRecord.Pipe: return LoadPipe(s);
            case ImageRecord.File: return LoadFile(s);
            case ImageRecord.Watch: return LoadWatch(s);
            case ImageRecord.Descriptors: return LoadTable(s);
            case ImageRecord.Memory: return LoadMemory(s);
            case ImageRecord.Mapping: return LoadMapping(s);
            case ImageRecord.Page: return LoadPage(s);
            case ImageRecord.Place: return LoadPlace(s);
            case ImageRecord.Handlers: return LoadHandlers(s);
            case ImageRecord.Process: return LoadGroup(s);
            case ImageRecord.Thread: return LoadThread(s);
            case ImageRecord.Signal: return LoadSignal(s);
            case ImageRecord.PosixTimer: return LoadTimer(s, true);
            case ImageRecord.Itimers: return LoadTimer(s, false);
            case ImageRecord.UserNamespace: return LoadUsers(s);
            case ImageRecord.TimeNamespace: return LoadTime(s);
            case ImageRecord.Proxy: return LoadProxy(s);
            case ImageRecord.Groups: return LoadGroups(s);
            case ImageRecord.Queue: return LoadQueue(s);
            case ImageRecord.Message: return LoadMessage(s);
            case ImageRecord.MessageText: return LoadMessageText(s);
            case ImageRecord.Root: return LoadRoot(s);
            case ImageRecord.End:
                s->Ended = s->Reader.Word() == s->Reader.Records - 1;
                return s->Ended ? 0 : -Errno.EINVAL;
            default: return -Errno.EINVAL;
        }
    }

    /// <summary>Numbers its object and checks that the image gives it the same number. 0 or -errno; the caller keeps the object when it fails.</summary>
    private static int Number(State* s, ObjectTable* table, ulong id, void* item)
    {
        if (s->Reader.Bad || id != (ulong)table->Count) return -Errno.EINVAL;
        return table->Append(item) < 0 ? -Errno.ENOMEM : 0;
    }

    private static int Complete(State* s)
    {
        ImageObjects* o = &s->Objects;
        if (o->Groups.Count == 0 || ((ThreadGroup*)o->Groups.At(0))->Id != s->RootPid) return -Errno.EINVAL;
        for (int i = 0; i < o->Groups.Count; i++)
        {
            ThreadGroup* g = (ThreadGroup*)o->Groups.At((ulong)i);
            if (g->Leader == null || g->Leader->Pid != g->Id || g->Zombie != (g->Threads == 0)) return -Errno.EINVAL;
        }
        return OpenFilesOfProcesses(s);
    }

    /// <summary>Everything is there: lets it run.</summary>
    private static void Start(State* s)
    {
        // The coarse clocks stand still between ticks: after one they are past what the processes have seen.
        Cpu.CurrentTask->State = TaskState.Uninterruptible;
        Time.SleepUntil(ClockId.Monotonic, Time.MonotonicNs() + 2 * TimeUnits.TickNsec);
        Cpu.CurrentTask->State = TaskState.Running;
        for (int i = 0; i < s->Objects.Tasks.Count; i++)
        {
            Task* t = (Task*)s->Objects.Tasks.At((ulong)i);
            if (t->Mm == null)
            {
                t->State = TaskState.Zombie;
                TaskList.Put(t); // it runs no more
                continue;
            }
            Atomic.Or32(&t->PendingWork, TaskWork.Signal); // to go on with the call that it was in
            Scheduler.Start(t);
        }
    }

    private static void Abandon(State* s)
    {
        ImageObjects* o = &s->Objects;
        for (int i = 0; i < o->Groups.Count; i++) Time.GroupExit((ThreadGroup*)o->Groups.At((ulong)i));
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (int i = o->Groups.Count - 1; i >= 0; i--)
        {
            ThreadGroup* g = (ThreadGroup*)o->Groups.At((ulong)i);
            SignalDelivery.Discard(&g->Pending, ulong.MaxValue);
            if (g->Leader != null) ProcessExit.RemoveChildLocked(g);
        }
        for (int i = 0; i < o->Tasks.Count; i++)
        {
            Task* t = (Task*)o->Tasks.At((ulong)i);
            SignalDelivery.Discard(&t->Pending, ulong.MaxValue);
            TaskList.RemoveLocked(t);
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        for (int i = 0; i < o->Queues.Count; i++) RemoveQueue((Dentry*)o->Queues.At((ulong)i));
        for (int i = 0; i < o->Tasks.Count; i++) AbandonTask((Task*)o->Tasks.At((ulong)i));
        for (int i = 0; i < o->Groups.Count; i++)
        {
            ThreadGroup* g = (ThreadGroup*)o->Groups.At((ulong)i);
            if (Atomic.FetchAdd32(Text.Address(ref g->Refs), -1) == 1) Heap.Free(g);
        }
    }

    private static void AbandonTask(Task* t)
    {
        AddressSpace.Put(t->Mm);
        FileTable.Put(t->Files);
        FsContext.Put(t->Fs);
        ProcessExit.PutHandlers(t->Handlers);
        if (t->NsProxy != null) Time.PutNamespaces(t->NsProxy);
        t->Refs = 1;
        TaskList.Put(t);
    }

    /// <summary>Drops the references that the tables have.</summary>
    private static void Release(State* s)
    {
        ImageObjects* o = &s->Objects;
        for (int i = 0; i < o->Memories.Count; i++) AddressSpace.Put((AddressSpace*)o->Memories.At((ulong)i));
        for (int i = 0; i < o->Tables.Count; i++) FileTable.Put((FileTable*)o->Tables.At((ulong)i));
        // Before the files: a pipe with ends goes with the last of them.
        for (int i = 0; i < o->Pipes.Count; i++) Pipe.FreeUnused((Pipe*)o->Pipes.At((ulong)i));
        for (int i = 0; i < o->Files.Count; i++) File.Put((File*)o->Files.At((ulong)i));
        for (int i = 0; i < s->LatePaths.Count; i++) Heap.Free(s->LatePaths.At((ulong)i));
        for (int i = 0; i < o->Queues.Count; i++) Dentry.Put((Dentry*)o->Queues.At((ulong)i));
        for (int i = 0; i < s->Names.Count; i++) Dentry.Put((Dentry*)s->Names.At((ulong)i));
        for (int i = 0; i < o->Inodes.Count; i++) Inode.Put((Inode*)o->Inodes.At((ulong)i));
        for (int i = 0; i < o->Places.Count; i++) FsContext.Put((FsContext*)o->Places.At((ulong)i));
        for (int i = 0; i < o->Handlers.Count; i++) ProcessExit.PutHandlers((SignalHandlers*)o->Handlers.At((ulong)i));
        for (int i = 0; i < o->Proxies.Count; i++) Time.PutNamespaces((NsProxy*)o->Proxies.At((ulong)i));
        for (int i = 0; i < o->TimeSpaces.Count; i++) TimeNamespaces.Put((TimeNamespace*)o->TimeSpaces.At((ulong)i));
        for (int i = o->Users.Count - 1; i >= 0; i--) UserNamespace.Put((UserNamespace*)o->Users.At((ulong)i));
        if (s->Proxy != null) Time.PutNamespaces(s->Proxy);
        s->Names.Release();
        s->Late.Release();
        s->LatePaths.Release();
        o->Release();
    }
}
