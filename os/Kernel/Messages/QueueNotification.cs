namespace CoSim.Os;

/// <summary>Who is to be told of a message in an empty queue (mq_notify(3)). A process at most; once.</summary>
public unsafe struct QueueNotification
{
    public const int BySignal = 0, ByNothing = 1, ByThread = 2;

    /// <summary>The process, with a reference; null when nobody asked.</summary>
    public ThreadGroup* Owner;
    public int Kind, Signal;
    public ulong Value;

    /// <summary>Asks for a process. 0, or -EBUSY while any process has asked. The queue's lock is held.</summary>
    public static int Set(MessageQueue* q, ThreadGroup* owner, int kind, int signal, ulong value)
    {
        QueueNotification* n = &q->Notification;
        if (n->Owner != null) return -Errno.EBUSY;
        Atomic.FetchAdd32(Text.Address(ref owner->Refs), 1);
        n->Owner = owner;
        n->Kind = kind;
        n->Signal = signal;
        n->Value = value;
        return 0;
    }

    /// <summary>Forgets what a process asked for; null: any. The queue's lock is held.</summary>
    public static void Remove(MessageQueue* q, ThreadGroup* owner)
    {
        ThreadGroup* g = q->Notification.Owner;
        if (g == null || owner != null && g != owner) return;
        q->Notification.Owner = null;
        PidFd.Put(g);
    }

    /// <summary>The first message is in the queue: what to send once the lock is free. The lock is held.</summary>
    public static QueueSignal Take(MessageQueue* q)
    {
        QueueSignal signal = default;
        QueueNotification* n = &q->Notification;
        if (n->Owner == null || q->Count != 1) return signal;
        signal.To = n->Owner;
        if (n->Kind == BySignal) signal.Number = n->Signal;
        signal.Value = n->Value;
        n->Owner = null;
        return signal;
    }
}

/// <summary>A notification on its way.</summary>
public unsafe struct QueueSignal
{
    /// <summary>The process, with a reference; null for none.</summary>
    public ThreadGroup* To;

    /// <summary>The signal; 0 for none.</summary>
    public int Number;
    public ulong Value;

    /// <summary>Sends it, as from the running process, and drops the reference.</summary>
    public static void Send(QueueSignal* s)
    {
        if (s->To == null) return;
        if (s->Number != 0 && !s->To->Reaped)
        {
            SigInfo info;
            SigInfo.Set(&info, s->Number, SignalCode.MessageQueue);
            SigInfo.SetSender(&info, Cpu.CurrentTask->Group->Id, Permission.ShowUid(Cpu.CurrentTask->Cred->Uid));
            ((ulong*)&info)[3] = s->Value;
            SignalDelivery.SendToGroup(s->To, &info);
        }
        PidFd.Put(s->To);
    }
}
