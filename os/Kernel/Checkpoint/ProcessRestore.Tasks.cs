namespace CoSim.Os;

/// <summary>Processes, threads, signals and timers from an image.</summary>
internal static unsafe partial class ProcessRestore
{
    private static int LoadHandlers(State* s)
    {
        ulong id = s->Reader.Word();
        byte* actions = s->Reader.Bytes(Signal.Max * (ulong)sizeof(SignalAction));
        if (actions == null) return -Errno.EINVAL;
        SignalHandlers* h = Heap.New<SignalHandlers>();
        if (h == null) return -Errno.ENOMEM;
        h->Refs = 1;
        Text.Copy(&h->Actions, actions, Signal.Max * (ulong)sizeof(SignalAction));
        int r = Number(s, &s->Objects.Handlers, id, h);
        if (r != 0) ProcessExit.PutHandlers(h);
        return r;
    }

    private static ThreadGroup* FindGroup(State* s, int id)
    {
        for (int i = 0; i < s->Objects.Groups.Count; i++)
        {
            ThreadGroup* g = (ThreadGroup*)s->Objects.Groups.At((ulong)i);
            if (g->Id == id) return g;
        }
        return null;
    }

    private static int LoadGroup(State* s)
    {
        ImageReader* r = &s->Reader;
        int id = r->Int(), parent = r->Int();
        if (r->Bad || id <= 0 || id >= TaskList.MaxPid || FindGroup(s, id) != null || (parent == 0) != (s->Objects.Groups.Count == 0)) return -Errno.EINVAL;
        ThreadGroup* above = parent == 0 ? Cpu.CurrentTask->Group : FindGroup(s, parent);
        if (above == null) return -Errno.EINVAL;
        ThreadGroup* g = Heap.New<ThreadGroup>();
        if (g == null) return -Errno.ENOMEM;
        g->Refs = 1; // dropped when the image is abandoned; else the leader's
        g->Id = id;
        g->Parent = above;
        g->ProcessGroup = r->Int();
        g->Session = r->Int();
        g->ExitSignal = r->Int();
        g->Zombie = r->Flag();
        g->ExitCode = r->Int();
        g->StopSignal = r->Int();
        g->StopUnreported = r->Flag();
        g->ContinueUnreported = r->Flag();
        g->EndedUserNs = r->Word();
        g->EndedSystemNs = r->Word();
        g->EndedRuntimeNs = r->Word();
        g->ChildrenUserNs = r->Word();
        g->ChildrenSystemNs = r->Word();
        if (r->Flag()) g->Terminal = Cpu.CurrentTask->Group->Terminal;
        r->Word(); // the threads are counted as they come
        bool limits = r->Word() == Limits.Count;
        byte* values = r->Bytes(Limits.Count * (ulong)sizeof(ResourceLimit));
        bool ok = values != null && limits && g->ExitSignal is >= 0 and <= 255 && g->StopSignal is >= 0 and <= Signal.Max;
        if (ok) Text.Copy(&g->Limits, values, Limits.Count * (ulong)sizeof(ResourceLimit));
        int error = ok ? s->Objects.Groups.Append(g) < 0 ? -Errno.ENOMEM : 0 : -Errno.EINVAL;
        if (error != 0) Heap.Free(g);
        else Time.GroupInit(g);
        return error;
    }

    private static int LoadThread(State* s)
    {
        ImageReader* r = &s->Reader;
        if (r->Left != ProcessDump.ThreadWords * 8) return -Errno.EINVAL;
        int pid = r->Int();
        ThreadGroup* g = FindGroup(s, r->Int());
        if (g == null || g->Leader == null && pid != g->Id) return -Errno.EINVAL;
        Task* t = TaskList.Allocate();
        if (t == null) return -Errno.ENOMEM;
        int error = Fill(s, t, r->Flag());
        if (error == 0 && s->Objects.Tasks.Append(t) < 0) error = -Errno.ENOMEM;
        if (error == 0)
        {
            error = TaskList.AddAs(t, pid);
            if (error == -Errno.EEXIST) ImageComplaint.Say(&s->Objects.Complaint, 0, "process number %llu is in use here"u8, (ulong)pid, 0, 0);
            if (error != 0) s->Objects.Tasks.Count--;
        }
        if (error != 0)
        {
            AbandonTask(t);
            return error;
        }
        Join(t, g);
        return 0;
    }

