namespace CoSim.Os;

/// <summary>
/// Restartable sequences (rseq(2), include/uapi/linux/rseq.h): the number of a thread's processor in its memory, and sequences of
/// instructions that start again at their abort when the thread is preempted, moved or gets a signal inside them.
/// </summary>
public static unsafe class Rseq
{
    private const int FlagUnregister = 1;
    private const uint AreaBytes = 32, Uninitialised = uint.MaxValue;

    /// <summary>rseq(area, length, flags, signature).</summary>
    public static long Call(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        ulong area = f->Rdi;
        uint length = (uint)f->Rsi, signature = (uint)f->R10;
        int flags = (int)f->Rdx;
        bool leave = flags == FlagUnregister;
        if (flags != 0 && !leave || leave && t->RseqArea == 0) return -Errno.EINVAL;
        if (t->RseqArea != 0)
        {
            if (t->RseqArea != area || length != AreaBytes) return -Errno.EINVAL;
            if (t->RseqSignature != signature) return -Errno.EPERM;
            if (!leave) return -Errno.EBUSY;
            if (WriteCpu(area, 0, Uninitialised) != 0) return -Errno.EFAULT;
            t->RseqArea = 0;
            return 0;
        }
        if (area % AreaBytes != 0 || length != AreaBytes) return -Errno.EINVAL;
        if (!UserMemory.IsUser(area, AreaBytes)) return -Errno.EFAULT;
        t->RseqArea = area;
        t->RseqSignature = signature;
        Mark(t);
        return 0;
    }

    /// <summary>A thread that has an area must look at it before it enters user mode again. Any context.</summary>
    public static void Mark(Task* t)
    {
        if (t->RseqArea != 0) Atomic.Or32(&t->PendingWork, TaskWork.Rseq);
    }

    /// <summary>A new task: a process takes the area over with the memory, a thread registers its own.</summary>
    public static void Inherit(Task* child, Task* parent, bool sharesMemory)
    {
        if (sharesMemory) return;
        child->RseqArea = parent->RseqArea;
        child->RseqSignature = parent->RseqSignature;
    }

    /// <summary>On the way to user mode, interrupts on: leaves a sequence by its abort and writes the processor's number.</summary>
    public static void Resume(TrapFrame* frame)
    {
        Task* t = Cpu.CurrentTask;
        Atomic.And32(&t->PendingWork, ~TaskWork.Rseq);
        if (t->RseqArea == 0 || (t->Flags & TaskFlags.Exiting) != 0) return;
        if (Abort(frame, t) && WriteCpu(t->RseqArea, Cpu.Current->Id, Cpu.Current->Id) == 0) return;
        t->RseqArea = 0;
        SignalDelivery.Fault(frame, Signal.SEGV, SignalCode.Kernel, 0, 0);
    }

    /// <summary>struct rseq: cpu_id_start, cpu_id.</summary>
    private static int WriteCpu(ulong area, uint start, uint cpu)
    {
        int r = UserMemory.Write32(area, start);
        return r != 0 ? r : UserMemory.Write32(area + 4, cpu);
    }

    /// <summary>False when the area or the sequence's description is not what rseq(2) asks for.</summary>
    private static bool Abort(TrapFrame* frame, Task* t)
    {
        if (UserMemory.Read64(t->RseqArea + 8, out ulong address) != 0) return false;
        if (address == 0) return true;
        ulong* s = stackalloc ulong[4]; // struct rseq_cs: version and flags, start_ip, post_commit_offset, abort_ip
        if (!UserMemory.IsUser(address, 32) || UserMemory.CopyFrom(s, address, 32) != 0) return false;
        ulong start = s[1], length = s[2], abort = s[3];
        if (start >= KernelMap.UserEnd || start + length >= KernelMap.UserEnd || start + length < start || abort >= KernelMap.UserEnd) return false;
        if ((uint)s[0] != 0 || s[0] >> 32 != 0 || abort - start < length) return false;
        if (UserMemory.Read32(abort - 4, out uint signature) != 0 || signature != t->RseqSignature) return false;
        if (UserMemory.Write64(t->RseqArea + 8, 0) != 0) return false;
        if (frame->Rip - start < length) frame->Rip = abort;
        return true;
    }
}
