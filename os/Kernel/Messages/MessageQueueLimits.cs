namespace CoSim.Os;

/// <summary>/proc/sys/fs/mqueue (mq_overview(7)).</summary>
public static unsafe class MessageQueueLimits
{
    private const uint OwnerWritable = 0x1A4;

    /// <summary>The least and the most that can be written: MIN_MSGMAX, HARD_MSGMAX, MIN_MSGSIZEMAX, HARD_MSGSIZEMAX of Linux.</summary>
    private const int LeastMessages = 1, MostMessages = 65536, LeastSize = 128, MostSize = 16 << 20;

    private static int s_queues = 256, s_messages = 10, s_size = 8192, s_defaultMessages = 10, s_defaultSize = 8192;

    /// <summary>Queues of processes without CAP_SYS_RESOURCE.</summary>
    public static int Queues => s_queues;

    /// <summary>Messages of a queue that such a process makes.</summary>
    public static int Messages => s_messages;

    /// <summary>Bytes of a message there.</summary>
    public static int MessageSize => s_size;

    /// <summary>Messages of a queue whose maker does not say.</summary>
    public static int DefaultMessages => Bits.Min(s_messages, s_defaultMessages);

    /// <summary>Bytes of a message there.</summary>
    public static int DefaultMessageSize => Bits.Min(s_size, s_defaultSize);

    /// <summary>Registers the files.</summary>
    public static void Register()
    {
        ProcFs.AddFile("sys/fs/mqueue/queues_max"u8, OwnerWritable, &ShowQueues, &WriteQueues);
        ProcFs.AddFile("sys/fs/mqueue/msg_max"u8, OwnerWritable, &ShowMessages, &WriteMessages);
        ProcFs.AddFile("sys/fs/mqueue/msgsize_max"u8, OwnerWritable, &ShowSize, &WriteSize);
        ProcFs.AddFile("sys/fs/mqueue/msg_default"u8, OwnerWritable, &ShowDefaultMessages, &WriteDefaultMessages);
        ProcFs.AddFile("sys/fs/mqueue/msgsize_default"u8, OwnerWritable, &ShowDefaultSize, &WriteDefaultSize);
    }

    private static int Show(TextBuffer* text, int value)
    {
        text->Format("%d\n"u8, (ulong)value);
        return 0;
    }

    private static long Write(byte* text, ulong count, int least, int most, ref int value)
    {
        byte* at = text;
        if (!Text.ParseUnsigned(ref at, text + count, out ulong number) || at < text + count && *at != '\n' && *at != 0) return -Errno.EINVAL;
        if (number < (ulong)least || number > (ulong)most) return -Errno.EINVAL;
        value = (int)number;
        return (long)count;
    }

    private static int ShowQueues(TextBuffer* text, Task* task, void* context) => Show(text, s_queues);

    private static int ShowMessages(TextBuffer* text, Task* task, void* context) => Show(text, s_messages);

    private static int ShowSize(TextBuffer* text, Task* task, void* context) => Show(text, s_size);

    private static int ShowDefaultMessages(TextBuffer* text, Task* task, void* context) => Show(text, s_defaultMessages);

    private static int ShowDefaultSize(TextBuffer* text, Task* task, void* context) => Show(text, s_defaultSize);

    private static long WriteQueues(File* file, Task* task, byte* text, ulong count, long position) => Write(text, count, 0, int.MaxValue, ref s_queues);

    private static long WriteMessages(File* file, Task* task, byte* text, ulong count, long position) => Write(text, count, LeastMessages, MostMessages, ref s_messages);

    private static long WriteSize(File* file, Task* task, byte* text, ulong count, long position) => Write(text, count, LeastSize, MostSize, ref s_size);

    private static long WriteDefaultMessages(File* file, Task* task, byte* text, ulong count, long position) =>
        Write(text, count, LeastMessages, MostMessages, ref s_defaultMessages);

    private static long WriteDefaultSize(File* file, Task* task, byte* text, ulong count, long position) =>
        Write(text, count, LeastSize, MostSize, ref s_defaultSize);
}
