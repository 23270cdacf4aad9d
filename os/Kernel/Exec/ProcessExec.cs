using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Strings of a new program, collected before the old address space goes.</summary>
public unsafe struct ExecArguments
{
    public const ulong Capacity = 256 << 10;
    public byte* Strings;           // consecutive, NUL-terminated: arguments, then environment
    public ulong Bytes;
    public int Arguments, Environment;
}

/// <summary>execve.</summary>
public static unsafe class ProcessExec
{
    private const ulong HeadBytes = 1024;
    private const int MaxScripts = 4;

    /// <summary>execve(path, argv, envp) from user mode. Does not return to the old program on success.</summary>
    public static long Call(TrapFrame* f)
    {
        byte* path = (byte*)Heap.Allocate(Vfs.PathMax);
        if (path == null) return -Errno.ENOMEM;
        long r = UserMemory.CopyString(path, f->Rdi, Vfs.PathMax);
        ExecArguments a = default;
        if (r >= 0) r = Collect(&a, f->Rsi, f->Rdx);
        if (r >= 0) r = Execute(f, path, &a);
        Heap.Free(a.Strings);
        Heap.Free(path);
        return r;
    }

    private static long Collect(ExecArguments* a, ulong argv, ulong envp)
    {
        a->Strings = (byte*)Heap.Allocate(ExecArguments.Capacity);
        if (a->Strings == null) return -Errno.ENOMEM;
        long n = CollectArray(a, argv);
        if (n < 0) return n;
        a->Arguments = (int)n;
        n = CollectArray(a, envp);
        if (n < 0) return n;
        a->Environment = (int)n;
        if (a->Arguments == 0) return AddString(a, Text.Literal(""u8)) ? 0 : -Errno.E2BIG;
        return 0;
    }

    private static long CollectArray(ExecArguments* a, ulong array)
    {
        for (int n = 0; ; n++)
        {
            if (array == 0) return 0;
            int r = UserMemory.Read64(array + (ulong)n * 8, out ulong s);
            if (r != 0) return r;
            if (s == 0) return n;
            int room = (int)(ExecArguments.Capacity - a->Bytes);
            int length = room == 0 ? -Errno.ENAMETOOLONG : UserMemory.CopyString(a->Strings + a->Bytes, s, room);
            if (length < 0) return length == -Errno.ENAMETOOLONG ? -Errno.E2BIG : length;
            a->Bytes += (ulong)length + 1;
        }
    }

    /// <summary>Appends an argument; only before environment strings are there.</summary>
    public static bool AddString(ExecArguments* a, byte* s)
    {
        ulong n = (ulong)Text.Length(s) + 1;
        if (a->Bytes + n > ExecArguments.Capacity) return false;
        Text.Copy(a->Strings + a->Bytes, s, n);
        a->Bytes += n;
        a->Arguments++;
        return true;
    }

    /// <summary>Replaces the running program. 0 (the frame then starts the new one) or -errno.</summary>
    public static long Execute(TrapFrame* frame, byte* path, ExecArguments* a)
    {
        byte* head = (byte*)Heap.Allocate(HeadBytes);
        if (head == null) return -Errno.ENOMEM;
        Dentry* file = null;
        byte* name = path; // AT_EXECFN: the path as given
        long r = -Errno.ENOEXEC;
        for (int scripts = 0; scripts <= MaxScripts; scripts++)
        {
            Dentry.Put(file);
            r = OpenProgram(path, out file);
            if (r != 0) break;
            Text.Fill(head, 0, HeadBytes);
            ulong n = (ulong)PageCache.ReadKernel(file->Inode, head, HeadBytes, 0);
            if (n < 2 || head[0] != '#' || head[1] != '!')
            {
                r = Replace(frame, file, head, n, name, a);
                break;
            }
            r = scripts == MaxScripts ? -Errno.ELOOP : ApplyScript(head, path, a);
            if (r != 0) break;
        }
        Dentry.Put(file);
        Heap.Free(head);
        return r;
    }

