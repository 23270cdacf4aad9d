using System.Runtime.InteropServices;

namespace CoSim.Tests.HostOracle;

/// <summary>Memory at fixed low addresses of this process (Linux on x86-64).</summary>
internal static unsafe partial class HostMemory
{
    private const int ProtRead = 1;
    private const int ProtWrite = 2;
    private const int ProtExec = 4;
    private const int MapPrivate = 0x02;
    private const int MapAnonymous = 0x20;
    private const int MapFixedNoReplace = 0x10_0000;

    /// <summary>Maps zeroed pages at exactly the given address.</summary>
    /// <param name="address">Linear address, a multiple of 4096.</param>
    /// <param name="size">Size in bytes.</param>
    /// <param name="executable">Whether instructions may be fetched from the pages.</param>
    /// <returns>False when something already lives there or the kernel refuses.</returns>
    public static bool TryMap(ulong address, int size, bool executable)
    {
        int protection = ProtRead | ProtWrite | (executable ? ProtExec : 0);
        void* mapped = Map((void*)address, (nuint)size, protection, MapPrivate | MapAnonymous | MapFixedNoReplace, -1, 0);
        return mapped == (void*)address;
    }

    /// <summary>Takes the right to write pages away.</summary>
    /// <param name="address">Linear address, a multiple of 4096.</param>
    /// <param name="size">Size in bytes.</param>
    /// <returns>False when the kernel refuses.</returns>
    public static bool TryMakeReadOnly(ulong address, int size) => Protect((void*)address, (nuint)size, ProtRead) == 0;

    [LibraryImport("libc", EntryPoint = "mprotect")]
    private static partial int Protect(void* address, nuint length, int protection);

    [LibraryImport("libc", EntryPoint = "mmap")]
    private static partial void* Map(void* address, nuint length, int protection, int flags, int descriptor, nint offset);
}
