namespace CoSim.Os;

/// <summary>Signals to a thread, and those that bring their own siginfo: tkill, tgkill, rt_sigqueueinfo, rt_tgsigqueueinfo.</summary>
public static unsafe partial class SystemCalls
{
    private static long Tkill(TrapFrame* f)
    {
        if ((int)f->Rdi <= 0) return -Errno.EINVAL;
        SigInfo info;
        Describe(&info, (int)f->Rsi, SignalCode.Tkill);
        return SendThread(0, (int)f->Rdi, &info);
    }

    private static long Tgkill(TrapFrame* f)
    {
        if ((int)f->Rdi <= 0 || (int)f->Rsi <= 0) return -Errno.EINVAL;
        SigInfo info;
        Describe(&info, (int)f->Rdx, SignalCode.Tkill);
        return SendThread((int)f->Rdi, (int)f->Rsi, &info);
    }

    /// <summary>Sends to a thread; <paramref name="group"/> is its process, or 0. The thread is looked for before the signal's number is.</summary>
    private static long SendThread(int group, int pid, SigInfo* info)
    {
        Task* t = TaskList.Find(pid);
        if (t == null) return -Errno.ESRCH;
        int signal = SigInfo.Number(info);
        long r = 0;
        if (group != 0 && t->Group->Id != group) r = -Errno.ESRCH;
        else if (signal is < 0 or > Signal.Max) r = -Errno.EINVAL;
        else if (!Permission.Signal(t)) r = -Errno.EPERM;
        else if (signal != 0) SignalDelivery.SendToTask(t, info);
        TaskList.Put(t);
        return r;
    }

    /// <summary>Reads a siginfo for <paramref name="signal"/>: 48 bytes of it, and the rest only where its code is not known.</summary>
    /// <returns>0, -EFAULT, or -E2BIG for an unknown code with anything in the rest.</returns>
    private static int ReadSigInfo(ulong user, int signal, SigInfo* info)
    {
        const int Known = 48;
        *info = default;
        if (UserMemory.CopyFrom(info, user, Known) != 0) return -Errno.EFAULT;
        *(int*)info = signal;
        if (SigInfo.HasKnownLayout(info)) return 0;
        ulong* rest = stackalloc ulong[10];
        if (UserMemory.CopyFrom(rest, user + Known, 80) != 0) return -Errno.EFAULT;
        for (int i = 0; i < 10; i++)
        {
            if (rest[i] != 0) return -Errno.E2BIG;
        }
        return 0;
    }

    /// <summary>What looks as if the kernel or kill(2) had sent it is for oneself only.</summary>
    private static bool IsForged(SigInfo* info) => SigInfo.Code(info) is >= 0 or SignalCode.Tkill;

    /// <summary>rt_sigqueueinfo(pid, signal, siginfo).</summary>
    private static long SigQueueInfo(TrapFrame* f)
    {
        SigInfo info;
        int pid = (int)f->Rdi, signal = (int)f->Rsi;
        int error = ReadSigInfo(f->Rdx, signal, &info);
        if (error != 0) return error;
        if (IsForged(&info) && pid != Cpu.CurrentTask->Group->Id) return -Errno.EPERM;
        Task* t = TaskList.Find(pid);
        if (t == null) return -Errno.ESRCH;
        long r = 0;
        if (signal is < 0 or > Signal.Max) r = -Errno.EINVAL;
        else if (!Permission.Signal(t)) r = -Errno.EPERM;
        else if (signal != 0) SignalDelivery.SendToGroup(t->Group, &info);
        TaskList.Put(t);
        return r;
    }

    /// <summary>rt_tgsigqueueinfo(process, thread, signal, siginfo).</summary>
    private static long TgSigQueueInfo(TrapFrame* f)
    {
        SigInfo info;
        int group = (int)f->Rdi, pid = (int)f->Rsi;
        int error = ReadSigInfo(f->R10, (int)f->Rdx, &info);
        if (error != 0) return error;
        if (group <= 0 || pid <= 0) return -Errno.EINVAL;
        return IsForged(&info) && pid != Cpu.CurrentTask->Pid ? -Errno.EPERM : SendThread(group, pid, &info);
    }
}
