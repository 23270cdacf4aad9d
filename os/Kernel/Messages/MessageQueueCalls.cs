namespace CoSim.Os;

/// <summary>mq_open, mq_unlink, mq_timedsend, mq_timedreceive, mq_notify and mq_getsetattr (mq_overview(7)). Errors are in Linux's order.</summary>
public static unsafe class MessageQueueCalls
{
    internal const uint PriorityLimit = 32768; // MQ_PRIO_MAX
    private const int AttributeWords = 8, SigeventBytes = 64, CookieBytes = 32;

    /// <summary>Fills the table.</summary>
    public static void Register()
    {
        SystemCalls.Set(Nr.MqOpen, &MessageQueueCalls.Open);
        SystemCalls.Set(Nr.MqUnlink, &MessageQueueCalls.Unlink);
        SystemCalls.Set(Nr.MqTimedsend, &MessageQueueCalls.TimedSend);
        SystemCalls.Set(Nr.MqTimedreceive, &MessageQueueCalls.TimedReceive);
        SystemCalls.Set(Nr.MqNotify, &MessageQueueCalls.Notify);
        SystemCalls.Set(Nr.MqGetsetattr, &MessageQueueCalls.GetSetAttributes);
    }

    /// <summary>mq_open(name, flags, mode, attributes).</summary>
    internal static long Open(TrapFrame* f)
    {
        int flags = (int)f->Rsi;
        long* attributes = stackalloc long[AttributeWords];
        attributes[1] = MessageQueueLimits.DefaultMessages;
        attributes[2] = MessageQueueLimits.DefaultMessageSize;
        if (f->R10 != 0 && UserMemory.CopyFrom(attributes, f->R10, AttributeWords * sizeof(long)) != 0) return -Errno.EFAULT;
        Vfs.Walk w;
        int r = Find(f->Rdi, &w, out byte* buffer);
        if (r != 0) return r;
        long result = OpenFound(&w, flags, (uint)f->Rdx & 0xFFF & ~Cpu.CurrentTask->Fs->Umask, attributes);
        Release(&w, buffer);
        return result;
    }

    private static long OpenFound(Vfs.Walk* w, int flags, uint mode, long* attributes)
    {
        if (w->Entry == null)
        {
            if ((flags & OpenFlags.Create) == 0) return -Errno.ENOENT;
            Inode* inode = MessageQueues.Create(mode, attributes[1], attributes[2], out int error);
            if (inode == null) return error;
            int r = Vfs.Add(MessageQueues.Root, w->Name, w->NameLength, inode, out w->Entry);
            if (r != 0) return r;
        }
        else
        {
            if ((flags & (OpenFlags.Create | OpenFlags.Exclusive)) == (OpenFlags.Create | OpenFlags.Exclusive)) return -Errno.EEXIST;
            int access = flags & OpenFlags.AccessMask;
            if (access == (OpenFlags.ReadWrite | OpenFlags.WriteOnly)) return -Errno.EINVAL;
            int want = access == OpenFlags.ReadOnly ? 4 : access == OpenFlags.WriteOnly ? 2 : 6;
            if (Permission.Inode(w->Entry->Inode, want, false) != 0) return -Errno.EACCES;
        }
        File* file = File.Open(w->Entry, flags & (OpenFlags.AccessMask | OpenFlags.NonBlock), out int problem);
        if (file == null) return problem;
        int fd = FileTable.Install(file, true, 0);
        if (fd < 0) File.Put(file);
        return fd;
    }

    /// <summary>mq_unlink(name). Only the queue's owner or the privileged may: the directory is sticky.</summary>
    internal static long Unlink(TrapFrame* f)
    {
        Vfs.Walk w;
        int r = Find(f->Rdi, &w, out byte* buffer);
        if (r != 0) return r;
        uint self = Cpu.CurrentTask->Cred->Fsuid;
        if (w.Entry == null) r = -Errno.ENOENT;
        else if (w.Entry->Inode->Uid != self && MessageQueues.Root->Inode->Uid != self && !Permission.Capable(Cap.Fowner)) r = -Errno.EPERM;
        else r = Vfs.Unlink(&w, false);
        Release(&w, buffer);
        return r;
    }

    /// <summary>Looks a name up: one component, which the C library has taken the leading '/' from.</summary>
    private static int Find(ulong user, Vfs.Walk* w, out byte* buffer)
    {
        *w = default;
        buffer = (byte*)Heap.Allocate(Vfs.PathMax);
        if (buffer == null) return -Errno.ENOMEM;
        int n = UserMemory.CopyString(buffer, user, Vfs.PathMax);
        int length = n < 0 ? 0 : Text.Length(buffer);
        bool plain = !Text.Equal(buffer, length, "."u8) && !Text.Equal(buffer, length, ".."u8);
        for (int i = 0; i < length; i++) plain &= buffer[i] != '/';
        int r = n < 0 ? n : length == 0 ? -Errno.ENOENT : !plain ? -Errno.EACCES : length > Vfs.NameMax ? -Errno.ENAMETOOLONG : 0;
        if (r != 0)
        {
            Heap.Free(buffer);
            return r;
        }
        Vfs.Lock.Acquire();
        w->Parent = MessageQueues.Root;
        w->Entry = Dentry.FindChild(w->Parent, buffer, length);
        Dentry.Get(w->Parent);
        if (w->Entry != null) Dentry.Get(w->Entry);
        Vfs.Lock.Release();
        w->Name = buffer;
        w->NameLength = length;
        return 0;
    }

    private static void Release(Vfs.Walk* w, byte* buffer)
    {
        w->Release();
        Heap.Free(buffer);
    }

