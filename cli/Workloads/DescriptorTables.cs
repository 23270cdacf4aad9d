namespace CoSim.Cli.Workloads;

/// <summary>Which of a recorded program's descriptors and ids are timers. Threads share the tables of their process, children get copies (clone(2)).</summary>
internal sealed class DescriptorTables
{
    private readonly Dictionary<ulong, Timers> _byThread = [];
    private int _made;

    /// <summary>The timers of a thread.</summary>
    public Timers Of(ulong thread)
    {
        if (!_byThread.TryGetValue(thread, out Timers? timers))
            _byThread.Add(thread, timers = new Timers());
        return timers;
    }

    /// <summary>A thread or process begins.</summary>
    public void Inherit(ulong thread, ulong parent, bool shares)
    {
        Timers of = Of(parent);
        _byThread[thread] = shares ? of : new Timers(of);
    }

    /// <summary>A number for a timer that no other has.</summary>
    public int Next() => _made++;

    /// <summary>A timer: its number, and its clock.</summary>
    internal readonly record struct Timer(int Number, int Clock);

    /// <summary>The timers of a process.</summary>
    internal sealed class Timers
    {
        /// <summary>An empty table.</summary>
        public Timers()
        {
        }

        /// <summary>What a child process has: the descriptors, but not the timers by id.</summary>
        public Timers(Timers parent) => Descriptors = new Dictionary<long, Timer>(parent.Descriptors);

        /// <summary>timerfds by descriptor.</summary>
        public Dictionary<long, Timer> Descriptors { get; } = [];

        /// <summary>POSIX timers by id.</summary>
        public Dictionary<long, Timer> Ids { get; } = [];
    }
}
