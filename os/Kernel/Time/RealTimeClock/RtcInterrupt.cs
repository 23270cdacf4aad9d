using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>
/// Interrupt 8, of the clock itself: the end of an update, while somebody waits for a new second or for the alarm. Where the HPET stands in for
/// the 8254 it takes this interrupt's place too, and the clock is looked at by a timer instead.
/// </summary>
internal static unsafe class RtcInterrupt
{
    private const int IsaLine = 8;
    private const byte StatusB = 0x0B, StatusC = 0x0C, UpdateEnable = 0x10;

    private static bool s_requested, s_on;
    private static ulong s_handler;

    /// <summary>Takes the interrupt.</summary>
    /// <param name="updated">What happens at each update, interrupts off.</param>
    internal static void Request(delegate*<void> updated)
    {
        s_handler = (ulong)updated;
        s_requested = Irq.RequestIsa(IsaLine, &Came, null, "rtc0"u8);
    }

    /// <summary>Whether the clock's interrupts come.</summary>
    internal static bool Works => s_requested && !Hpet.HasLegacyInterrupts;

    /// <summary>Lets the clock interrupt at each update, or not.</summary>
    internal static void Enable(bool on)
    {
        s_on = on;
        if (on) Rtc.Get(StatusC); // reading clears what has happened
        Switch(on);
    }

    /// <summary>The machine falls asleep: no update is to wake it. Or it has woken up.</summary>
    internal static void Sleep(bool asleep)
    {
        if (s_on) Switch(!asleep);
    }

    private static void Switch(bool on)
    {
        byte control = Rtc.Get(StatusB);
        Rtc.Put(StatusB, (byte)(on ? control | UpdateEnable : control & ~UpdateEnable));
    }

    private static void Came(TrapFrame* frame, void* context)
    {
        if ((Rtc.Get(StatusC) & UpdateEnable) != 0) ((delegate*<void>)s_handler)();
    }
}
