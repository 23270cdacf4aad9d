namespace CoSim.Traces.Recording;

/// <summary>Numbers of the x86-64 system calls that change namespaces (Linux, arch/x86/entry/syscalls/syscall_64.tbl).</summary>
internal static class LinuxCalls
{
    public const ulong Unshare = 272;
    public const ulong SetNamespace = 308;
    public const ulong Clone3 = 435;
}
