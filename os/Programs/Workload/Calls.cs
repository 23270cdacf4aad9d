using CoSim.Guest;

namespace CoSim.Os.Programs.Workload;

/// <summary>
/// Makes the calls of one thread. What ended a wait before its timeout is played by a timerfd: it is ready when the recorded call returned.
/// </summary>
public unsafe partial struct Calls
{
    private const int MostDescriptors = 64, MostEvents = 16;
    private const ulong SignalSetBytes = 8, NanosecondsPerSecond = 1_000_000_000, NanosecondsPerMillisecond = 1_000_000, NanosecondsPerMicrosecond = 1000;
    private const int EventBytes = 12;
    private const ulong UserSignalSet = 1UL << 9; // SIGUSR1, which nobody sends

    /// <summary>Arguments of the next call: number, then six.</summary>
    private ulong* _block;

    private long* _time;
    private byte* _memory;
    private ulong* _poll;
    private ulong* _set;
    private int* _objects;
    private uint _objectCount;
    private int _waker, _idle, _wakerSet, _idleSet;
    private void* _clockGettime, _gettimeofday, _seconds, _clockGetres;

    /// <summary>Makes the descriptors that waits need.</summary>
    /// <returns>False when there is no memory or no descriptor.</returns>
    public bool Prepare(ulong vdso, uint objects)
    {
        _memory = Linux.Allocate(4096);
        _objects = (int*)Linux.Allocate((ulong)(objects + 1) * sizeof(int));
        if (_memory == null || _objects == null) return false;
        for (uint i = 0; i < objects; i++) _objects[i] = -1;
        _objectCount = objects;
        _block = (ulong*)_memory;
        _time = (long*)(_memory + 128);
        _set = (ulong*)(_memory + 256);
        _poll = (ulong*)(_memory + 1024);
        _clockGettime = VdsoFunction.Find(vdso, Linux.Text("__vdso_clock_gettime"u8));
        _gettimeofday = VdsoFunction.Find(vdso, Linux.Text("__vdso_gettimeofday"u8));
        _seconds = VdsoFunction.Find(vdso, Linux.Text("__vdso_time"u8));
        _clockGetres = VdsoFunction.Find(vdso, Linux.Text("__vdso_clock_getres"u8));
        _waker = (int)SystemCall.Invoke((uint)Number.TimerfdCreate, 1, Number.NonBlocking);
        _idle = (int)SystemCall.Invoke((uint)Number.Eventfd2, 0, Number.NonBlocking);
        _wakerSet = Watch(_waker);
        _idleSet = Watch(_idle);
        return _waker >= 0 && _idle >= 0 && _wakerSet >= 0 && _idleSet >= 0;
    }

    /// <summary>Timers of a workload send signals that nobody waits for: SIGALRM 14, SIGVTALRM 26, SIGPROF 27.</summary>
    public static void IgnoreTimerSignals()
    {
        Linux.IgnoreSignal(14);
        Linux.IgnoreSignal(26);
        Linux.IgnoreSignal(27);
    }

    /// <summary>Does, before the computation, what the call will need: starts the timer that ends it, finds an absolute time.</summary>
    public void Arm(Operation* row)
    {
        if (row->Woken != Operation.Never && row->Kind is >= OperationKind.Poll and <= OperationKind.EpollPwait2)
            SetWaker(row->Woken == 0 ? 1 : row->Gap + row->Woken);
        ulong timeout = row->Timeout;
        if ((row->Flags & OperationFlags.Absolute) != 0 && timeout != Operation.Never)
        {
            SystemCall.Invoke((uint)Number.ClockGettime, (ulong)row->Clock, (ulong)_time);
            timeout += (ulong)_time[0] * NanosecondsPerSecond + (ulong)_time[1] + row->Gap;
        }
        SetTimes(row, timeout);
    }

    /// <summary>Stops the timer that ended the call, keeps what it made.</summary>
    /// <returns>False when the call failed in a way that the recorded one did not.</returns>
    public bool Complete(Operation* row, long result)
    {
        if (row->Woken != Operation.Never && row->Kind is >= OperationKind.Poll and <= OperationKind.EpollPwait2)
            SetWaker(0);
        if (row->Kind is OperationKind.TimerfdCreate or OperationKind.TimerCreate && (uint)row->Object < _objectCount)
            _objects[row->Object] = result < 0 ? -1 : row->Kind == OperationKind.TimerfdCreate ? (int)result : *(int*)(_time + 8);
        return result >= 0 || result == Number.TryAgain || result == Number.TimedOut || result == Number.Interrupted;
    }

    /// <summary>The structures of the call: a timespec or timeval, or a timer's period and first expiry.</summary>
    private void SetTimes(Operation* row, ulong timeout)
    {
        bool micro = row->Kind is OperationKind.Select or OperationKind.Setitimer;
        bool timer = row->Kind is OperationKind.TimerfdSettime or OperationKind.TimerSettime or OperationKind.Setitimer;
        ulong unit = micro ? NanosecondsPerMicrosecond : 1;
        if (timer)
        {
            Split(_time, row->Interval, unit);
            Split(_time + 2, timeout == Operation.Never ? 0 : timeout, unit);
        }
        else if (timeout != Operation.Never)
        {
            Split(_time, timeout, unit);
        }
    }

    private static void Split(long* to, ulong nanoseconds, ulong unit)
    {
        to[0] = (long)(nanoseconds / NanosecondsPerSecond);
        to[1] = (long)(nanoseconds % NanosecondsPerSecond / unit);
    }

    /// <summary>Starts the timer that plays what the program waited for; 0 stops it and forgets that it was ready.</summary>
    private void SetWaker(ulong nanoseconds)
    {
        _time[0] = _time[1] = 0;
        Split(_time + 2, nanoseconds, 1);
        SystemCall.Invoke6((uint)Number.TimerfdSettime, (ulong)_waker, 0, (ulong)_time, 0, 0, 0);
    }

    /// <summary>A set of epoll(7) with one descriptor.</summary>
    private int Watch(int descriptor)
    {
        int set = (int)SystemCall.Invoke((uint)Number.EpollCreate1, 0);
        *(uint*)_time = (uint)Number.PollIn;
        *(ulong*)((byte*)_time + 4) = 0;
        long result = SystemCall.Invoke6((uint)Number.EpollCtl, (ulong)set, Number.EpollAdd, (ulong)descriptor, (ulong)_time, 0, 0);
        return result < 0 ? -1 : set;
    }
}
