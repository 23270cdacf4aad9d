namespace CoSim.Os;

/// <summary>Waiting for files: poll, select, epoll.</summary>
public static unsafe partial class SystemCalls
{
    private struct PollRequest
    {
        public int Fd;
        public short Events, Returned;
    }

    private static void RegisterPoll()
    {
        Set(Nr.Poll, &Poll);
        Set(Nr.Ppoll, &Ppoll);
        Set(Nr.Select, &Select);
        Set(Nr.Pselect6, &Pselect6);
        Set(Nr.EpollCreate, &EpollCreate);
        Set(Nr.EpollCreate1, &EpollCreate1);
        Set(Nr.EpollCtl, &Epoll.Control);
        Set(Nr.EpollWait, &EpollWait);
        Set(Nr.EpollPwait, &EpollPwait);
        Set(Nr.EpollPwait2, &EpollPwait2);
        Set(Nr.Eventfd, &Eventfd);
        Set(Nr.Eventfd2, &Eventfd2);
    }

    private static int PollOne(int fd, int events, PollTable* table)
    {
        File* file = FileTable.Get(fd);
        if (file == null) return PollEvents.Nval;
        int ready = file->Ops == null || file->Ops->Poll == null
            ? PollEvents.In | PollEvents.Out | PollEvents.RdNorm | PollEvents.WrNorm
            : file->Ops->Poll(file, table);
        File.Put(file);
        return ready & (events | PollEvents.Err | PollEvents.Hup);
    }

    /// <summary>Polls until something is ready, a signal comes or the deadline passes. Number ready or -EINTR.</summary>
    private static long PollAll(PollRequest* requests, int count, long deadline)
    {
        Task* self = Cpu.CurrentTask;
        PollTable table = default;
        table.Task = self;
        long r = 0;
        bool joined = false, expired = deadline == 0;
        for (; ; )
        {
            self->State = TaskState.Interruptible;
            r = 0;
            for (int i = 0; i < count; i++)
            {
                requests[i].Returned = requests[i].Fd < 0 ? (short)0 : (short)PollOne(requests[i].Fd, requests[i].Events, joined || expired || r > 0 ? null : &table);
                if (requests[i].Returned != 0) r++;
            }
            joined = r == 0;
            if (r != 0 || expired) break;
            if (SignalDelivery.Pending(self)) { r = -Errno.EINTR; break; }
            expired = Time.SleepUntil(ClockId.Monotonic, deadline) != 0;
        }
        self->State = TaskState.Running;
        PollTable.Leave(&table);
        return r;
    }

    private static long PollUser(ulong user, ulong count, long deadline)
    {
        if (count > Limits.Of(Cpu.CurrentTask->Group, Limits.OpenFiles)->Soft || count > FileTable.Max) return -Errno.EINVAL;
        PollRequest* requests = (PollRequest*)Heap.Allocate(count * 8 + 8);
        if (requests == null) return -Errno.ENOMEM;
        long r = UserMemory.CopyFrom(requests, user, count * 8);
        if (r == 0) r = PollAll(requests, (int)count, deadline);
        // The address is judged also where there is nothing to write.
        if (r >= 0 && (!UserMemory.MayAccess(user, count * 8) || UserMemory.CopyTo(user, requests, count * 8) != 0)) r = -Errno.EFAULT;
        Heap.Free(requests);
        return r;
    }

    private static long DeadlineOfMilliseconds(int ms) => ms < 0 ? long.MaxValue : ms == 0 ? 0 : Time.DeadlineFromMilliseconds(ms);

    private static long Poll(TrapFrame* f)
    {
        long deadline = DeadlineOfMilliseconds((int)f->Rdx);
        long r = PollUser(f->Rdi, (uint)f->Rsi, deadline);
        if (r != -Errno.EINTR) return r;
        RestartBlock* b = &Cpu.CurrentTask->Restart;
        b->Function = &RestartPoll;
        b->A = f->Rdi;
        b->B = (uint)f->Rsi;
        b->C = (ulong)deadline;
        return -Errno.ERESTART_RESTARTBLOCK;
    }

    /// <summary>What poll's restart block runs: C is the monotonic host deadline.</summary>
    internal static delegate*<RestartBlock*, long> ResumePoll => &RestartPoll;

