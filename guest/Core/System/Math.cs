using System.Runtime.CompilerServices;
using CoSim.Guest;

namespace System
{
    public static class Math
    {
        /// <summary>The full 128-bit product: the high half, and the low half in <paramref name="low"/>.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public static ulong BigMul(ulong a, ulong b, out ulong low)
        {
            RegisterPair product = Machine.Multiply(a, b);
            low = product.Low;
            return product.High;
        }

        public static int Min(int a, int b) => a < b ? a : b;
        public static uint Min(uint a, uint b) => a < b ? a : b;
        public static long Min(long a, long b) => a < b ? a : b;
        public static ulong Min(ulong a, ulong b) => a < b ? a : b;
        public static int Max(int a, int b) => a > b ? a : b;
        public static uint Max(uint a, uint b) => a > b ? a : b;
        public static long Max(long a, long b) => a > b ? a : b;
        public static ulong Max(ulong a, ulong b) => a > b ? a : b;
        public static int Abs(int a) => a < 0 ? -a : a;
        public static long Abs(long a) => a < 0 ? -a : a;
    }
}

namespace System.Numerics
{
    /// <summary>Bit counts and rotations; the JIT turns them into single instructions where the baseline has them.</summary>
    public static class BitOperations
    {
        [Intrinsic] public static uint RotateLeft(uint value, int offset) => value << offset | value >> 32 - offset;
        [Intrinsic] public static ulong RotateLeft(ulong value, int offset) => value << offset | value >> 64 - offset;
        [Intrinsic] public static ulong RotateRight(ulong value, int offset) => value >> offset | value << 64 - offset;
        public static bool IsPow2(ulong value) => value != 0 && (value & value - 1) == 0;

        [Intrinsic] public static int LeadingZeroCount(ulong value) => value >> 32 != 0 ? LeadingZeroCount((uint)(value >> 32)) : 32 + LeadingZeroCount((uint)value);
        [Intrinsic] public static int TrailingZeroCount(ulong value) => value == 0 ? 64 : 63 - LeadingZeroCount(value & 0 - value);
        [Intrinsic] public static int TrailingZeroCount(uint value) => value == 0 ? 32 : 31 - LeadingZeroCount(value & 0 - value);

        [Intrinsic]
        public static int LeadingZeroCount(uint value)
        {
            int n = 32;
            for (; value != 0; value >>= 1) n--;
            return n;
        }

        /// <summary>Index of the highest set bit; 0 for 0.</summary>
        public static int Log2(ulong value) => 63 - LeadingZeroCount(value | 1);

        /// <summary>POPCNT is not in the instruction set that images are compiled for.</summary>
        public static int PopCount(ulong value)
        {
            value -= value >> 1 & 0x5555555555555555;
            value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
            return (int)((value + (value >> 4) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
        }
    }
}