    /// <summary>The queue of a descriptor whose file is kept; null when it is none.</summary>
    private static MessageQueue* Get(int fd, out File* file)
    {
        file = FileTable.Get(fd);
        MessageQueue* q = file == null ? null : MessageQueues.Of(file);
        if (q == null) File.Put(file);
        return q;
    }

    private static long Deadline(ulong user, out int error)
    {
        error = 0;
        return user == 0 ? TimeUnits.KtimeMax : Time.DeadlineFromUser(ClockId.Realtime, true, user, out error);
    }

    /// <summary>mq_timedsend(fd, text, length, priority, timeout of CLOCK_REALTIME).</summary>
    internal static long TimedSend(TrapFrame* f)
    {
        ulong length = f->Rdx;
        long deadline = Deadline(f->R8, out int error);
        if (error != 0) return error;
        if ((uint)f->R10 >= PriorityLimit) return -Errno.EINVAL;
        MessageQueue* q = Get((int)f->Rdi, out File* file);
        if (q == null) return -Errno.EBADF;
        int r = !file->CanWrite ? -Errno.EBADF : length > (ulong)q->MessageSize ? -Errno.EMSGSIZE : 0;
        if (r == 0)
        {
            QueuedMessage* m = MessageQueue.NewMessage(length, (uint)f->R10);
            if (m == null) r = -Errno.ENOMEM;
            else if (UserMemory.CopyFrom(QueuedMessage.Text(m), f->Rsi, length) != 0) r = -Errno.EFAULT;
            else r = MessageQueue.Send(q, m, (file->Flags & OpenFlags.NonBlock) == 0, deadline);
            if (r != 0) Heap.Free(m);
        }
        File.Put(file);
        return r;
    }

    /// <summary>mq_timedreceive(fd, text, length, &amp;priority, timeout of CLOCK_REALTIME): the message's length.</summary>
    internal static long TimedReceive(TrapFrame* f)
    {
        long deadline = Deadline(f->R8, out int error);
        if (error != 0) return error;
        MessageQueue* q = Get((int)f->Rdi, out File* file);
        if (q == null) return -Errno.EBADF;
        long r = !file->CanRead ? -Errno.EBADF : f->Rdx < (ulong)q->MessageSize ? -Errno.EMSGSIZE : 0;
        if (r == 0 && (r = MessageQueue.Receive(q, (file->Flags & OpenFlags.NonBlock) == 0, deadline, out QueuedMessage* m)) == 0)
        {
            bool faults = f->R10 != 0 && UserMemory.Write32(f->R10, m->Priority) != 0 || UserMemory.CopyTo(f->Rsi, QueuedMessage.Text(m), m->Length) != 0;
            r = faults ? -Errno.EFAULT : (long)m->Length;
            Heap.Free(m);
        }
        File.Put(file);
        return r;
    }

    /// <summary>mq_notify(fd, sigevent). Notification by a thread goes through a netlink socket, which does not exist here: ENOTSOCK.</summary>
    internal static long Notify(TrapFrame* f)
    {
        int* e = stackalloc int[SigeventBytes / sizeof(int)];
        int kind = QueueNotification.ByNothing, signal = 0;
        if (f->Rsi != 0)
        {
            if (UserMemory.CopyFrom(e, f->Rsi, SigeventBytes) != 0) return -Errno.EFAULT;
            (signal, kind) = (e[2], e[3]);
            if (kind is not (QueueNotification.BySignal or QueueNotification.ByNothing or QueueNotification.ByThread)) return -Errno.EINVAL;
            if (kind == QueueNotification.BySignal && (uint)signal > Signal.Max) return -Errno.EINVAL;
            if (kind == QueueNotification.ByThread) return NotifyThread(*(ulong*)e, signal);
        }
        MessageQueue* q = Get((int)f->Rdi, out File* file);
        if (q == null) return -Errno.EBADF;
        int r = 0;
        q->Lock.Acquire();
        if (f->Rsi == 0) QueueNotification.Remove(q, Cpu.CurrentTask->Group);
        else r = QueueNotification.Set(q, Cpu.CurrentTask->Group, kind, signal, *(ulong*)e);
        q->Lock.Release();
        File.Put(file);
        return r;
    }

    private static long NotifyThread(ulong cookie, int socket)
    {
        byte* text = stackalloc byte[CookieBytes];
        if (UserMemory.CopyFrom(text, cookie, CookieBytes) != 0) return -Errno.EFAULT;
        File* file = FileTable.Get(socket);
        File.Put(file);
        return file == null ? -Errno.EBADF : -Errno.ENOTSOCK;
    }

    /// <summary>mq_getsetattr(fd, new, old): O_NONBLOCK is all that can be changed.</summary>
    internal static long GetSetAttributes(TrapFrame* f)
    {
        long* words = stackalloc long[AttributeWords];
        if (f->Rsi != 0)
        {
            if (UserMemory.CopyFrom(words, f->Rsi, AttributeWords * sizeof(long)) != 0) return -Errno.EFAULT;
            if ((words[0] & ~OpenFlags.NonBlock) != 0) return -Errno.EINVAL;
        }
        MessageQueue* q = Get((int)f->Rdi, out File* file);
        if (q == null) return -Errno.EBADF;
        long flags = words[0];
        q->Lock.Acquire();
        words[0] = file->Flags & OpenFlags.NonBlock;
        words[1] = q->MaxMessages;
        words[2] = q->MessageSize;
        words[3] = q->Count;
        for (int i = 4; i < AttributeWords; i++) words[i] = 0;
        if (f->Rsi != 0) file->Flags = file->Flags & ~OpenFlags.NonBlock | (int)flags;
        q->Lock.Release();
        File.Put(file);
        return f->Rdx != 0 && UserMemory.CopyTo(f->Rdx, words, AttributeWords * sizeof(long)) != 0 ? -Errno.EFAULT : 0;
    }
}
