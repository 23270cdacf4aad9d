using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// One device that wakes all CPUs whose own timer stands in C2: comparator 0 of the HPET, or the 8254, on IRQ 0 (timekeeping reference,
/// sections 1 and 6, C3STOP). A CPU that goes to C2 leaves its next event here; the interrupt tells those whose time has come.
/// </summary>
internal static unsafe class Broadcast
{
    /// <summary>A CPU that has less time left stays in C1: what C2 needs to end, twice (its latency in the firmware's _CST is 400 us).</summary>
    private const long WorthwhileNsec = 800_000;

    private const uint HpetMaxTicks = 0x7FFFFFFF, HpetMinTicks = 192, PitMaxTicks = 0x7FFF, PitMinTicks = 0xF;

    private static SpinLock s_lock;
    private static long s_next = TimeUnits.KtimeMax;

    /// <summary>Local timers stop in C2: no ARAT.</summary>
    internal static bool IsNeeded => LapicTimer.Rating == 100 && LapicTimer.TicksPerJiffy != 0;

    /// <summary>The device is in one-shot mode; else nobody has switched yet.</summary>
    internal static bool OneShot { get; private set; }

    /// <summary>When the device interrupts, in monotonic time; KTIME_MAX for never.</summary>
    internal static long Next => s_next;

    /// <summary>CPUs in C2.</summary>
    internal static ulong Sleeping { get; private set; }

    /// <summary>CPUs that have been told and have not heard yet, and those that found their time over when they woke for another reason.</summary>
    private static ulong s_pending, s_forced;

    /// <summary>Times that the device was programmed for a time that had passed.</summary>
    internal static uint Retries { get; private set; }

    private static bool IsHpet => LapicCalibration.TickDeviceIsHpet;

    private static uint Hz => IsHpet ? Hpet.Frequency : Pit.Hz;

    /// <summary>The first CPU goes to one-shot mode, and the device with it.</summary>
    internal static void SwitchToOneShot()
    {
        if (OneShot) return;
        OneShot = true;
        if (IsNeeded && IsHpet) Hpet.StartOneShot();
    }

    /// <summary>The device has lost its state.</summary>
    internal static void Resume()
    {
        if (!OneShot || !IsNeeded) return;
        ulong flags = s_lock.AcquireIrqSave();
        if (IsHpet) Hpet.StartOneShot();
        if (s_next != TimeUnits.KtimeMax) Program(s_next);
        s_lock.ReleaseIrqRestore(flags);
    }

    /// <summary>Before C2, interrupts off. False when this CPU's next event is too near for that.</summary>
    internal static bool Enter(CpuTime* c)
    {
        long next = c->Timers.ExpiresNext;
        if (next != TimeUnits.KtimeMax && next - Timekeeper.Monotonic(Clocks.Tk) < WorthwhileNsec) return false;
        if (!IsNeeded) return true;
        if (!OneShot || !c->OneShot) return false;
        s_lock.Acquire();
        bool forced = (s_forced >> Cpu.Id & 1) != 0;
        if (!forced)
        {
            Sleeping |= 1UL << Cpu.Id;
            LapicTimer.Stop();
            if (next < s_next) Program(next);
        }
        s_lock.Release();
        return !forced;
    }

    /// <summary>After C2, interrupts still off: the CPU's own timer goes on.</summary>
    internal static void Exit(CpuTime* c)
    {
        ulong self = 1UL << Cpu.Id;
        s_lock.Acquire();
        bool slept = (Sleeping & self) != 0, told = (s_pending & self) != 0;
        Sleeping &= ~self;
        s_pending &= ~self;
        long next = c->Timers.ExpiresNext;
        bool over = slept && !told && next <= Timekeeper.Monotonic(Clocks.Tk);
        // The broadcast interrupt is on its way, and will find this CPU awake: it must serve it all the same.
        if (over && s_next <= next) s_forced |= self;
        s_lock.Release();
        if (!slept || told) return;
        if (!LapicTimer.Program(next) && (s_forced & self) == 0) LapicTimer.ProgramForced(next);
    }

    /// <summary>IRQ 0 in one-shot mode, on the boot CPU with interrupts off.</summary>
    internal static void Interrupt(TrapFrame* frame)
    {
        if (!OneShot || !IsNeeded) return;
        s_lock.Acquire();
        long now = Timekeeper.Monotonic(Clocks.Tk), next = TimeUnits.KtimeMax;
        ulong tell = s_forced;
        s_forced = 0;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if ((Sleeping >> i & 1) == 0) continue;
            long expires = CpuTime.Of(i)->Timers.ExpiresNext;
            if (expires > now)
            {
                if (expires < next) next = expires;
                continue;
            }
            tell |= 1UL << i;
            s_pending |= 1UL << i;
        }
        s_next = TimeUnits.KtimeMax;
        if (next != TimeUnits.KtimeMax) Program(next);
        s_lock.Release();
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if ((tell >> i & 1) != 0 && i != Cpu.Id) LocalApic.SendIpi(Cpu.At(i)->ApicId, Vectors.LocalTimer);
        }
        if ((tell >> Cpu.Id & 1) != 0) Tick.Interrupt(Cpu.Id, frame);
    }

    /// <summary>The lock is held. A time in the past, or too near, gives the shortest delay that the device can.</summary>
    private static void Program(long next)
    {
        s_next = next;
        uint least = IsHpet ? HpetMinTicks : PitMinTicks, most = IsHpet ? HpetMaxTicks : PitMaxTicks;
        long delta = next - Timekeeper.Monotonic(Clocks.Tk);
        if (delta <= 0) Retries++;
        long longest = (long)((ulong)most * (ulong)TimeUnits.NsecPerSec / Hz);
        if (delta > longest) delta = longest;
        ulong ticks = delta <= 0 ? 0 : ((ulong)delta * Hz + (ulong)TimeUnits.NsecPerSec - 1) / (ulong)TimeUnits.NsecPerSec;
        uint count = ticks < least ? least : (uint)Bits.Min(ticks, most);
        if (IsHpet) Hpet.SetNext(count, least);
        else Pit.SetNext((ushort)count);
    }
}
