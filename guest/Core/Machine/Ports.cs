using System.Runtime;
using System.Runtime.CompilerServices;

namespace CoSim.Guest;

public static unsafe partial class Machine
{
    // The port is the third argument, so that it is in DX already.
    [RuntimeImport("x86_in8"), MethodImpl(MethodImplOptions.InternalCall)] private static extern byte In8(int unused0, int unused1, ushort port);
    [RuntimeImport("x86_in16"), MethodImpl(MethodImplOptions.InternalCall)] private static extern ushort In16(int unused0, int unused1, ushort port);
    [RuntimeImport("x86_in32"), MethodImpl(MethodImplOptions.InternalCall)] private static extern uint In32(int unused0, int unused1, ushort port);
    [RuntimeImport("x86_out8"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Out8(int unused0, byte value, ushort port);
    [RuntimeImport("x86_out16"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Out16(int unused0, ushort value, ushort port);
    [RuntimeImport("x86_out32"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Out32(int unused0, uint value, ushort port);

    /// <summary>IN AL, DX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static byte In8(ushort port) => In8(0, 0, port);
    /// <summary>IN AX, DX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ushort In16(ushort port) => In16(0, 0, port);
    /// <summary>IN EAX, DX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint In32(ushort port) => In32(0, 0, port);
    /// <summary>OUT DX, AL.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Out8(ushort port, byte value) => Out8(0, value, port);
    /// <summary>OUT DX, AX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Out16(ushort port, ushort value) => Out16(0, value, port);
    /// <summary>OUT DX, EAX.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Out32(ushort port, uint value) => Out32(0, value, port);
}
