namespace CoSim.Os;

/// <summary>RAM seen through the direct map.</summary>
public static unsafe class DirectMap
{
    public static void* Pointer(ulong physical) => (void*)(KernelMap.DirectMapBase + physical);

    public static ulong Physical(void* pointer) => (ulong)pointer - KernelMap.DirectMapBase;
}
