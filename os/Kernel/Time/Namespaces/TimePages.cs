using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>The system's vvar page, and the vDSO image that the kernel carries.</summary>
internal static unsafe class TimePages
{
    private static ulong s_vvar;

    /// <summary>Physical address of the system's vvar page.</summary>
    internal static ulong VvarPhysical => s_vvar;

    /// <summary>Allocates the page; before the clocks start.</summary>
    internal static void Initialise()
    {
        s_vvar = PageAllocator.AllocateZeroed();
        if (s_vvar == 0) Log.Panic("no memory for the time page"u8);
    }

    /// <summary>The timekeeper's update hook.</summary>
    internal static void Update(Timekeeper* tk)
    {
        if (s_vvar != 0) VdsoUpdate.Publish((byte*)DirectMap.Pointer(s_vvar), &tk->State, Hrtimers.Resolution);
    }

    /// <summary>Publishes a new <see cref="Hrtimers.Resolution"/> at once: programs may ask before the next tick does.</summary>
    internal static void SetResolution(uint nanoseconds)
    {
        if (s_vvar != 0) VdsoData.HresCoarse((byte*)DirectMap.Pointer(s_vvar))->HrtimerRes = nanoseconds;
    }

    internal static void SetTimezone(int minutesWest, int dstTime) =>
        VdsoUpdate.SetTimezone((byte*)DirectMap.Pointer(s_vvar), minutesWest, dstTime);
}
