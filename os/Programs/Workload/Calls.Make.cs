using CoSim.Guest;

namespace CoSim.Os.Programs.Workload;

/// <content>The calls themselves.</content>
public unsafe partial struct Calls
{
    /// <summary>Makes a call between the markers of a span.</summary>
    /// <returns>What it returned, -errno on failure.</returns>
    public long Make(Operation* row, ulong span)
    {
        bool library = (row->Flags & OperationFlags.Library) != 0;
        ulong time = row->Timeout == Operation.Never ? 0 : (ulong)_time;
        ulong clock = (ulong)row->Clock;
        ulong absolute = (row->Flags & OperationFlags.Absolute) != 0 ? Number.AbsoluteTime : 0;
        switch (row->Kind)
        {
            case OperationKind.Wait:
                return Call(span, Number.Nanosleep, time, 0, 0, 0, 0, 0);
            case OperationKind.ClockGettime:
                return library && _clockGettime != null ? Marker.MeasureCall(span, _clockGettime, clock, _time) : Call(span, Number.ClockGettime, clock, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.Gettimeofday:
                return library && _gettimeofday != null ? Marker.MeasureCall(span, _gettimeofday, (ulong)_time, null) : Call(span, Number.Gettimeofday, (ulong)_time, 0, 0, 0, 0, 0);
            case OperationKind.Time:
                return library && _seconds != null ? Marker.MeasureCall(span, _seconds, (ulong)_time, null) : Call(span, Number.Time, (ulong)_time, 0, 0, 0, 0, 0);
            case OperationKind.ClockGetres:
                return library && _clockGetres != null ? Marker.MeasureCall(span, _clockGetres, clock, _time) : Call(span, Number.ClockGetres, clock, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.Nanosleep:
                return Call(span, Number.Nanosleep, (ulong)_time, 0, 0, 0, 0, 0);
            case OperationKind.ClockNanosleep:
                return Call(span, Number.ClockNanosleep, clock, absolute, (ulong)_time, 0, 0, 0);
            case OperationKind.FutexWait:
                return Call(span, Number.Futex, (ulong)_set, Number.FutexWaitPrivate, row->Woken == 0 ? 1UL : 0, time, 0, 0);
            case OperationKind.FutexWaitBitset:
                return Call(span, Number.Futex, (ulong)_set, Number.FutexWaitBitsetPrivate | (clock == 0 ? Number.FutexClockRealtime : 0), row->Woken == 0 ? 1UL : 0, time, 0, Number.AnyBit);
            case OperationKind.SignalTimedWait:
                *_set = UserSignalSet;
                return Call(span, Number.SigTimedWait, (ulong)_set, 0, time, SignalSetBytes, 0, 0);
            case OperationKind.Setitimer:
                return Call(span, Number.Setitimer, (ulong)row->Object, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.Getitimer:
                return Call(span, Number.Getitimer, (ulong)row->Object, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.Alarm:
                return Call(span, Number.Alarm, row->Timeout / NanosecondsPerSecond, 0, 0, 0, 0, 0);
            case OperationKind.End:
                return 0;
            default:
                return row->Kind >= OperationKind.TimerfdCreate ? MakeTimer(row, span, clock, absolute) : MakePoll(row, span, time);
        }
    }

    private long MakePoll(Operation* row, ulong span, ulong time)
    {
        bool woken = row->Woken != Operation.Never;
        ulong milliseconds = row->Timeout == Operation.Never ? ulong.MaxValue : (row->Timeout + NanosecondsPerMillisecond - 1) / NanosecondsPerMillisecond;
        int count = row->Object < 0 ? 0 : row->Object > MostDescriptors ? MostDescriptors : row->Object;
        if (woken && count == 0) count = 1;
        ulong set = (ulong)(woken ? _wakerSet : _idleSet);
        switch (row->Kind)
        {
            case OperationKind.Poll:
                SetPoll(count, woken);
                return Call(span, Number.Poll, (ulong)_poll, (ulong)count, milliseconds, 0, 0, 0);
            case OperationKind.Ppoll:
                SetPoll(count, woken);
                return Call(span, Number.Ppoll, (ulong)_poll, (ulong)count, time, 0, SignalSetBytes, 0);
            case OperationKind.Select:
                return Call(span, Number.Select, SetBits(count, woken), (ulong)_set, 0, 0, time, 0);
            case OperationKind.Pselect:
                return Call(span, Number.Pselect, SetBits(count, woken), (ulong)_set, 0, 0, time, 0);
            case OperationKind.EpollWait:
                return Call(span, Number.EpollWait, set, (ulong)_poll, MostEvents, milliseconds, 0, 0);
            case OperationKind.EpollPwait:
                return Call(span, Number.EpollPwait, set, (ulong)_poll, MostEvents, milliseconds, 0, SignalSetBytes);
            default:
                return Call(span, Number.EpollPwait2, set, (ulong)_poll, MostEvents, time, 0, SignalSetBytes);
        }
    }

    private long MakeTimer(Operation* row, ulong span, ulong clock, ulong absolute)
    {
        ulong id = (uint)row->Object < _objectCount ? (ulong)(long)_objects[row->Object] : ulong.MaxValue;
        switch (row->Kind)
        {
            case OperationKind.TimerfdCreate:
                return Call(span, Number.TimerfdCreate, clock, 0, 0, 0, 0, 0);
            case OperationKind.TimerfdSettime:
                return Call(span, Number.TimerfdSettime, id, absolute, (ulong)_time, 0, 0, 0);
            case OperationKind.TimerfdGettime:
                return Call(span, Number.TimerfdGettime, id, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.TimerfdRead:
                // A timer that another thread was to start would never expire.
                return CanBeRead(id) ? Call(span, Number.Read, id, (ulong)_time, sizeof(ulong), 0, 0, 0) : 0;
            case OperationKind.TimerfdClose:
                return Call(span, Number.Close, id, 0, 0, 0, 0, 0);
            case OperationKind.TimerCreate:
                return Call(span, Number.TimerCreate, clock, 0, (ulong)(_time + 8), 0, 0, 0);
            case OperationKind.TimerSettime:
                return Call(span, Number.TimerSettime, id, absolute, (ulong)_time, 0, 0, 0);
            case OperationKind.TimerGettime:
                return Call(span, Number.TimerGettime, id, (ulong)_time, 0, 0, 0, 0);
            case OperationKind.TimerGetoverrun:
                return Call(span, Number.TimerGetoverrun, id, 0, 0, 0, 0, 0);
            default:
                return Call(span, Number.TimerDelete, id, 0, 0, 0, 0, 0);
        }
    }

    /// <summary>Whether a timerfd has expired or will.</summary>
    private bool CanBeRead(ulong descriptor)
    {
        _poll[0] = (uint)descriptor | Number.PollIn << 32;
        if (SystemCall.Invoke((uint)Number.Poll, (ulong)_poll, 1, 0) > 0) return true;
        return SystemCall.Invoke((uint)Number.TimerfdGettime, descriptor, (ulong)_time) == 0 && (_time[2] | _time[3]) != 0;
    }

    /// <summary>struct pollfd: descriptor, events wanted. The first is what ends the call, the others never are ready.</summary>
    private void SetPoll(int count, bool woken)
    {
        for (int i = 0; i < count; i++) _poll[i] = (uint)(i == 0 && woken ? _waker : _idle) | Number.PollIn << 32;
    }

    /// <summary>A set of select(2); returns how many descriptors it spans.</summary>
    private ulong SetBits(int count, bool woken)
    {
        for (int i = 0; i < 16; i++) _set[i] = 0;
        if (count == 0) return 0;
        int descriptor = woken ? _waker : _idle;
        _set[descriptor >> 6] = 1UL << (descriptor & 63);
        return (ulong)descriptor + 1;
    }

    private long Call(ulong span, ulong number, ulong a, ulong b, ulong c, ulong d, ulong e, ulong f)
    {
        ulong* block = _block;
        block[0] = number;
        block[1] = a;
        block[2] = b;
        block[3] = c;
        block[4] = d;
        block[5] = e;
        block[6] = f;
        return Marker.MeasureSystemCall6(span, block);
    }
}
