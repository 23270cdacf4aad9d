namespace CoSim.Os;

/// <summary>A message of a POSIX message queue; its text follows.</summary>
public unsafe struct QueuedMessage
{
    public QueuedMessage* Next;
    public uint Priority;
    public ulong Length;

    /// <summary>The text's address.</summary>
    public static byte* Text(QueuedMessage* m) => (byte*)(m + 1);
}

/// <summary>A task that waits to send or to receive; on its kernel stack.</summary>
public unsafe struct QueueWaiter
{
    public QueueWaiter* Next;
    public Task* Task;

    /// <summary>What it sends, or what it has received.</summary>
    public QueuedMessage* Message;

    /// <summary>Not 0: another task has done it.</summary>
    public int Done;
}

/// <summary>
/// A POSIX message queue (mq_overview(7)). Messages leave by priority, then by age. A task that waits is served directly by the one that sends or receives,
/// so that it cannot be overtaken; of several the one with the highest priority is served, then the one that has waited longest.
/// </summary>
public unsafe partial struct MessageQueue
{
    public SpinLock Lock;
    public long MaxMessages, MessageSize, Count;

    /// <summary>Bytes of all messages.</summary>
    public ulong Bytes;

    /// <summary>What the queue counts against RLIMIT_MSGQUEUE, and whose.</summary>
    public ulong Charged;
    public uint Owner;
    public WaitQueue Pollers;
    public QueueNotification Notification;
    private QueuedMessage* _first;
    private QueueWaiter* _senders;
    private QueueWaiter* _receivers;

    /// <summary>A new message of that length without its text; null when memory is out.</summary>
    public static QueuedMessage* NewMessage(ulong length, uint priority)
    {
        QueuedMessage* m = (QueuedMessage*)Heap.Allocate((ulong)sizeof(QueuedMessage) + length);
        if (m == null) return null;
        m->Length = length;
        m->Priority = priority;
        return m;
    }

    /// <summary>Frees the messages.</summary>
    public static void Clear(MessageQueue* q)
    {
        while (q->_first != null)
        {
            QueuedMessage* m = q->_first;
            q->_first = m->Next;
            Heap.Free(m);
        }
        q->Count = 0;
    }

    /// <summary>Sends a message, which is the queue's afterwards.</summary>
    /// <param name="q">The queue.</param>
    /// <param name="m">The message.</param>
    /// <param name="mayWait">Whether to wait while the queue is full.</param>
    /// <param name="deadline">End of the wait, nanoseconds of CLOCK_REALTIME.</param>
    /// <returns>0, or -EAGAIN, -ETIMEDOUT, -ERESTARTSYS; then the message is the caller's.</returns>
    public static int Send(MessageQueue* q, QueuedMessage* m, bool mayWait, long deadline)
    {
        QueueSignal signal = default;
        q->Lock.Acquire();
        int r = 0;
        if (q->Count == q->MaxMessages) r = mayWait ? Wait(q, &q->_senders, &m, deadline) : -Errno.EAGAIN;
        else if (q->_receivers != null) Serve(&q->_receivers, m);
        else
        {
            Insert(q, m);
            signal = QueueNotification.Take(q);
        }
        q->Lock.Release();
        if (r == 0) WaitQueue.WakeAll(&q->Pollers);
        QueueSignal.Send(&signal);
        return r;
    }

    /// <summary>Takes the first message. 0, or -EAGAIN, -ETIMEDOUT, -ERESTARTSYS.</summary>
    public static int Receive(MessageQueue* q, bool mayWait, long deadline, out QueuedMessage* message)
    {
        QueuedMessage* m = null;
        q->Lock.Acquire();
        int r = 0;
        if (q->Count == 0) r = mayWait ? Wait(q, &q->_receivers, &m, deadline) : -Errno.EAGAIN;
        else
        {
            m = Remove(q);
            if (q->_senders != null) Insert(q, Serve(&q->_senders, null));
        }
        q->Lock.Release();
        if (r == 0) WaitQueue.WakeAll(&q->Pollers);
        message = m;
        return r;
    }

    /// <summary>Waits until another task takes (or brings) the message. The lock is held before and after.</summary>
    private static int Wait(MessageQueue* q, QueueWaiter** list, QueuedMessage** message, long deadline)
    {
        QueueWaiter self;
        self.Task = Cpu.CurrentTask;
        self.Message = *message;
        self.Done = 0;
        Enter(list, &self);
        int r;
        do
        {
            self.Task->State = TaskState.Interruptible;
            q->Lock.Release();
            bool expired = !SignalDelivery.Pending(self.Task) && Time.SleepUntil(ClockId.Realtime, deadline) != 0;
            q->Lock.Acquire();
            r = Atomic.Load32(&self.Done) != 0 ? 0 : SignalDelivery.Pending(self.Task) ? -Errno.ERESTARTSYS : expired ? -Errno.ETIMEDOUT : 1;
        }
        while (r > 0);
        self.Task->State = TaskState.Running;
        if (r != 0) Leave(list, &self);
        else *message = self.Message;
        return r;
    }

    private static void Enter(QueueWaiter** link, QueueWaiter* w)
    {
        while (*link != null && (*link)->Task->Sched.Nice <= w->Task->Sched.Nice) link = &(*link)->Next;
        w->Next = *link;
        *link = w;
    }

    private static void Leave(QueueWaiter** link, QueueWaiter* w)
    {
        while (*link != w) link = &(*link)->Next;
        *link = w->Next;
    }

    /// <summary>Ends the wait of the first of a list: gives it a message, or takes what it sends.</summary>
    private static QueuedMessage* Serve(QueueWaiter** list, QueuedMessage* given)
    {
        QueueWaiter* w = *list;
        *list = w->Next;
        QueuedMessage* taken = w->Message;
        w->Message = given;
        Task* task = w->Task;
        Atomic.Store32(&w->Done, 1); // from here on the waiter's stack may go away
        Scheduler.Wake(task);
        return taken;
    }

    private static void Insert(MessageQueue* q, QueuedMessage* m)
    {
        QueuedMessage** link = &q->_first;
        while (*link != null && (*link)->Priority >= m->Priority) link = &(*link)->Next;
        m->Next = *link;
        *link = m;
        q->Count++;
        q->Bytes += m->Length;
    }

    private static QueuedMessage* Remove(MessageQueue* q)
    {
        QueuedMessage* m = q->_first;
        q->_first = m->Next;
        q->Count--;
        q->Bytes -= m->Length;
        return m;
    }
}