    private static long RestartPoll(RestartBlock* b)
    {
        long r = PollUser(b->A, b->B, (long)b->C);
        return r == -Errno.EINTR ? -Errno.ERESTART_RESTARTBLOCK : r;
    }

    /// <summary>ppoll and the selects tell how much time was left, and begin anew after a stop, with that.</summary>
    private static long FinishWait(long result, ulong time, long deadline, bool microseconds)
    {
        if (time != 0)
        {
            long left = deadline == 0 ? 0 : deadline - Time.MonotonicNs();
            ulong ns = left < 0 ? 0 : (ulong)left;
            // An address that cannot be written is no error here: the time was only read.
            UserMemory.WritePair(time, ns / 1_000_000_000, ns % 1_000_000_000 / (microseconds ? 1000UL : 1));
        }
        return result == -Errno.EINTR ? -Errno.ERESTARTNOHAND : result;
    }

    /// <summary>The deadline of a relative timespec (0: none given); a zero time means: do not wait.</summary>
    private static long DeadlineOfTimespec(ulong user, out int error)
    {
        error = 0;
        if (user == 0) return long.MaxValue;
        long deadline = Time.DeadlineFromUser(ClockId.Monotonic, false, user, out error);
        if (error == 0 && UserMemory.Read64(user, out ulong s) == 0 && s == 0 && UserMemory.Read64(user + 8, out ulong ns) == 0 && ns == 0) return 0;
        return deadline;
    }

    /// <summary>Sets a temporary signal mask for the duration of a call. The return to user mode restores it after handlers ran.</summary>
    private static long UseMask(ulong set, ulong size)
    {
        if (set == 0) return 0;
        if (size != 8) return -Errno.EINVAL;
        int r = UserMemory.Read64(set, out ulong mask);
        if (r != 0) return r;
        Task* t = Cpu.CurrentTask;
        t->SavedMask = t->SignalMask;
        SignalDelivery.SetMask(mask);
        t->RestoreMask = true;
        return 0;
    }

    private static long FinishMask(long result)
    {
        Task* t = Cpu.CurrentTask;
        if (t->RestoreMask && result is not (-Errno.EINTR or -Errno.ERESTARTNOHAND))
        {
            t->RestoreMask = false;
            SignalDelivery.SetMask(t->SavedMask);
        }
        return result;
    }

    private static long Ppoll(TrapFrame* f)
    {
        long deadline = DeadlineOfTimespec(f->Rdx, out int error);
        if (error != 0) return error;
        long r = UseMask(f->R10, f->R8);
        return r != 0 ? r : FinishMask(FinishWait(PollUser(f->Rdi, (uint)f->Rsi, deadline), f->Rdx, deadline, false));
    }

    private static long Select(TrapFrame* f)
    {
        long deadline = long.MaxValue;
        if (f->R8 != 0)
        {
            if (UserMemory.Read64(f->R8, out ulong s) != 0 || UserMemory.Read64(f->R8 + 8, out ulong us) != 0) return -Errno.EFAULT;
            if ((long)s < 0 || (long)us < 0) return -Errno.EINVAL;
            s += us / 1_000_000;
            us %= 1_000_000;
            deadline = s == 0 && us == 0 ? 0 : s > 9_000_000_000 ? long.MaxValue : Time.MonotonicNs() + (long)(s * 1_000_000_000 + us * 1000);
            if (deadline < 0) deadline = long.MaxValue;
        }
        return FinishWait(SelectUser(f, deadline), f->R8, deadline, true);
    }

    private static long Pselect6(TrapFrame* f)
    {
        ulong set = 0, size = 0;
        if (f->R9 != 0 && (UserMemory.Read64(f->R9, out set) != 0 || UserMemory.Read64(f->R9 + 8, out size) != 0)) return -Errno.EFAULT;
        long deadline = DeadlineOfTimespec(f->R8, out int error);
        if (error != 0) return error;
        long r = UseMask(set, size);
        return r != 0 ? r : FinishMask(FinishWait(SelectUser(f, deadline), f->R8, deadline, false));
    }

