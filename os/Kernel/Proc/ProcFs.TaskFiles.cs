namespace CoSim.Os;

/// <summary>Files of /proc/PID.</summary>
public static unsafe partial class ProcFs
{
    private static void AddTaskFiles()
    {
        AddTaskFile("stat"u8, 0x124, &ShowTaskStat, null);
        AddTaskFile("statm"u8, 0x124, &ShowTaskStatm, null);
        AddTaskFile("status"u8, 0x124, &ShowTaskStatus, null);
        AddTaskFile("cmdline"u8, 0x124, &ShowTaskCommandLine, null);
        AddTaskFile("environ"u8, 0x100, &ShowTaskEnvironment, null);
        AddTaskFile("comm"u8, 0x1A4, &ShowTaskComm, null);
        AddTaskFile("maps"u8, 0x124, &ShowTaskMaps, null);
        AddTaskFile("auxv"u8, 0x100, &ShowTaskAuxv, null);
        AddTaskFile("mounts"u8, 0x124, &ShowMounts, null);
        AddTaskFile("limits"u8, 0x124, &ShowTaskLimits, null);
    }

    private static byte StateLetter(Task* t) => t->State switch
    {
        TaskState.Running => (byte)'R',
        TaskState.Interruptible => (byte)'S',
        TaskState.Uninterruptible => (byte)'D',
        TaskState.Stopped => (byte)'T',
        TaskState.Zombie => (byte)'Z',
        _ => (byte)'X',
    };

    private static int ParentPid(ThreadGroup* g) => g->Parent == null ? 0 : g->Parent->Id;

    private static int ShowTaskStat(TextBuffer* b, Task* t, void* context)
    {
        ThreadGroup* g = t->Group;
        ulong user = g->EndedUserNs + t->UserNs, system = g->EndedSystemNs + t->SystemNs;
        // The start is shown on the reader's boot-time clock (time_namespaces(7)).
        ulong start = (ulong)(t->StartBoottimeNs + Time.NamespaceBoottimeOffsetNs(Cpu.CurrentTask)) / NsPerTick;
        AddressSpace* mm = t->Mm;
        ulong size = mm == null ? 0 : (ulong)mm->MappedPages * 4096, resident = mm == null ? 0 : (ulong)mm->ResidentPages;
        b->Format("%d (%s) %c %d %d %d %d "u8, (ulong)t->Pid, (ulong)Text.Address(ref t->Comm), StateLetter(t), (ulong)ParentPid(g), (ulong)g->ProcessGroup, (ulong)g->Session, g->Terminal == null ? 0UL : 1089, 0);
        b->Format("-1 0 %llu 0 0 0 %llu %llu %llu %llu "u8, t->MinorFaults, user / NsPerTick, system / NsPerTick, g->ChildrenUserNs / NsPerTick, g->ChildrenSystemNs / NsPerTick);
        b->Format("%d %d %d 0 %llu %llu %llu %llu "u8, (ulong)(20 + t->Sched.Nice), (ulong)t->Sched.Nice, (ulong)g->Threads, start, size, resident, Limits.Infinity);
        b->Format("%llu %llu %llu 0 0 0 0 0 0 0 0 0 17 %d 0 "u8, mm == null ? 0 : mm->CodeStart, mm == null ? 0 : mm->CodeEnd, mm == null ? 0 : mm->StackStart, (ulong)t->Sched.Cpu);
        b->Format("0 0 0 0 %llu %llu %llu "u8, mm == null ? 0 : mm->DataStart, mm == null ? 0 : mm->DataEnd, mm == null ? 0 : mm->BrkStart);
        b->Format("%llu %llu %llu %llu %d\n"u8, mm == null ? 0 : mm->ArgStart, mm == null ? 0 : mm->ArgEnd, mm == null ? 0 : mm->EnvStart, mm == null ? 0 : mm->EnvEnd, (ulong)t->ExitCode);
        return 0;
    }

    private static int ShowTaskStatm(TextBuffer* b, Task* t, void* context)
    {
        AddressSpace* mm = t->Mm;
        if (mm == null) b->Put("0 0 0 0 0 0 0\n"u8);
        else b->Format("%llu %llu 0 %llu 0 %llu 0\n"u8, (ulong)mm->MappedPages, (ulong)mm->ResidentPages, (mm->CodeEnd - mm->CodeStart) / 4096, (mm->DataEnd - mm->DataStart) / 4096);
        return 0;
    }

