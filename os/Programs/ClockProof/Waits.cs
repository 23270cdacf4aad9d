namespace CoSim.Os.Programs.ClockProof;

/// <summary>The kinds of timers, and a process's rounds with one of them.</summary>
public static unsafe class Waits
{
    /// <summary>How late an end may be, in nanoseconds: what a busy machine and a restore take.</summary>
    public const long Tolerance = 50_000_000;

    /// <summary>Kinds of timers.</summary>
    public const int Count = 13;

    private const int Sleep = 0, SleepUntil = 1, SleepUntilBoot = 2, TimerFile = 3, TimerFileUntil = 4, TimerFilePeriodic = 5, Timer = 6, TimerUntilBoot = 7, TimerPeriodic = 8, Itimer = 9, Futex = 10,
        FutexUntil = 11, Poll = 12;
    private const long Second = 1_000_000_000;

    /// <summary>Each kind has its own length of a round, so that they do not expire together.</summary>
    private static long Period(int kind) => 19_000_000 + kind * 700_000;

    /// <summary>The kind's name.</summary>
    public static byte* Name(int kind) => kind switch
    {
        Sleep => Linux.Text("nanosleep"u8),
        SleepUntil => Linux.Text("clock_nanosleep-absolute"u8),
        SleepUntilBoot => Linux.Text("clock_nanosleep-absolute-boottime"u8),
        TimerFile => Linux.Text("timerfd"u8),
        TimerFileUntil => Linux.Text("timerfd-absolute"u8),
        TimerFilePeriodic => Linux.Text("timerfd-periodic"u8),
        Timer => Linux.Text("timer"u8),
        TimerUntilBoot => Linux.Text("timer-absolute-boottime"u8),
        TimerPeriodic => Linux.Text("timer-periodic"u8),
        Itimer => Linux.Text("itimer"u8),
        Futex => Linux.Text("futex"u8),
        FutexUntil => Linux.Text("futex-absolute"u8),
        _ => Linux.Text("poll"u8),
    };

    /// <summary>Waits round after round and tells what was wrong. Each process also writes a file, and reads it back at the end.</summary>
    public static Finding* Run(int kind, ulong rounds)
    {
        Finding* f = (Finding*)Linux.Allocate((ulong)sizeof(Finding));
        f->Kind = kind;
        RoundFile file = RoundFile.Create(kind);
        if (kind is TimerFilePeriodic or TimerPeriodic) Periodic(f, kind, rounds, &file);
        else Single(f, kind, rounds, &file);
        if (!file.IsWhole(f->Rounds)) f->Lost++;
        return f;
    }

    private static int ClockOf(int kind) => kind is SleepUntilBoot or TimerUntilBoot ? Calls.Boottime : Calls.Monotonic;

    private static void Single(Finding* f, int kind, ulong rounds, RoundFile* file)
    {
        int clock = ClockOf(kind);
        long period = Period(kind);
        if (kind == Poll) period -= period % 1_000_000;
        int handle = kind is TimerFile or TimerFileUntil ? Calls.TimerFile(clock) : kind is Timer or TimerUntilBoot ? Calls.CreateTimer(clock) : 0;
        uint* word = (uint*)Linux.Allocate(4096);
        int* nothing = (int*)Linux.Allocate(8);
        if (kind == Poll) Calls.Pipe(nothing);
        Calls.Block(Calls.AlarmSignal);
        Calls.Block(Calls.TimerSignal);
        long before = Linux.Clock(clock);
        for (ulong i = 0; i < rounds; i++)
        {
            long start = Linux.Clock(clock), due = start + period;
            if (start < before) f->Backwards++;
            bool ended = Wait(kind, clock, handle, word, nothing, period, due);
            long now = Linux.Clock(clock);
            if (now < start) f->Backwards++;
            before = now;
            if (ended) f->Count(due, now);
            else
            {
                f->Rounds++;
                f->Lost++;
            }
            file->Add(f->Rounds);
        }
    }

    /// <summary>Waits once. False when the timer did not come.</summary>
    private static bool Wait(int kind, int clock, int handle, uint* word, int* nothing, long period, long due)
    {
        switch (kind)
        {
            case Sleep: return Calls.Nanosleep(period) == 0;
            case SleepUntil or SleepUntilBoot: return Calls.ClockNanosleep(clock, Calls.Absolute, due) == 0;
            case TimerFile or TimerFileUntil:
                Calls.SetTimerFile(handle, kind == TimerFile ? 0 : Calls.Absolute, 0, kind == TimerFile ? period : due);
                return Linux.Read(handle, (byte*)word, 8) == 8 && *word == 1;
            case Timer or TimerUntilBoot:
                Calls.SetTimer(handle, kind == Timer ? 0 : Calls.Absolute, 0, kind == Timer ? period : due);
                return Calls.WaitFor(Calls.TimerSignal, Second * 100) == Calls.TimerSignal;
            case Itimer:
                Calls.Alarm(period);
                return Calls.WaitFor(Calls.AlarmSignal, Second * 100) == Calls.AlarmSignal;
            case Futex: return Calls.FutexWait(word, period) == TimedOut;
            case FutexUntil: return Calls.FutexWaitUntil(word, due) == TimedOut;
            default: return Calls.Poll(nothing[0], period / 1_000_000) == 0;
        }
    }

    private const long TimedOut = -110;

    /// <summary>A timer that goes on by itself: of its expiries none may be missing, and none too many.</summary>
    private static void Periodic(Finding* f, int kind, ulong rounds, RoundFile* file)
    {
        long period = Period(kind);
        bool isFile = kind == TimerFilePeriodic;
        int handle = isFile ? Calls.TimerFile(Calls.Monotonic) : Calls.CreateTimer(Calls.Monotonic);
        ulong* ticks = (ulong*)Linux.Allocate(8);
        Calls.Block(Calls.TimerSignal);
        long first = Linux.Clock(Calls.Monotonic) + period;
        if (isFile) Calls.SetTimerFile(handle, Calls.Absolute, period, first);
        else Calls.SetTimer(handle, Calls.Absolute, period, first);
        long before = 0;
        ulong seen = 0;
        while (seen < rounds)
        {
            if (isFile && Linux.Read(handle, (byte*)ticks, 8) != 8) break;
            if (!isFile)
            {
                if (Calls.WaitFor(Calls.TimerSignal, Second * 100) != Calls.TimerSignal) break;
                *ticks = 1 + (ulong)Calls.Overruns(handle);
            }
            long now = Linux.Clock(Calls.Monotonic);
            if (now < before) f->Backwards++;
            before = now;
            seen += *ticks;
            // The last of them was due by now and the next one is not yet.
            f->Count(first + ((long)seen - 1) * period, now);
            file->Add(f->Rounds);
        }
        if (seen < rounds) f->Lost += rounds - seen;
    }
}
