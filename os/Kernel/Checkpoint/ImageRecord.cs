namespace CoSim.Os;

/// <summary>Kinds of records in an image of processes; docs/migration.md has the fields of each. In the order in which they are written.</summary>
public enum ImageRecord : uint
{
    /// <summary>First: version, clocks as the processes see them, the root process.</summary>
    Header = 1,

    /// <summary>A regular file, or the memory that a shared anonymous mapping stands for.</summary>
    Inode = 2,

    /// <summary>4096 bytes of an inode.</summary>
    Content = 3,

    /// <summary>A pipe with what is in it.</summary>
    Pipe = 4,

    /// <summary>An open file description.</summary>
    File = 5,

    /// <summary>A member of an epoll set.</summary>
    Watch = 6,

    /// <summary>A table of descriptors.</summary>
    Descriptors = 7,

    /// <summary>An address space.</summary>
    Memory = 8,

    /// <summary>A mapping of an address space.</summary>
    Mapping = 9,

    /// <summary>4096 bytes of an address space's own memory.</summary>
    Page = 10,

    /// <summary>Working directory and umask.</summary>
    Place = 11,

    /// <summary>Signal handlers.</summary>
    Handlers = 12,

    /// <summary>A process.</summary>
    Process = 13,

    /// <summary>A thread.</summary>
    Thread = 14,

    /// <summary>A signal that waits.</summary>
    Signal = 15,

    /// <summary>A timer of timer_create.</summary>
    PosixTimer = 16,

    /// <summary>The interval timers of a process.</summary>
    Itimers = 17,

    /// <summary>Last: the number of records before it.</summary>
    End = 18,

    /// <summary>A user namespace below the one that the machine began with.</summary>
    UserNamespace = 19,

    /// <summary>A time namespace; number 0 is that of the first process.</summary>
    TimeNamespace = 20,

    /// <summary>The namespaces of a thread: its own and that of its children.</summary>
    Proxy = 21,

    /// <summary>Supplementary groups of a thread.</summary>
    Groups = 22,

    /// <summary>A POSIX message queue that somebody has open.</summary>
    Queue = 23,

    /// <summary>A message of a queue, after those that leave before it.</summary>
    Message = 24,

    /// <summary>Part of the text of the message before.</summary>
    MessageText = 25,

    /// <summary>The root directory of a place, where it is not the machine's.</summary>
    Root = 26,
}

/// <summary>Numbers of the image format.</summary>
public static class ImageFormat
{
    /// <summary>"COSIMPRC", the first word of the header.</summary>
    public const ulong Magic = 0x4352_504D_4953_4F43;

    /// <summary>Changes whenever a reader of the version before would misunderstand.</summary>
    public const ulong Version = 2;

    /// <summary>Bytes before the body of a record: kind and length of the body, each 32 bits.</summary>
    public const ulong RecordHead = 8;

    /// <summary>No object: an id that no table gives out.</summary>
    public const ulong None = ulong.MaxValue;
}
