using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

/// <summary>System calls, for user programs. The result is negative, -errno, on failure.</summary>
public static unsafe partial class SystemCall
{
    // The arguments are where the kernel wants them; the number comes fourth and moves to RAX. The call becomes SYSCALL itself.
    [RuntimeImport("user_syscall3"), MethodImpl(MethodImplOptions.InternalCall)] private static extern long Raw3(ulong a1, ulong a2, ulong a3, uint number);
    [RuntimeImport("user_syscall6"), MethodImpl(MethodImplOptions.InternalCall)] private static extern long Raw6(ulong a1, ulong a2, ulong a3, uint number, ulong a5, ulong a6, ulong a4);

    /// <summary>A call with up to three arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static long Invoke(uint number, ulong a1 = 0, ulong a2 = 0, ulong a3 = 0) => Raw3(a1, a2, a3, number);
    /// <summary>A call with up to six arguments.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static long Invoke6(uint number, ulong a1, ulong a2, ulong a3, ulong a4, ulong a5, ulong a6) => Raw6(a1, a2, a3, number, a5, a6, a4);
}
