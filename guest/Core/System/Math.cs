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
        public static uint RotateLeft(uint value, int offset) => value << offset | value >> 32 - offset;
        public static ulong RotateLeft(ulong value, int offset) => value << offset | value >> 64 - offset;
        public static ulong RotateRight(ulong value, int offset) => value >> offset | value << 64 - offset;
        public static bool IsPow2(ulong value) => value != 0 && (value & value - 1) == 0;

        public static int PopCount(ulong value)
        {
            value -= value >> 1 & 0x5555555555555555;
            value = (value & 0x3333333333333333) + (value >> 2 & 0x3333333333333333);
            return (int)((value + (value >> 4) & 0x0F0F0F0F0F0F0F0F) * 0x0101010101010101 >> 56);
        }

        /// <summary>Index of the highest set bit; 0 for 0.</summary>
        public static int Log2(ulong value)
        {
            int n = 0;
            if (value >> 32 != 0) { n += 32; value >>= 32; }
            if (value >> 16 != 0) { n += 16; value >>= 16; }
            if (value >> 8 != 0) { n += 8; value >>= 8; }
            if (value >> 4 != 0) { n += 4; value >>= 4; }
            if (value >> 2 != 0) { n += 2; value >>= 2; }
            return n + (int)(value >> 1);
        }

        public static int LeadingZeroCount(ulong value) => value == 0 ? 64 : 63 - Log2(value);
        public static int LeadingZeroCount(uint value) => value == 0 ? 32 : 31 - Log2(value);
        public static int TrailingZeroCount(ulong value) => value == 0 ? 64 : Log2(value & 0 - value);
        public static int TrailingZeroCount(uint value) => value == 0 ? 32 : Log2(value & 0 - value);
    }
}
