using System.Runtime;
using System.Runtime.CompilerServices;
using System.Threading;

namespace CoSim.Guest;

public static unsafe partial class Machine
{
    /// <summary>LOCK ADD.</summary>
    [RuntimeImport("x86_lock_add32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockAdd32(void* location, uint value);
    /// <summary>LOCK ADD.</summary>
    [RuntimeImport("x86_lock_add64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockAdd64(void* location, ulong value);
    /// <summary>LOCK OR.</summary>
    [RuntimeImport("x86_lock_or32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockOr32(void* location, uint value);
    /// <summary>LOCK OR.</summary>
    [RuntimeImport("x86_lock_or64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockOr64(void* location, ulong value);
    /// <summary>LOCK AND.</summary>
    [RuntimeImport("x86_lock_and32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockAnd32(void* location, uint value);
    /// <summary>LOCK AND.</summary>
    [RuntimeImport("x86_lock_and64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void LockAnd64(void* location, ulong value);
    /// <summary>XCHG; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint Exchange32(void* location, uint value) => Interlocked.Exchange(ref *(uint*)location, value);
    /// <summary>LOCK XADD; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint ExchangeAdd32(void* location, uint value) => Interlocked.ExchangeAdd(ref *(uint*)location, value);
    /// <summary>LOCK CMPXCHG; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint CompareExchange32(void* location, uint value, uint expected) => Interlocked.CompareExchange(ref *(uint*)location, value, expected);
    /// <summary>XCHG; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Exchange64(void* location, ulong value) => Interlocked.Exchange(ref *(ulong*)location, value);
    /// <summary>LOCK XADD; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong ExchangeAdd64(void* location, ulong value) => Interlocked.ExchangeAdd(ref *(ulong*)location, value);
    /// <summary>LOCK CMPXCHG; the old value.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong CompareExchange64(void* location, ulong value, ulong expected) => Interlocked.CompareExchange(ref *(ulong*)location, value, expected);
}