    private static long OpenProgram(byte* path, out Dentry* file)
    {
        file = null;
        Vfs.Walk w;
        int r = Vfs.Resolve(Cpu.CurrentTask->Fs->Working, path, true, &w);
        if (r != 0) return r;
        if (w.Entry == null) r = -Errno.ENOENT;
        else if (w.Entry->Inode->Type != FileMode.Regular || (w.Entry->Inode->Mode & 0x49) == 0) r = -Errno.EACCES;
        else
        {
            file = w.Entry;
            Dentry.Get(file);
        }
        w.Release();
        return r;
    }

    /// <summary>"#!interpreter argument": becomes interpreter, argument, path, remaining arguments. The path buffer gets the interpreter.</summary>
    private static long ApplyScript(byte* head, byte* path, ExecArguments* a)
    {
        int i = 2, end = 2;
        while (end < 255 && head[end] != '\n' && head[end] != 0) end++;
        while (end > i && (head[end - 1] == ' ' || head[end - 1] == '\t')) end--;
        while (i < end && (head[i] == ' ' || head[i] == '\t')) i++;
        int start = i;
        while (i < end && head[i] != ' ' && head[i] != '\t') i++;
        int interpreterEnd = i;
        while (i < end && (head[i] == ' ' || head[i] == '\t')) i++;
        if (start == interpreterEnd) return -Errno.ENOEXEC;
        int interpreter = interpreterEnd - start, argument = end - i, script = Text.Length(path);
        int first = Text.Length(a->Strings) + 1;
        ulong added = (ulong)(interpreter + 1 + (argument > 0 ? argument + 1 : 0) + script + 1);
        if (a->Bytes - (ulong)first + added > ExecArguments.Capacity) return -Errno.E2BIG;
        Text.Move(a->Strings + added, a->Strings + first, a->Bytes - (ulong)first);
        byte* p = a->Strings;
        Text.Copy(p, head + start, (ulong)interpreter);
        p += interpreter;
        *p++ = 0;
        if (argument > 0)
        {
            Text.Copy(p, head + i, (ulong)argument);
            p += argument;
            *p++ = 0;
            a->Arguments++;
        }
        Text.Copy(p, path, (ulong)script + 1);
        a->Arguments++;
        a->Bytes = a->Bytes - (ulong)first + added;
        Text.Copy(path, head + start, (ulong)interpreter);
        path[interpreter] = 0;
        return 0;
    }

    private static long Replace(TrapFrame* frame, Dentry* file, byte* head, ulong headBytes, byte* name, ExecArguments* a)
    {
        Task* t = Cpu.CurrentTask;
        AddressSpace* mm = AddressSpace.Create();
        if (mm == null) return -Errno.ENOMEM;
        LoadedProgram p;
        int r = ProgramLoader.Load(mm, file, head, headBytes, &p);
        if (r == 0) r = MapStack(mm);
        if (r == 0 && !LeaveThreadsBehind(t)) r = -Errno.EAGAIN;
        if (r != 0)
        {
            AddressSpace.Put(mm);
            return r;
        }

        // No way back from here: errors end the process.
        AddressSpace.SetExecutable(mm, file);
        AddressSpace* old = t->Mm;
        ulong flags = Cpu.IrqSave();
        t->Mm = mm;
        AddressSpace.Switch(Cpu.Current, mm);
        Cpu.IrqRestore(flags);
        ProcessExit.CompleteVfork(t);
        AddressSpace.Put(old);
        AddressSpace.ReapDeferred();
        t->ClearChildTid = t->SetChildTid = t->RobustList = t->RseqArea = 0;
        t->AltStackSize = 0;
        t->Flags &= ~TaskFlags.ForkedNoExec;
        UnshareForExec(t);
        TaskList.SetName(t, name, Text.Length(name));
        Credentials.Exec(t);
        Time.ExecNamespaces(t);
        Time.GroupExec(t->Group);
        FileTable.CloseMarked(t->Files);
        if (Time.MapVdso(mm, out ulong vdso) == 0) mm->VdsoBase = vdso;
        bool ok = UserMemory.Clear(p.Clear0, p.Clear0Length) == 0 && UserMemory.Clear(p.Clear1, p.Clear1Length) == 0;
        ulong sp = ok ? InitialStack.Build(mm, name, a, &p) : 0;
        if (sp == 0)
        {
            ProcessExit.ExitGroup(Signal.SEGV);
        }
        *frame = default;
        frame->Rip = p.Entry;
        frame->Rsp = sp;
        frame->Cs = Selector.UserCode;
        frame->Ss = Selector.UserData;
        frame->Flags = 0x202;
        VectorRegisters.Initialize(&t->Vectors);
        VectorRegisters.Install(frame, t);
        flags = Cpu.IrqSave();
        t->FsBase = t->GsBase = 0;
        Cpu.Current->FsBase = Cpu.Current->GsBase = 0;
        Machine.Wrmsr(0xC000_0100, 0);
        Machine.Wrmsr(0xC000_0102, 0);
        Cpu.IrqRestore(flags);
        return 0;
    }

