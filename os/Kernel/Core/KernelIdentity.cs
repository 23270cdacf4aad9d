namespace CoSim.Os;

/// <summary>What uname(2) and /proc say of the kernel.</summary>
public static unsafe class KernelIdentity
{
    /// <summary>Follows os_semantics=: programs ask for the version to know what to expect.</summary>
    public static System.ReadOnlySpan<byte> Release => Time.Release;

    public static System.ReadOnlySpan<byte> Version => "#1 SMP PREEMPT_DYNAMIC CoSim 0.1.0"u8;

    [System.Runtime.CompilerServices.InlineArray(65)]
    private struct Name { private byte _first; }

    private static Name s_host;

    /// <summary>The host name, NUL-terminated, at most 64 bytes.</summary>
    public static byte* HostName
    {
        get
        {
            byte* p = (byte*)Text.Address(ref s_host);
            if (*p == 0) Text.Copy(p, "cosim"u8);
            return p;
        }
    }

    /// <summary>Sets the host name; at most 64 bytes.</summary>
    public static void SetHostName(byte* name, int length)
    {
        byte* p = HostName;
        Text.Copy(p, name, (ulong)length);
        p[length] = 0;
    }
}
