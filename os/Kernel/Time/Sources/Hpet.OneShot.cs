namespace CoSim.Os.Timekeeping;

/// <summary>Comparator 0 as one-shot device on IRQ 0.</summary>
internal static unsafe partial class Hpet
{
    /// <summary>Counts that must be left when the comparator has been written: less may have passed before the device saw it.</summary>
    private const int SafetyTicks = 128;

    /// <summary>Takes IRQ 0 and goes to one-shot mode. The comparator stands behind the counter, so that nothing is due for a whole wrap.</summary>
    internal static void StartOneShot()
    {
        uint timer = Mmio.Read32(s_base + Timer0Configuration) & ~(LevelTriggered | Periodic | SetValue);
        Mmio.Write32(s_base + Timer0Comparator, ReadCounter() - 1);
        Mmio.Write32(s_base + Timer0Configuration, timer | InterruptEnable | Mode32);
        Mmio.Write32(s_base + Configuration, Mmio.Read32(s_base + Configuration) | Enable | LegacyReplacement);
    }

    /// <summary>Interrupts in so many counts. The device compares for equality: a count that has passed would come a whole wrap later.</summary>
    /// <param name="ticks">From now.</param>
    /// <param name="least">The shortest delay; it is doubled until one is not missed.</param>
    internal static void SetNext(uint ticks, uint least)
    {
        while (true)
        {
            uint at = ReadCounter() + ticks;
            Mmio.Write32(s_base + Timer0Comparator, at);
            if ((int)(at - ReadCounter()) >= SafetyTicks) return;
            ticks = least;
            least *= 2;
        }
    }
}
