using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace System.Threading
{
    /// <summary>Atomic read-modify-write. CompareExchange and Exchange give the old value; Add, Increment and Decrement the new one.</summary>
    public static unsafe class Interlocked
    {
        public static int CompareExchange(ref int location, int value, int comparand) => (int)Machine.CompareExchange32(Unsafe.AsPointer(ref location), (uint)value, (uint)comparand);
        public static uint CompareExchange(ref uint location, uint value, uint comparand) => Machine.CompareExchange32(Unsafe.AsPointer(ref location), value, comparand);
        public static long CompareExchange(ref long location, long value, long comparand) => (long)Machine.CompareExchange64(Unsafe.AsPointer(ref location), (ulong)value, (ulong)comparand);
        public static ulong CompareExchange(ref ulong location, ulong value, ulong comparand) => Machine.CompareExchange64(Unsafe.AsPointer(ref location), value, comparand);
        public static int Exchange(ref int location, int value) => (int)Machine.Exchange32(Unsafe.AsPointer(ref location), (uint)value);
        public static uint Exchange(ref uint location, uint value) => Machine.Exchange32(Unsafe.AsPointer(ref location), value);
        public static ulong Exchange(ref ulong location, ulong value) => Machine.Exchange64(Unsafe.AsPointer(ref location), value);
        public static int Add(ref int location, int value) => (int)Machine.ExchangeAdd32(Unsafe.AsPointer(ref location), (uint)value) + value;
        public static uint Add(ref uint location, uint value) => Machine.ExchangeAdd32(Unsafe.AsPointer(ref location), value) + value;
        public static long Add(ref long location, long value) => (long)Machine.ExchangeAdd64(Unsafe.AsPointer(ref location), (ulong)value) + value;
        public static ulong Add(ref ulong location, ulong value) => Machine.ExchangeAdd64(Unsafe.AsPointer(ref location), value) + value;
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
