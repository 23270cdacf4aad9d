namespace CoSim.Os;

/// <summary>RAM seen through the direct map.</summary>
public static unsafe class DirectMap
{
    /// <summary>The kernel's pointer to a physical address of RAM.</summary>
    public static void* Pointer(ulong physical) => (void*)(KernelMap.DirectMapBase + physical);

    /// <summary>The physical address behind such a pointer.</summary>
    public static ulong Physical(void* pointer) => (ulong)pointer - KernelMap.DirectMapBase;
}