    private static int ShowTaskStatus(TextBuffer* b, Task* t, void* context)
    {
        byte letter = StateLetter(t);
        System.ReadOnlySpan<byte> state = letter switch
        {
            (byte)'R' => "running"u8,
            (byte)'S' => "sleeping"u8,
            (byte)'D' => "disk sleep"u8,
            (byte)'T' => "stopped"u8,
            (byte)'Z' => "zombie"u8,
            _ => "dead"u8,
        };
        FsContext* fs = t->Fs;
        b->Format("Name:\t%s\nUmask:\t%04llu\nState:\t%c (%s)\nTgid:\t%d\nNgid:\t0\nPid:\t%d\nPPid:\t%d\nTracerPid:\t0\n"u8, (ulong)Text.Address(ref t->Comm),
            fs == null ? 0 : Octal(fs->Umask), letter, (ulong)Text.Literal(state), (ulong)t->Group->Id, (ulong)t->Pid, (ulong)ParentPid(t->Group), 0);
        Credentials* c = t->Cred;
        b->Format("Uid:\t%u\t%u\t%u\t%u\nGid:\t%u\t%u\t%u\t%u\n"u8, Permission.ShowUid(c->Uid), Permission.ShowUid(c->Euid), Permission.ShowUid(c->Suid), Permission.ShowUid(c->Fsuid),
            Permission.ShowGid(c->Gid), Permission.ShowGid(c->Egid), Permission.ShowGid(c->Sgid), Permission.ShowGid(c->Fsgid));
        AddressSpace* mm = t->Mm;
        if (mm != null)
            b->Format("VmPeak:\t%8llu kB\nVmSize:\t%8llu kB\nVmHWM:\t%8llu kB\nVmRSS:\t%8llu kB\n"u8, (ulong)mm->MappedPages * 4, (ulong)mm->MappedPages * 4, (ulong)mm->PeakResidentPages * 4, (ulong)mm->ResidentPages * 4);
        b->Format("Threads:\t%d\nSigPnd:\t%016llx\nShdPnd:\t%016llx\nSigBlk:\t%016llx\nSigIgn:\t%016llx\nSigCgt:\t%016llx\n"u8, (ulong)t->Group->Threads, t->Pending.Set, t->Group->Pending.Set, t->SignalMask, SignalSet(t, true), SignalSet(t, false));
        b->Format("CapInh:\t%016llx\nCapPrm:\t%016llx\nCapEff:\t%016llx\nCapBnd:\t%016llx\nCapAmb:\t%016llx\nNoNewPrivs:\t%d\n"u8, c->Inheritable, c->Permitted, c->Effective, c->Bounding, c->Ambient, t->NoNewPrivileges ? 1UL : 0);
        b->Format("Cpus_allowed:\t%llx\nvoluntary_ctxt_switches:\t%llu\nnonvoluntary_ctxt_switches:\t%llu\n"u8, t->Sched.AllowedCpus & ((1UL << Cpu.Possible) - 1), t->Sched.VoluntarySwitches, t->Sched.InvoluntarySwitches);
        return 0;
    }

    /// <summary>A number whose decimal digits are the octal digits of a value below 10000 octal.</summary>
    private static ulong Octal(uint v) => (v >> 9 & 7) * 1000 + (v >> 6 & 7) * 100 + (v >> 3 & 7) * 10 + (v & 7);

    private static ulong SignalSet(Task* t, bool ignored)
    {
        ulong set = 0;
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (int s = 1; t->Handlers != null && s <= Signal.Max; s++)
        {
            ulong h = SignalHandlers.Of(t->Handlers, s)->Handler;
            if (ignored ? h == SignalAction.Ignore : h > SignalAction.Ignore) set |= Signal.Bit(s);
        }
        TaskList.Lock.ReleaseIrqRestore(flags);
        return set;
    }

    private static int ShowTaskComm(TextBuffer* b, Task* t, void* context)
    {
        b->Format("%s\n"u8, (ulong)Text.Address(ref t->Comm));
        return 0;
    }

    private static int ShowTaskCommandLine(TextBuffer* b, Task* t, void* context) => CopyMemory(b, t, true);

