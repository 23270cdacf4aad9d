using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace System.Threading
{
    /// <summary>
    /// Atomic read-modify-write: the JIT puts the locked instruction in place of the call (the bodies, which call
    /// themselves, are never compiled). CompareExchange, Exchange and ExchangeAdd give the old value; Add, Increment and Decrement the new one.
    /// </summary>
    public static class Interlocked
    {
        [Intrinsic] public static int CompareExchange(ref int location, int value, int comparand) => CompareExchange(ref location, value, comparand);
        [Intrinsic] public static int Exchange(ref int location, int value) => Exchange(ref location, value);
        [Intrinsic] public static int ExchangeAdd(ref int location, int value) => ExchangeAdd(ref location, value);
        [Intrinsic] public static int And(ref int location, int value) => And(ref location, value);
        [Intrinsic] public static int Or(ref int location, int value) => Or(ref location, value);
        [Intrinsic] public static long CompareExchange(ref long location, long value, long comparand) => CompareExchange(ref location, value, comparand);
        [Intrinsic] public static long Exchange(ref long location, long value) => Exchange(ref location, value);
        [Intrinsic] public static long ExchangeAdd(ref long location, long value) => ExchangeAdd(ref location, value);
        [Intrinsic] public static long And(ref long location, long value) => And(ref location, value);
        [Intrinsic] public static long Or(ref long location, long value) => Or(ref location, value);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint CompareExchange(ref uint location, uint value, uint comparand) => (uint)CompareExchange(ref Unsafe.As<uint, int>(ref location), (int)value, (int)comparand);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint Exchange(ref uint location, uint value) => (uint)Exchange(ref Unsafe.As<uint, int>(ref location), (int)value);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint ExchangeAdd(ref uint location, uint value) => (uint)ExchangeAdd(ref Unsafe.As<uint, int>(ref location), (int)value);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand) => (ulong)CompareExchange(ref Unsafe.As<ulong, long>(ref location), (long)value, (long)comparand);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Exchange(ref ulong location, ulong value) => (ulong)Exchange(ref Unsafe.As<ulong, long>(ref location), (long)value);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong ExchangeAdd(ref ulong location, ulong value) => (ulong)ExchangeAdd(ref Unsafe.As<ulong, long>(ref location), (long)value);
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static int Add(ref int location, int value) => ExchangeAdd(ref location, value) + value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint Add(ref uint location, uint value) => ExchangeAdd(ref location, value) + value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static long Add(ref long location, long value) => ExchangeAdd(ref location, value) + value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Add(ref ulong location, ulong value) => ExchangeAdd(ref location, value) + value;
        public static int Increment(ref int location) => Add(ref location, 1);
        public static int Decrement(ref int location) => Add(ref location, -1);
        public static void MemoryBarrier() => Machine.Mfence();
    }

    /// <summary>Loads and stores that the compiler neither repeats, drops nor reorders; x86 keeps their order (TSO).</summary>
    public static unsafe class Volatile
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static byte Read(ref byte location) => ((CellByte*)Unsafe.AsPointer(ref location))->Value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static int Read(ref int location) => ((CellInt32*)Unsafe.AsPointer(ref location))->Value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static uint Read(ref uint location) => ((CellUInt32*)Unsafe.AsPointer(ref location))->Value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static long Read(ref long location) => ((CellInt64*)Unsafe.AsPointer(ref location))->Value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static ulong Read(ref ulong location) => ((CellUInt64*)Unsafe.AsPointer(ref location))->Value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Write(ref byte location, byte value) => ((CellByte*)Unsafe.AsPointer(ref location))->Value = value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Write(ref int location, int value) => ((CellInt32*)Unsafe.AsPointer(ref location))->Value = value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Write(ref uint location, uint value) => ((CellUInt32*)Unsafe.AsPointer(ref location))->Value = value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Write(ref long location, long value) => ((CellInt64*)Unsafe.AsPointer(ref location))->Value = (nint)value;
        [MethodImpl(MethodImplOptions.AggressiveInlining)] public static void Write(ref ulong location, ulong value) => ((CellUInt64*)Unsafe.AsPointer(ref location))->Value = (nuint)value;

        private struct CellByte { public volatile byte Value; }
        private struct CellInt32 { public volatile int Value; }
        private struct CellUInt32 { public volatile uint Value; }
        private struct CellInt64 { public volatile nint Value; }
        private struct CellUInt64 { public volatile nuint Value; }
    }
}
