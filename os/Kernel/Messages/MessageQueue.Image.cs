namespace CoSim.Os;

/// <summary>Message queues in images: what they may hold, who is to be told, and the messages in the order in which they leave.</summary>
public unsafe partial struct MessageQueue
{
    /// <summary>Bytes of a message in one record.</summary>
    private const ulong LongestText = 4096;

    internal static void Save(Inode* inode, Dentry* name, ulong id, ImageObjects* o, ImageWriter* w)
    {
        MessageQueue* q = (MessageQueue*)inode->Private;
        int length = name->Unlinked ? 0 : name->NameLength;
        // A process that does not come along is not told any more.
        QueueNotification* n = &q->Notification;
        bool told = n->Owner != null && o->Groups.Find(n->Owner) >= 0;
        w->Begin(ImageRecord.Queue, 12 + ((ulong)length + 7) / 8);
        w->Word(id);
        w->Word(inode->Mode);
        w->Word(inode->Uid);
        w->Word(inode->Gid);
        w->Word(q->Owner);
        w->Word((ulong)q->MaxMessages);
        w->Word((ulong)q->MessageSize);
        w->Word(told ? (ulong)n->Owner->Id : 0);
        w->Word((ulong)n->Kind);
        w->Word((ulong)n->Signal);
        w->Word(n->Value);
        w->Word((ulong)length);
        w->Bytes(name->Name, (ulong)length);
        for (QueuedMessage* m = q->_first; m != null; m = m->Next) SaveMessage(m, id, w);
    }

    private static void SaveMessage(QueuedMessage* m, ulong id, ImageWriter* w)
    {
        w->Begin(ImageRecord.Message, 3);
        w->Word(id);
        w->Word(m->Priority);
        w->Word(m->Length);
        for (ulong at = 0; at < m->Length; at += LongestText)
        {
            ulong count = Bits.Min(LongestText, m->Length - at);
            w->Begin(ImageRecord.MessageText, 3 + (count + 7) / 8);
            w->Word(id);
            w->Word(at);
            w->Word(count);
            w->Bytes(QueuedMessage.Text(m) + at, count);
        }
    }

    /// <summary>Adds a message, whose text follows; null when it does not fit or memory is out.</summary>
    internal static QueuedMessage* LoadMessage(MessageQueue* q, ImageReader* r)
    {
        ulong priority = r->Word(), length = r->Word();
        if (r->Bad || priority >= MessageQueueCalls.PriorityLimit || length > (ulong)q->MessageSize || q->Count >= q->MaxMessages) return null;
        QueuedMessage* m = NewMessage(length, (uint)priority);
        if (m != null) Insert(q, m);
        return m;
    }

    /// <summary>Fills in a part of a message. 0 or -EINVAL.</summary>
    internal static int LoadText(QueuedMessage* m, ImageReader* r)
    {
        ulong at = r->Word(), count = r->Word();
        if (r->Bad || count > LongestText || at > m->Length || count > m->Length - at) return -Errno.EINVAL;
        byte* bytes = r->Bytes(count);
        if (bytes == null) return -Errno.EINVAL;
        Text.Copy(QueuedMessage.Text(m) + at, bytes, count);
        return 0;
    }
}