    private static int ShowTaskEnvironment(TextBuffer* b, Task* t, void* context) => CopyMemory(b, t, false);

    /// <summary>Copies the argument or environment strings out of the process, page by page through the direct map.</summary>
    private static int CopyMemory(TextBuffer* b, Task* t, bool arguments)
    {
        AddressSpace* mm = t->Mm;
        if (mm == null) return 0;
        Atomic.FetchAdd32(Text.Address(ref mm->Refs), 1);
        ulong at = arguments ? mm->ArgStart : mm->EnvStart, end = arguments ? mm->ArgEnd : mm->EnvEnd;
        mm->Lock.Acquire();
        while (at < end)
        {
            ulong* e = PageTable.Entry(mm->Root, at, false);
            if (e == null || (*e & Pte.Present) == 0) break;
            ulong n = Bits.Min(end - at, 4096 - (at & 4095));
            b->Put((byte*)DirectMap.Pointer(*e & Pte.AddressMask) + (at & 4095), (int)n);
            at += n;
        }
        mm->Lock.Release();
        AddressSpace.Put(mm);
        return 0;
    }

    private static int ShowTaskMaps(TextBuffer* b, Task* t, void* context)
    {
        AddressSpace* mm = t->Mm;
        if (mm == null) return 0;
        Atomic.FetchAdd32(Text.Address(ref mm->Refs), 1);
        byte* path = (byte*)Heap.Allocate(Vfs.PathMax);
        mm->Lock.Acquire();
        for (Vma* v = mm->First; path != null && v != null; v = v->Next)
        {
            int start = b->Length;
            b->Format("%08llx-%08llx %c%c%c%c "u8, v->Start, v->End, (v->Prot & 1) != 0 ? 'r' : (ulong)'-', (v->Prot & 2) != 0 ? 'w' : (ulong)'-', (v->Prot & 4) != 0 ? 'x' : (ulong)'-', v->Shared ? 's' : (ulong)'p');
            bool file = v->Dentry != null;
            b->Format("%08llx %02x:%02x %llu"u8, file ? v->FileOffset : 0, 0, file ? v->Inode->Device : 0UL, file ? v->Inode->Number : 0);
            if (file || v->Name != null || v->GrowsDown)
            {
                b->Put((byte)' ');
                while (b->Length - start < 73 && b->Dropped == 0) b->Put((byte)' ');
                if (file)
                {
                    int n = Vfs.PathOf(v->Dentry, path, Vfs.PathMax);
                    if (n > 0) b->Put(path, n);
                }
                else if (v->Name != null) b->PutString(v->Name);
                else b->Put("[stack]"u8);
            }
            b->Put((byte)'\n');
        }
        mm->Lock.Release();
        Heap.Free(path);
        AddressSpace.Put(mm);
        return 0;
    }

    private static int ShowTaskAuxv(TextBuffer* b, Task* t, void* context)
    {
        if (t->Mm != null) b->Put((byte*)Text.Address(ref t->Mm->Aux), sizeof(AuxVector));
        return 0;
    }

    private static int ShowTaskLimits(TextBuffer* b, Task* t, void* context)
    {
        b->Put("Limit                     Soft Limit           Hard Limit           Units     \n"u8);
        PutLimit(b, t, "Max stack size"u8, Limits.Stack, "bytes"u8);
        PutLimit(b, t, "Max processes"u8, Limits.Processes, "processes"u8);
        PutLimit(b, t, "Max open files"u8, Limits.OpenFiles, "files"u8);
        return 0;
    }

    private static void PutLimit(TextBuffer* b, Task* t, System.ReadOnlySpan<byte> name, int which, System.ReadOnlySpan<byte> unit)
    {
        ResourceLimit* l = Limits.Of(t->Group, which);
        b->Format("%-25s "u8, (ulong)Text.Literal(name));
        if (l->Soft == Limits.Infinity) b->Format("%-20s "u8, (ulong)Text.Literal("unlimited"u8));
        else b->Format("%-20llu "u8, l->Soft);
        if (l->Hard == Limits.Infinity) b->Format("%-20s "u8, (ulong)Text.Literal("unlimited"u8));
        else b->Format("%-20llu "u8, l->Hard);
        b->Format("%-10s\n"u8, (ulong)Text.Literal(unit));
    }
}
