namespace CoSim.Os;

/// <summary>Processes, threads, signals and timers.</summary>
internal static unsafe partial class ProcessDump
{
    private static void WriteTasks(ImageObjects* o, ImageClock* clock, ImageWriter* w)
    {
        for (int i = 0; i < o->Places.Count; i++) WritePlace((FsContext*)o->Places.At((ulong)i), (ulong)i, w);
        for (int i = 0; i < o->Handlers.Count; i++)
        {
            SignalHandlers* h = (SignalHandlers*)o->Handlers.At((ulong)i);
            w->Begin(ImageRecord.Handlers, 1 + Signal.Max * 4);
            w->Word((ulong)i);
            w->Bytes(&h->Actions, Signal.Max * (ulong)sizeof(SignalAction));
        }
        for (int i = 0; i < o->Tasks.Count; i++) WriteTask((Task*)o->Tasks.At((ulong)i), o, clock, w);
        for (int i = 0; i < o->Groups.Count; i++)
        {
            ThreadGroup* g = (ThreadGroup*)o->Groups.At((ulong)i);
            WriteSignals(g->Id, true, &g->Pending, w);
            Timekeeping.TimerImages.Save(g, clock, w);
        }
    }

    private static void WritePlace(FsContext* fs, ulong id, ImageWriter* w)
    {
        byte* path = (byte*)Heap.Allocate(Vfs.PathMax);
        int length = path == null || fs->Working->Unlinked ? 0 : Bits.Max(0, Vfs.PathOf(fs->Working, path, Vfs.PathMax));
        w->Begin(ImageRecord.Place, 3 + Words(length));
        w->Word(id);
        w->Word(fs->Umask);
        w->Word((ulong)length);
        w->Bytes(path, (ulong)length);
        if (path != null && fs->Root != Vfs.Root)
        {
            length = Bits.Max(0, Vfs.PathOf(fs->Root, path, Vfs.PathMax));
            w->Begin(ImageRecord.Root, 2 + Words(length));
            w->Word(id);
            w->Word((ulong)length);
            w->Bytes(path, (ulong)length);
        }
        Heap.Free(path);
    }

    private static void WriteGroup(ThreadGroup* g, ImageObjects* o, ImageWriter* w)
    {
        bool root = o->Groups.At(0) == g;
        w->Begin(ImageRecord.Process, 18 + Limits.Count * 2);
        w->Word((ulong)g->Id);
        w->Word(root ? 0 : (ulong)g->Parent->Id);
        w->Word((ulong)g->ProcessGroup);
        w->Word((ulong)g->Session);
        w->Word((ulong)g->ExitSignal);
        w->Word(g->Zombie);
        w->Word((ulong)(uint)g->ExitCode);
        w->Word((ulong)g->StopSignal);
        w->Word(g->StopUnreported);
        w->Word(g->ContinueUnreported);
        w->Word(g->EndedUserNs);
        w->Word(g->EndedSystemNs);
        w->Word(g->EndedRuntimeNs);
        w->Word(g->ChildrenUserNs);
        w->Word(g->ChildrenSystemNs);
        w->Word(g->Terminal != null);
        w->Word((ulong)g->Threads);
        w->Word((ulong)Limits.Count);
        w->Bytes(&g->Limits, Limits.Count * (ulong)sizeof(ResourceLimit));
    }

    private static void WriteTask(Task* t, ImageObjects* o, ImageClock* clock, ImageWriter* w)
    {
        bool ended = t->Mm == null;
        w->Begin(ImageRecord.Thread, ThreadWords);
        w->Word((ulong)t->Pid);
        w->Word((ulong)t->Group->Id);
        w->Word(ended);
        w->Word((ulong)(uint)t->ExitCode);
        w->Word(o->Memories.Id(t->Mm));
        w->Word(o->Tables.Id(t->Files));
        w->Word(o->Places.Id(t->Fs));
        w->Word(ended ? ImageFormat.None : o->Handlers.Id(t->Handlers));
        w->Word(ended ? ImageFormat.None : o->Proxies.Id(t->NsProxy));
        w->Word(IdOf(t->Cred->UserNs, o));
        w->Word(t->Sched.AllowedCpus);
        w->Word(t->SignalMask);
        w->Word(t->SavedMask);
        w->Word(t->RestoreMask);
        w->Word(t->AltStack);
        w->Word(t->AltStackSize);
        w->Word(t->FsBase);
        w->Word(t->GsBase);
        w->Word(t->ClearChildTid);
        w->Word(t->RobustList);
        w->Word(t->RseqArea);
        w->Word(t->RseqSignature);
        w->Word(t->StartMonotonicNs + clock->Monotonic);
        w->Word(t->StartBoottimeNs + clock->Boottime);
        w->Word(t->UserNs);
        w->Word(t->SystemNs);
        w->Word(Scheduler.RuntimeNs(t));
        w->Word((long)t->Sched.Nice);
        w->Word(t->TimerSlackNs);
        w->Word(t->DefaultTimerSlackNs);
        w->Word(t->NoNewPrivileges);
        w->Bytes(&t->Comm, 16);
        WriteCredentials(t->Cred, w);
        RestartImages.Save(&t->Restart, clock, w);
        TrapFrame* frame = (TrapFrame*)(t->KernelStackTop - (ulong)sizeof(TrapFrame));
        TrapFrame none = default;
        VectorState still;
        VectorRegisters.Initialize(&still);
        w->Bytes(ended ? &none : frame, (ulong)sizeof(TrapFrame));
        w->Bytes(ended ? &still : t->Held, (ulong)sizeof(VectorState));
        WriteSignals(t->Pid, false, &t->Pending, w);
        WriteGroups(t, w);
    }

    /// <summary>Words of a thread's record.</summary>
    internal const ulong ThreadWords = 31 + 2 + 14 + 5 + 22 + 64;

    private static void WriteCredentials(Credentials* c, ImageWriter* w)
    {
        w->Word(c->Uid);
        w->Word(c->Euid);
        w->Word(c->Suid);
        w->Word(c->Fsuid);
        w->Word(c->Gid);
        w->Word(c->Egid);
        w->Word(c->Sgid);
        w->Word(c->Fsgid);
        w->Word(c->Inheritable);
        w->Word(c->Permitted);
        w->Word(c->Effective);
        w->Word(c->Bounding);
        w->Word(c->Ambient);
        w->Word(c->SecureBits);
    }

    private static void WriteSignals(int target, bool process, PendingSignals* pending, ImageWriter* w)
    {
        ulong without = pending->Set; // a signal whose record could not be allocated
        for (SignalRecord* r = pending->First; r != null; r = r->Next)
        {
            without &= ~Signal.Bit(SigInfo.Number(&r->Info));
            WriteSignal(target, process, &r->Info, w);
        }
        for (int s = 1; s <= Signal.Max; s++)
        {
            if ((without & Signal.Bit(s)) == 0) continue;
            SigInfo info;
            SigInfo.Set(&info, s, SignalCode.User);
            WriteSignal(target, process, &info, w);
        }
    }

    private static void WriteSignal(int target, bool process, SigInfo* info, ImageWriter* w)
    {
        w->Begin(ImageRecord.Signal, 2 + (ulong)sizeof(SigInfo) / 8);
        w->Word((ulong)target);
        w->Word(process);
        w->Bytes(info, (ulong)sizeof(SigInfo));
    }
}
