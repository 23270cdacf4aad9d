using System.Runtime;
using System.Runtime.CompilerServices;

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
    [RuntimeImport("x86_xchg32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint Exchange32(void* location, uint value);
    /// <summary>XCHG; the old value.</summary>
    [RuntimeImport("x86_xchg64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong Exchange64(void* location, ulong value);
    /// <summary>LOCK XADD; the old value.</summary>
    [RuntimeImport("x86_xadd32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint ExchangeAdd32(void* location, uint value);
    /// <summary>LOCK XADD; the old value.</summary>
    [RuntimeImport("x86_xadd64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong ExchangeAdd64(void* location, ulong value);
    /// <summary>LOCK CMPXCHG; the old value.</summary>
    [RuntimeImport("x86_cmpxchg32"), MethodImpl(MethodImplOptions.InternalCall)] public static extern uint CompareExchange32(void* location, uint value, uint expected);
    /// <summary>LOCK CMPXCHG; the old value.</summary>
    [RuntimeImport("x86_cmpxchg64"), MethodImpl(MethodImplOptions.InternalCall)] public static extern ulong CompareExchange64(void* location, ulong value, ulong expected);
}
