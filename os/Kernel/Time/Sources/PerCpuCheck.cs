namespace CoSim.Os.Timekeeping;

/// <summary>
/// Reads an unstable clock on other CPUs between two readings here, to tell in the log whether they are ahead or behind. At most
/// eight CPUs are asked; which ones is fixed here, where Linux draws them by lot, so that a run can be repeated.
/// </summary>
internal static unsafe class PerCpuCheck
{
    private const int MostCpus = 8;

    private static Clocksource* s_source;
    private static ulong s_there;

    private static void ReadThere(void* argument) => s_there = s_source->Read();

    /// <summary>In a kernel thread with interrupts on.</summary>
    internal static void Run(Clocksource* c)
    {
        ulong allowed = Cpu.CurrentTask->Sched.AllowedCpus;
        int self = Cpu.Id;
        Scheduler.SetAffinity(Cpu.CurrentTask, 1UL << self);
        ulong chosen = Choose(self);
        if (chosen == 0) Log.Print("clocksource: Not enough CPUs to check clocksource '%s'."u8, (ulong)c->Name);
        else Ask(c, self, chosen);
        Scheduler.SetAffinity(Cpu.CurrentTask, allowed);
    }

    private static ulong Choose(int self)
    {
        ulong chosen = 0;
        int count = 0;
        for (int i = 0; i < Cpu.Possible && count < MostCpus; i++)
        {
            if (i == self || !Cpu.At(i)->Online) continue;
            chosen |= 1UL << i;
            count++;
        }
        return chosen;
    }

    private static void Ask(Clocksource* c, int self, ulong chosen)
    {
        byte* list = stackalloc byte[CpuList.Capacity];
        CpuList.Format(chosen, list);
        Log.Print("clocksource: Checking clocksource %s synchronization from CPU %d to CPUs %s."u8, (ulong)c->Name, (ulong)self, (ulong)list);
        ulong ahead = 0, behind = 0;
        long longest = 0, shortest = long.MaxValue;
        s_source = c;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if ((chosen >> i & 1) == 0) continue;
            ulong before = c->Read();
            CrossCall.Run(i, &ReadThere, null);
            ulong after = c->Read();
            if ((long)((s_there - before) & c->Mask) < 0) behind |= 1UL << i;
            if ((long)((after - s_there) & c->Mask) < 0) ahead |= 1UL << i;
            long took = WatchdogCheck.Nsec(c, before, after);
            if (took > longest) longest = took;
            if (took < shortest) shortest = took;
        }
        if (ahead != 0)
        {
            CpuList.Format(ahead, list);
            Log.Print("clocksource:         CPUs %s ahead of CPU %d for clocksource %s."u8, (ulong)list, (ulong)self, (ulong)c->Name);
        }
        if (behind != 0)
        {
            CpuList.Format(behind, list);
            Log.Print("clocksource:         CPUs %s behind CPU %d for clocksource %s."u8, (ulong)list, (ulong)self, (ulong)c->Name);
        }
        if ((ahead | behind) != 0)
            Log.Print("clocksource:         CPU %d check durations %lldns - %lldns for clocksource %s."u8, (ulong)self, (ulong)shortest, (ulong)longest, (ulong)c->Name);
    }
}
