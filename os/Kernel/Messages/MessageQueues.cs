namespace CoSim.Os;

/// <summary>The names of message queues, which are the files of a file system "mqueue", and what queues may take.</summary>
public static unsafe partial class MessageQueues
{
    private const uint Device = 17;
    private const ulong FileSize = 80;

    /// <summary>What a process with CAP_SYS_RESOURCE may ask for at most: HARD_MSGMAX, HARD_MSGSIZEMAX.</summary>
    private const long HardMessages = 65536, HardMessageSize = 16 << 20;

    /// <summary>What a queue needs besides the texts, as Linux counts it: a msg_msg for each message, a tree node for each priority.</summary>
    private const ulong MessageOverhead = 48, PriorityOverhead = 48, Priorities = 32768;

    private struct UserBytes
    {
        public UserBytes* Next;
        public uint Uid;
        public ulong Bytes;
    }

    private static FileOps s_ops;
    private static SpinLock s_lock;
    private static int s_queues;
    private static ulong s_users;

    /// <summary>The root directory.</summary>
    public static Dentry* Root;

    /// <summary>Makes the file system.</summary>
    public static void Initialize()
    {
        s_ops.Read = &Read;
        s_ops.Poll = &Poll;
        s_ops.Flush = &Flush;
        s_ops.Seekable = true;
        Root = RamFs.CreateRoot();
        Root->Inode->Mode = FileMode.Directory | 0x3FF; // rwxrwxrwt
        Root->Inode->Device = Device;
        MessageQueueLimits.Register();
    }

    /// <summary>The queue of a file; null for other files.</summary>
    public static MessageQueue* Of(File* file) => file->Ops == Text.Address(ref s_ops) ? (MessageQueue*)file->Inode->Private : null;

    /// <summary>Whether a directory is that of the queues.</summary>
    public static bool Holds(Dentry* directory) => directory == Root;

    /// <summary>Makes a queue. Its inode, or null with -EINVAL, -ENOSPC, -EMFILE, -ENOMEM.</summary>
    /// <param name="mode">Permissions.</param>
    /// <param name="messages">The most messages.</param>
    /// <param name="size">The most bytes of a message.</param>
    /// <param name="error">0 or -errno.</param>
    public static Inode* Create(uint mode, long messages, long size, out int error)
    {
        bool privileged = Permission.Capable(Cap.SysResource);
        error = -Errno.ENOSPC;
        if (s_queues >= MessageQueueLimits.Queues && !privileged) return null;
        error = -Errno.EINVAL;
        if (messages <= 0 || size <= 0) return null;
        if (messages > (privileged ? HardMessages : MessageQueueLimits.Messages) || size > (privileged ? HardMessageSize : MessageQueueLimits.MessageSize)) return null;
        ulong bytes = (ulong)messages * ((ulong)size + MessageOverhead) + Bits.Min((ulong)messages, Priorities) * PriorityOverhead;
        uint uid = Cpu.CurrentTask->Cred->Uid;
        error = -Errno.EMFILE;
        if (!Charge(uid, bytes)) return null;
        error = -Errno.ENOMEM;
        MessageQueue* q = Heap.New<MessageQueue>();
        Inode* inode = q == null ? null : Inode.Create(FileMode.Regular | mode, Text.Address(ref s_ops));
        if (inode == null)
        {
            Heap.Free(q);
            Uncharge(uid, bytes);
            return null;
        }
        q->MaxMessages = messages;
        q->MessageSize = size;
        q->Charged = bytes;
        q->Owner = uid;
        inode->Private = q;
        inode->Size = FileSize;
        inode->Device = Device;
        inode->Uid = Cpu.CurrentTask->Cred->Fsuid;
        inode->Gid = Cpu.CurrentTask->Cred->Fsgid;
        inode->Destroy = &Destroy;
        Atomic.FetchAdd32(Text.Address(ref s_queues), 1);
        error = 0;
        return inode;
    }

    private static void Destroy(Inode* inode)
    {
        MessageQueue* q = (MessageQueue*)inode->Private;
        MessageQueue.Clear(q);
        QueueNotification.Remove(q, null);
        Uncharge(q->Owner, q->Charged);
        Heap.Free(q);
        Atomic.FetchAdd32(Text.Address(ref s_queues), -1);
    }

    /// <summary>Counts a queue against another user. False when that is more than the caller's limit; then nothing changes.</summary>
    internal static bool ChargeTo(MessageQueue* q, uint uid)
    {
        if (q->Owner == uid) return true;
        if (!Charge(uid, q->Charged)) return false;
        Uncharge(q->Owner, q->Charged);
        q->Owner = uid;
        return true;
    }

    private static bool Charge(uint uid, ulong bytes)
    {
        s_lock.Acquire();
        UserBytes* u = (UserBytes*)s_users;
        while (u != null && u->Uid != uid) u = u->Next;
        if (u == null && (u = Heap.New<UserBytes>()) != null)
        {
            u->Uid = uid;
            u->Next = (UserBytes*)s_users;
            s_users = (ulong)u;
        }
        bool fits = u != null && u->Bytes + bytes <= Limits.Of(Cpu.CurrentTask->Group, Limits.MessageQueue)->Soft;
        if (fits) u->Bytes += bytes;
        s_lock.Release();
        return fits;
    }

    private static void Uncharge(uint uid, ulong bytes)
    {
        s_lock.Acquire();
        UserBytes* u = (UserBytes*)s_users;
        while (u->Uid != uid) u = u->Next;
        u->Bytes -= bytes;
        s_lock.Release();
    }

    /// <summary>The state of a queue, as text (mq_overview(7), "Mounting the message queue filesystem").</summary>
    private static long Read(File* file, ulong user, ulong count, ulong* position)
    {
        MessageQueue* q = Of(file);
        byte* line = stackalloc byte[(int)FileSize];
        TextBuffer text = new(line, (int)FileSize);
        q->Lock.Acquire();
        ThreadGroup* owner = q->Notification.Owner;
        bool signals = owner != null && q->Notification.Kind == QueueNotification.BySignal;
        text.Format("QSIZE:%-10llu NOTIFY:%-5d SIGNO:%-5d NOTIFY_PID:%-6d\n"u8,
            q->Bytes, owner == null ? 0 : (ulong)q->Notification.Kind, signals ? (ulong)q->Notification.Signal : 0, owner == null ? 0 : (ulong)owner->Id);
        q->Lock.Release();
        ulong length = (ulong)text.Length;
        if (*position >= length) return 0;
        count = Bits.Min(count, length - *position);
        if (UserMemory.CopyTo(user, line + *position, count) != 0) return -Errno.EFAULT;
        *position += count;
        return (long)count;
    }

    private static int Poll(File* file, PollTable* table)
    {
        MessageQueue* q = Of(file);
        PollTable.Join(table, &q->Pollers);
        return (q->Count != 0 ? PollEvents.In | PollEvents.RdNorm : 0) | (q->Count < q->MaxMessages ? PollEvents.Out | PollEvents.WrNorm : 0);
    }

    /// <summary>A process that closes any of its descriptors of a queue is not told of messages any more (mq_close(3)).</summary>
    private static void Flush(File* file)
    {
        MessageQueue* q = Of(file);
        q->Lock.Acquire();
        QueueNotification.Remove(q, Cpu.CurrentTask->Group);
        q->Lock.Release();
    }
}