    /// <summary>Everything about a thread but its number and its process.</summary>
    private static int Fill(State* s, Task* t, bool ended)
    {
        ImageReader* r = &s->Reader;
        ImageObjects* o = &s->Objects;
        t->ExitCode = r->Int();
        AddressSpace* mm = (AddressSpace*)o->Memories.At(r->Word());
        FileTable* files = (FileTable*)o->Tables.At(r->Word());
        FsContext* fs = (FsContext*)o->Places.At(r->Word());
        SignalHandlers* handlers = (SignalHandlers*)o->Handlers.At(r->Word());
        NsProxy* proxy = (NsProxy*)o->Proxies.At(r->Word());
        UserNamespace* users = UsersOf(s, r->Word());
        ulong allowed = r->Word() & (Cpu.Possible == 64 ? ulong.MaxValue : (1UL << Cpu.Possible) - 1);
        if (users == null || ended != (proxy == null)) return -Errno.EINVAL;
        if (ended != (mm == null) || ended != (files == null) || ended != (fs == null) || ended != (handlers == null)) return -Errno.EINVAL;
        if (!ended)
        {
            Atomic.FetchAdd32(Text.Address(ref mm->Refs), 1);
            t->Mm = mm;
            t->Files = FileTable.Share(files);
            t->Fs = FsContext.Share(fs);
            Atomic.FetchAdd32(Text.Address(ref handlers->Refs), 1);
            t->Handlers = handlers;
            RefCount.Add(&proxy->Refs, 1);
            t->NsProxy = proxy;
        }
        t->SignalMask = r->Word() & ~Signal.Unblockable;
        t->SavedMask = r->Word();
        t->RestoreMask = r->Flag();
        t->AltStack = r->Word();
        t->AltStackSize = r->Word();
        t->FsBase = r->Word();
        t->GsBase = r->Word();
        t->ClearChildTid = r->Word();
        t->RobustList = r->Word();
        t->RseqArea = r->Word();
        t->RseqSignature = (uint)r->Word();
        t->StartMonotonicNs = r->Signed() - s->Clock.Monotonic;
        t->StartBoottimeNs = r->Signed() - s->Clock.Boottime;
        t->UserNs = r->Word();
        t->SystemNs = r->Word();
        t->Sched.RuntimeNs = r->Word();
        t->Sched.Nice = r->Int();
        t->TimerSlackNs = r->Word();
        t->DefaultTimerSlackNs = r->Word();
        t->NoNewPrivileges = r->Flag();
        Text.Copy(&t->Comm, r->Bytes(16), 16);
        ((byte*)&t->Comm)[15] = 0;
        // A thread whose CPUs this machine does not have may use any, as when the last of them is unplugged.
        t->Sched.AllowedCpus = allowed != 0 ? allowed : ulong.MaxValue;
        t->Sched.Cpu = Cpu.Id;
        t->Cred = LoadCredentials(r);
        if (t->Cred == null) return -Errno.ENOMEM;
        UserNamespace.Put(t->Cred->UserNs);
        t->Cred->UserNs = UserNamespace.Get(users);
        RestartImages.Load(&t->Restart, &s->Clock, r);
        TrapFrame* frame = (TrapFrame*)r->Bytes((ulong)sizeof(TrapFrame));
        VectorState* vectors = (VectorState*)r->Bytes((ulong)sizeof(VectorState));
        if (r->Bad || t->Sched.Nice is < -20 or > 19 || t->FsBase >= KernelMap.UserEnd || t->GsBase >= KernelMap.UserEnd || t->RseqArea >= KernelMap.UserEnd || frame->Rip >= KernelMap.UserEnd) return -Errno.EINVAL;
        t->Vectors = *vectors;
        ((uint*)&t->Vectors)[6] &= 0xFFFF; // reserved bits of MXCSR would fault
        Time.TaskInit(t, null);
        if (!ended) ProcessFork.PrepareUser(t, frame);
        return 0;
    }

    private static Credentials* LoadCredentials(ImageReader* r)
    {
        Credentials* c = Credentials.CreateInitial();
        if (c == null) return null;
        c->Uid = (uint)r->Word();
        c->Euid = (uint)r->Word();
        c->Suid = (uint)r->Word();
        c->Fsuid = (uint)r->Word();
        c->Gid = (uint)r->Word();
        c->Egid = (uint)r->Word();
        c->Sgid = (uint)r->Word();
        c->Fsgid = (uint)r->Word();
        c->Inheritable = r->Word() & Cap.All;
        c->Permitted = r->Word() & Cap.All;
        c->Effective = r->Word() & Cap.All;
        c->Bounding = r->Word() & Cap.All;
        c->Ambient = r->Word() & Cap.All;
        c->SecureBits = (uint)r->Word();
        return c;
    }

    private static void Join(Task* t, ThreadGroup* g)
    {
        ulong flags = TaskList.Lock.AcquireIrqSave();
        t->Group = g;
        if (g->Leader == null)
        {
            t->NextInGroup = t;
            g->Leader = t;
            Atomic.FetchAdd32(Text.Address(ref g->Refs), 1);
            ProcessExit.AddChildLocked(g->Parent, g);
        }
        else
        {
            Task* last = g->Leader;
            while (last->NextInGroup != g->Leader) last = last->NextInGroup;
            last->NextInGroup = t;
            t->NextInGroup = g->Leader;
            Atomic.FetchAdd32(Text.Address(ref g->Refs), 1);
        }
        if (t->Mm != null) g->Threads++;
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static int LoadSignal(State* s)
    {
        int target = s->Reader.Int();
        bool process = s->Reader.Flag();
        SigInfo* info = (SigInfo*)s->Reader.Bytes((ulong)sizeof(SigInfo));
        if (info == null || SigInfo.Number(info) is < 1 or > Signal.Max) return -Errno.EINVAL;
        PendingSignals* pending = null;
        for (int i = 0; i < s->Objects.Tasks.Count; i++)
        {
            Task* t = (Task*)s->Objects.Tasks.At((ulong)i);
            if (t->Pid == target) pending = process ? &t->Group->Pending : &t->Pending;
        }
        if (pending == null) return -Errno.EINVAL;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        bool kept = SignalDelivery.Append(pending, info);
        TaskList.Lock.ReleaseIrqRestore(flags);
        return kept ? 0 : -Errno.ENOMEM;
    }

    private static int LoadTimer(State* s, bool posix)
    {
        ThreadGroup* g = FindGroup(s, s->Reader.Int());
        if (g == null) return -Errno.EINVAL;
        int r = posix ? Timekeeping.TimerImages.LoadPosixTimer(g, &s->Clock, &s->Reader) : Timekeeping.TimerImages.LoadItimers(g, &s->Clock, &s->Reader);
        return s->Reader.Bad ? -Errno.EINVAL : r;
    }
}