    /// <summary>The three sets are turned into poll requests and back.</summary>
    private static long SelectUser(TrapFrame* f, long deadline)
    {
        const int InSet = PollEvents.RdNorm | PollEvents.In | PollEvents.Hup | PollEvents.Err, OutSet = PollEvents.WrNorm | PollEvents.Out | PollEvents.Err, ExSet = PollEvents.Pri;
        int n = (int)f->Rdi;
        if (n < 0) return -Errno.EINVAL;
        int described = FileTable.Described;
        if (n > described) n = described;
        ulong bytes = (ulong)(n + 63) / 64 * 8;
        byte* sets = (byte*)Heap.Allocate(bytes * 3 + 8);
        PollRequest* requests = (PollRequest*)Heap.Allocate((ulong)n * 8 + 8);
        long r = sets == null || requests == null ? -Errno.ENOMEM : 0;
        ulong* users = stackalloc ulong[3];
        users[0] = f->Rsi; users[1] = f->Rdx; users[2] = f->R10;
        for (int k = 0; k < 3 && r == 0; k++) if (users[k] != 0) r = UserMemory.CopyFrom(sets + bytes * (ulong)k, users[k], bytes);
        int count = 0;
        for (int fd = 0; fd < n && r == 0; fd++)
        {
            int events = (Bit(sets, fd) ? InSet : 0) | (Bit(sets + bytes, fd) ? OutSet : 0) | (Bit(sets + 2 * bytes, fd) ? ExSet : 0);
            if (events == 0) continue;
            requests[count].Fd = fd;
            requests[count++].Events = (short)events;
        }
        if (r == 0) r = PollAll(requests, count, deadline);
        if (r >= 0)
        {
            byte* old = (byte*)Heap.Allocate(bytes * 3 + 8);
            if (old == null) r = -Errno.ENOMEM;
            else
            {
                Text.Copy(old, sets, bytes * 3);
                Text.Fill(sets, 0, bytes * 3);
                r = 0;
                for (int i = 0; i < count && r >= 0; i++)
                {
                    int fd = requests[i].Fd, got = requests[i].Returned;
                    if ((got & PollEvents.Nval) != 0)
                    {
                        // What is open but cannot be asked (O_PATH) is ready for everything.
                        if (!FileTable.IsOpen(fd)) { r = -Errno.EBADF; break; }
                        got = InSet | OutSet | ExSet;
                    }
                    if ((got & InSet) != 0 && Bit(old, fd)) { SetBit(sets, fd); r++; }
                    if ((got & OutSet) != 0 && Bit(old + bytes, fd)) { SetBit(sets + bytes, fd); r++; }
                    if ((got & ExSet) != 0 && Bit(old + 2 * bytes, fd)) { SetBit(sets + 2 * bytes, fd); r++; }
                }
                Heap.Free(old);
                for (int k = 0; k < 3 && r >= 0; k++)
                    if (users[k] != 0 && UserMemory.CopyTo(users[k], sets + bytes * (ulong)k, bytes) != 0) r = -Errno.EFAULT;
            }
        }
        Heap.Free(sets);
        Heap.Free(requests);
        return r;
    }

    private static bool Bit(byte* set, int i) => (set[i >> 3] >> (i & 7) & 1) != 0;

    private static void SetBit(byte* set, int i) => set[i >> 3] |= (byte)(1 << (i & 7));

    private static long EpollCreate(TrapFrame* f) => (int)f->Rdi <= 0 ? -Errno.EINVAL : Epoll.Create(0);

    private static long EpollCreate1(TrapFrame* f) => Epoll.Create((int)f->Rdi);

    private static long EpollWait(TrapFrame* f) => Epoll.Wait((int)f->Rdi, f->Rsi, (int)f->Rdx, DeadlineOfMilliseconds((int)f->R10));

    private static long EpollPwait(TrapFrame* f)
    {
        long r = UseMask(f->R8, f->R9);
        return r != 0 ? r : FinishMask(Epoll.Wait((int)f->Rdi, f->Rsi, (int)f->Rdx, DeadlineOfMilliseconds((int)f->R10)));
    }

    private static long EpollPwait2(TrapFrame* f)
    {
        long deadline = DeadlineOfTimespec(f->R10, out int error);
        if (error != 0) return error;
        long r = UseMask(f->R8, f->R9);
        return r != 0 ? r : FinishMask(Epoll.Wait((int)f->Rdi, f->Rsi, (int)f->Rdx, deadline));
    }

    private static long Eventfd(TrapFrame* f) => EventFd.Create(f->Rdi, 0);

    private static long Eventfd2(TrapFrame* f) => EventFd.Create(f->Rdi, (int)f->Rsi);
}
