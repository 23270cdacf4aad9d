namespace CoSim.Os;

/// <summary>What restart_syscall goes on with, as five words: kind, and the block with its deadline in the processes' time.</summary>
internal static unsafe class RestartImages
{
    internal static void Save(RestartBlock* b, ImageClock* clock, ImageWriter* w)
    {
        ulong c = b->C, bb = b->B, d = b->D;
        ImageRestart kind = ImageRestart.None;
        if ((void*)b->Function == (void*)Timekeeping.SleepCalls.Resume)
        {
            kind = ImageRestart.Sleep;
            bb = (ulong)clock->ToProcesses(HrtimerBase.OfClock((int)b->A), (long)bb);
        }
        else if ((void*)b->Function == (void*)Futex.Resume)
        {
            kind = ImageRestart.Futex;
            d = (ulong)clock->ToProcesses(HrtimerBase.OfClock((int)(b->B >> 33)), (long)d);
        }
        else if ((void*)b->Function == (void*)SystemCalls.ResumePoll)
        {
            kind = ImageRestart.Poll;
            c = (ulong)clock->ToProcesses(HrtimerBase.Monotonic, (long)c);
        }
        w->Word((ulong)kind);
        w->Word(b->A);
        w->Word(bb);
        w->Word(c);
        w->Word(d);
    }

    internal static void Load(RestartBlock* b, ImageClock* clock, ImageReader* r)
    {
        ImageRestart kind = (ImageRestart)r->Word();
        b->A = r->Word();
        b->B = r->Word();
        b->C = r->Word();
        b->D = r->Word();
        switch (kind)
        {
            case ImageRestart.Sleep:
                b->Function = Timekeeping.SleepCalls.Resume;
                b->B = (ulong)clock->ToHost(HrtimerBase.OfClock((int)b->A), (long)b->B);
                break;
            case ImageRestart.Futex:
                b->Function = Futex.Resume;
                b->D = (ulong)clock->ToHost(HrtimerBase.OfClock((int)(b->B >> 33)), (long)b->D);
                break;
            case ImageRestart.Poll:
                b->Function = SystemCalls.ResumePoll;
                b->C = (ulong)clock->ToHost(HrtimerBase.Monotonic, (long)b->C);
                break;
            case ImageRestart.None:
                b->Function = null;
                break;
            default:
                r->Fail();
                break;
        }
    }
}
