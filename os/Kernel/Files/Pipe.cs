namespace CoSim.Os;

/// <summary>A pipe of 64 KiB. Writes of up to 4096 bytes (PIPE_BUF) are not interleaved.</summary>
public unsafe partial struct Pipe
{
    public const ulong Capacity = 65536;
    private const int Order = 4;
    private const ulong AtomicBytes = 4096;

    private SpinLock _lock;
    private ulong _buffer;          // physical
    private ulong _head, _tail;     // written, read: counts
    private int _readers, _writers;
    private WaitQueue _readable, _writable;

    private static FileOps s_read, s_write;

    /// <summary>Fills the tables of operations of the two ends.</summary>
    public static void Initialize()
    {
        s_read.Read = &Read;
        s_read.Poll = &PollRead;
        s_read.Ioctl = &Ioctl;
        s_read.Release = &ReleaseReader;
        s_write.Write = &Write;
        s_write.Poll = &PollWrite;
        s_write.Release = &ReleaseWriter;
    }

    /// <summary>Makes the two ends, each with one reference. 0 or -errno.</summary>
    public static int Create(int flags, File** reader, File** writer)
    {
        Pipe* p = Heap.New<Pipe>();
        if (p == null) return -Errno.ENOMEM;
        p->_buffer = PageAllocator.Allocate(Order);
        if (p->_buffer == 0)
        {
            Heap.Free(p);
            return -Errno.ENOMEM;
        }
        *reader = AnonymousFile.CreateFile(Text.Address(ref s_read), p, flags & OpenFlags.NonBlock | OpenFlags.ReadOnly, "pipe:"u8, FileMode.Fifo | 0x180);
        *writer = AnonymousFile.CreateFile(Text.Address(ref s_write), p, flags & OpenFlags.NonBlock | OpenFlags.WriteOnly, "pipe:"u8, FileMode.Fifo | 0x180);
        if (*reader == null || *writer == null) return -Errno.ENFILE;
        p->_readers = p->_writers = 1;
        return 0;
    }

