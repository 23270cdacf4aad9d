using System.Runtime;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;

namespace CoSim.Guest;

public static unsafe partial class Machine
{
    // The count is the fourth argument, so that it is in RCX already.
    [RuntimeImport("x86_rep_movsb"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RepMovsb(void* destination, void* source, int unused, nuint count);
    [RuntimeImport("x86_rep_movsq"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RepMovsq(void* destination, void* source, int unused, nuint count);
    [RuntimeImport("x86_rep_stosb"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RepStosb(void* destination, uint value, int unused, nuint count);
    [RuntimeImport("x86_rep_stosq"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void RepStosqZero(void* destination, int unused1, int unused2, nuint count);

    /// <summary>REP MOVSB: copies upwards; the blocks must not overlap with the destination above the source.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void RepMovsb(void* destination, void* source, nuint count) => RepMovsb(destination, source, 0, count);
    /// <summary>REP MOVSQ; the count is in words of 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void RepMovsq(void* destination, void* source, nuint count) => RepMovsq(destination, source, 0, count);
    /// <summary>REP STOSB.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void RepStosb(void* destination, byte value, nuint count) => RepStosb(destination, value, 0, count);
    /// <summary>REP STOSQ of zero; the count is in words of 8 bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void ZeroWords(void* destination, nuint count) => RepStosqZero(destination, 0, 0, count);

    /// <summary>LFENCE.</summary>
    [RuntimeImport("x86_lfence"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Lfence();
    /// <summary>SFENCE.</summary>
    [RuntimeImport("x86_sfence"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Sfence();
    /// <summary>MFENCE.</summary>
    [RuntimeImport("x86_mfence"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Mfence();
    /// <summary>CLFLUSH.</summary>
    [RuntimeImport("x86_clflush"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Clflush(void* address);
    /// <summary>FXSAVE64 to 512 bytes, 16-byte aligned.</summary>
    [RuntimeImport("x86_fxsave"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Fxsave(void* area);
    /// <summary>FXRSTOR64 from 512 bytes, 16-byte aligned.</summary>
    [RuntimeImport("x86_fxrstor"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Fxrstor(void* area);
    /// <summary>FNINIT.</summary>
    [RuntimeImport("x86_fninit"), MethodImpl(MethodImplOptions.InternalCall)] public static extern void Fninit();

    /// <summary>MUL: the full product.</summary>
    [RuntimeImport("x86_mul"), MethodImpl(MethodImplOptions.InternalCall)] public static extern RegisterPair Multiply(ulong a, ulong b);

    /// <summary>DIV of a 128-bit number: quotient, and the remainder in <paramref name="remainder"/>. The quotient must fit (else #DE).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Divide(ulong high, ulong low, ulong divisor, out ulong remainder)
    {
        (ulong quotient, ulong rest) = X86Base.X64.DivRem(low, high, divisor);
        remainder = rest;
        return quotient;
    }
}
