using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Single loads and stores that the compiler neither repeats, merges nor moves, and locked read-modify-write operations.</summary>
public static unsafe class Atomic
{
    private struct Volatile32 { public volatile int Value; }

    private struct Volatile64 { public volatile nuint Value; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Load32(int* p) => ((Volatile32*)p)->Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store32(int* p, int value) => ((Volatile32*)p)->Value = value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Load64(ulong* p) => ((Volatile64*)p)->Value;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store64(ulong* p, ulong value) => ((Volatile64*)p)->Value = (nuint)value;

    /// <summary>Adds; returns the value from before.</summary>
    public static int FetchAdd32(int* p, int value) => (int)Machine.ExchangeAdd32(p, (uint)value);

    /// <summary>Adds; returns the value from before.</summary>
    public static ulong FetchAdd64(ulong* p, ulong value) => Machine.ExchangeAdd64(p, value);

    /// <summary>Stores; returns the value from before.</summary>
    public static int Exchange32(int* p, int value) => (int)Machine.Exchange32(p, (uint)value);

    /// <summary>Sets bits.</summary>
    public static void Or32(int* p, int bits) => Machine.LockOr32(p, (uint)bits);

    /// <summary>Keeps bits.</summary>
    public static void And32(int* p, int bits) => Machine.LockAnd32(p, (uint)bits);

    /// <summary>Sets bits.</summary>
    public static void Or64(ulong* p, ulong bits) => Machine.LockOr64(p, bits);

    /// <summary>Keeps bits.</summary>
    public static void And64(ulong* p, ulong bits) => Machine.LockAnd64(p, bits);
}