    private static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        Pipe* p = (Pipe*)f->Private;
        if (count == 0) return 0;
        WaitEntry entry = default;
        entry.Task = Cpu.CurrentTask;
        WaitQueue.Add(&p->_readable, &entry);
        long r;
        for (; ; )
        {
            Cpu.CurrentTask->State = TaskState.Interruptible;
            if (p->_head != p->_tail)
            {
                Cpu.CurrentTask->State = TaskState.Running;
                r = Take(p, user, count);
                break;
            }
            if (p->_writers == 0) { r = 0; break; }
            if ((f->Flags & OpenFlags.NonBlock) != 0) { r = -Errno.EAGAIN; break; }
            if (SignalDelivery.Pending(Cpu.CurrentTask)) { r = -Errno.ERESTARTSYS; break; }
            Scheduler.Schedule();
        }
        Cpu.CurrentTask->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        if (r > 0) WaitQueue.WakeAll(&p->_writable);
        return r;
    }

    /// <summary>Copies through a kernel buffer, because user memory must not be touched under the lock.</summary>
    private static long Take(Pipe* p, ulong user, ulong count)
    {
        byte* chunk = stackalloc byte[1024];
        byte* buffer = (byte*)DirectMap.Pointer(p->_buffer);
        ulong done = 0;
        while (done < count)
        {
            p->_lock.Acquire();
            ulong n = Bits.Min(Bits.Min(1024, count - done), p->_head - p->_tail);
            for (ulong i = 0; i < n;)
            {
                ulong at = (p->_tail + i) % Capacity, run = Bits.Min(n - i, Capacity - at);
                Text.Copy(chunk + i, buffer + at, run);
                i += run;
            }
            p->_tail += n;
            p->_lock.Release();
            if (n == 0) break;
            if (UserMemory.CopyTo(user + done, chunk, n) != 0) return -Errno.EFAULT;
            done += n;
        }
        return (long)done;
    }

    private static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        Pipe* p = (Pipe*)f->Private;
        WaitEntry entry = default;
        entry.Task = Cpu.CurrentTask;
        WaitQueue.Add(&p->_writable, &entry);
        ulong done = 0;
        long r = 0;
        while (done < count)
        {
            Cpu.CurrentTask->State = TaskState.Interruptible;
            if (p->_readers == 0)
            {
                Cpu.CurrentTask->State = TaskState.Running;
                SignalDelivery.SendToGroup(Cpu.CurrentTask->Group, Signal.PIPE);
                r = -Errno.EPIPE;
                break;
            }
            ulong need = count <= AtomicBytes ? count : 1;
            if (Capacity - (p->_head - p->_tail) >= need)
            {
                Cpu.CurrentTask->State = TaskState.Running;
                long n = Give(p, user + done, count - done, need);
                if (n < 0) { r = n; break; }
                done += (ulong)n;
                if (n > 0) WaitQueue.WakeAll(&p->_readable);
                continue;
            }
            if ((f->Flags & OpenFlags.NonBlock) != 0) { r = -Errno.EAGAIN; break; }
            if (SignalDelivery.Pending(Cpu.CurrentTask)) { r = -Errno.ERESTARTSYS; break; }
            Scheduler.Schedule();
        }
        Cpu.CurrentTask->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        return done > 0 ? (long)done : r;
    }

    private static long Give(Pipe* p, ulong user, ulong count, ulong atomic)
    {
        ulong size = Bits.Min(count, AtomicBytes);
        byte* chunk = (byte*)Heap.Allocate(size);
        if (chunk == null) return -Errno.ENOMEM;
        long r = UserMemory.CopyFrom(chunk, user, size);
        if (r == 0)
        {
            byte* buffer = (byte*)DirectMap.Pointer(p->_buffer);
            p->_lock.Acquire();
            ulong room = Capacity - (p->_head - p->_tail);
            ulong n = room < atomic ? 0 : Bits.Min(size, room);
            for (ulong i = 0; i < n;)
            {
                ulong at = (p->_head + i) % Capacity, run = Bits.Min(n - i, Capacity - at);
                Text.Copy(buffer + at, chunk + i, run);
                i += run;
            }
            p->_head += n;
            p->_lock.Release();
            r = (long)n;
        }
        Heap.Free(chunk);
        return r;
    }

    private static int PollRead(File* f, PollTable* table)
    {
        Pipe* p = (Pipe*)f->Private;
        PollTable.Join(table, &p->_readable);
        return (p->_head != p->_tail ? PollEvents.In | PollEvents.RdNorm : 0) | (p->_writers == 0 ? PollEvents.Hup : 0);
    }

    private static int PollWrite(File* f, PollTable* table)
    {
        Pipe* p = (Pipe*)f->Private;
        PollTable.Join(table, &p->_writable);
        return (Capacity - (p->_head - p->_tail) >= AtomicBytes ? PollEvents.Out | PollEvents.WrNorm : 0) | (p->_readers == 0 ? PollEvents.Err : 0);
    }

    private static long Ioctl(File* f, uint command, ulong argument)
    {
        const uint FionRead = 0x541B;
        Pipe* p = (Pipe*)f->Private;
        return command == FionRead ? UserMemory.Write32(argument, (uint)(p->_head - p->_tail)) : -Errno.ENOTTY;
    }

    private static void ReleaseReader(File* f)
    {
        Pipe* p = (Pipe*)f->Private;
        p->_lock.Acquire();
        p->_readers--;
        p->_lock.Release();
        Finish(p);
    }

    private static void ReleaseWriter(File* f)
    {
        Pipe* p = (Pipe*)f->Private;
        p->_lock.Acquire();
        p->_writers--;
        p->_lock.Release();
        Finish(p);
    }

    private static void Finish(Pipe* p)
    {
        if (p->_readers > 0 || p->_writers > 0)
        {
            WaitQueue.WakeAll(&p->_readable);
            WaitQueue.WakeAll(&p->_writable);
            return;
        }
        PageAllocator.Free(p->_buffer, Order);
        Heap.Free(p);
    }
}