    private static int MapStack(AddressSpace* mm)
    {
        Vma v = default;
        v.Kind = VmaKind.Anonymous;
        v.Prot = MapFlags.ProtRead | MapFlags.ProtWrite;
        v.GrowsDown = true;
        v.End = KernelMap.UserEnd;
        v.Start = v.End - (34 << 12);
        return AddressSpace.Insert(mm, &v) == null ? -Errno.ENOMEM : 0;
    }

    /// <summary>Own descriptor table and handlers; caught signals return to their default.</summary>
    private static void UnshareForExec(Task* t)
    {
        if (t->Files->Refs > 1)
        {
            FileTable* own = FileTable.Copy(t->Files);
            if (own != null)
            {
                FileTable.Put(t->Files);
                t->Files = own;
            }
        }
        SignalHandlers* h = Heap.New<SignalHandlers>();
        if (h == null) return;
        h->Refs = 1;
        for (int s = 1; s <= Signal.Max; s++)
            if (SignalHandlers.Of(t->Handlers, s)->Handler == SignalAction.Ignore) SignalHandlers.Of(h, s)->Handler = SignalAction.Ignore;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        SignalHandlers* old = t->Handlers;
        t->Handlers = h;
        TaskList.Lock.ReleaseIrqRestore(flags);
        ProcessExit.PutHandlers(old);
    }

    /// <summary>Ends all other threads and makes the caller the leader. False if the process is ending anyway.</summary>
    private static bool LeaveThreadsBehind(Task* t)
    {
        ThreadGroup* g = t->Group;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        if (g->Exiting || g->GroupExitWaiter != null)
        {
            TaskList.Lock.ReleaseIrqRestore(flags);
            return false;
        }
        g->GroupExitWaiter = t;
        for (Task* o = t->NextInGroup; o != t; o = o->NextInGroup)
        {
            o->Killed = true;
            SignalDelivery.Kick(o, true);
        }
        while (g->Threads > 1)
        {
            t->State = TaskState.Uninterruptible;
            TaskList.Lock.ReleaseIrqRestore(flags);
            Scheduler.Schedule();
            flags = TaskList.Lock.AcquireIrqSave();
        }
        g->GroupExitWaiter = null;
        Task* leader = g->Leader;
        if (leader != t)
        {
            // The old leader is a zombie by now; the caller takes its place and its pid.
            t->NextInGroup = t;
            g->Leader = t;
            TaskList.RemoveLocked(leader);
            t->Pid = g->Id;
            SignalHandlers* h = leader->Handlers;
            leader->Handlers = null;
            ProcessExit.PutHandlers(h);
            TaskList.Put(leader);
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        return true;
    }
}
