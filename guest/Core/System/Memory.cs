using CoSim.Guest;

namespace System
{
    public static class Buffer
    {
        // For structures with object references, which guests do not have.
        internal static void BulkMoveWithWriteBarrier(ref byte destination, ref byte source, nuint byteCount) => Machine.Panic(PanicReason.ObjectReference);
    }

    /// <summary>What the JIT calls for block operations that it does not unroll.</summary>
    public static unsafe class SpanHelpers
    {
        public static void Memmove(ref byte dest, ref byte src, nuint len)
        {
            byte* d = (byte*)Runtime.CompilerServices.Unsafe.AsPointer(ref dest);
            byte* s = (byte*)Runtime.CompilerServices.Unsafe.AsPointer(ref src);
            if ((nuint)(d - s) >= len)
            {
                Machine.RepMovsb(d, s, len);
                return;
            }
            while (len > 0) { len--; d[len] = s[len]; } // overlapping, destination above: from the end
        }

        internal static void Fill(ref byte dest, byte value, nuint len) => Machine.RepStosb(Runtime.CompilerServices.Unsafe.AsPointer(ref dest), value, len);

        internal static void ClearWithoutReferences(ref byte dest, nuint len) => Machine.RepStosb(Runtime.CompilerServices.Unsafe.AsPointer(ref dest), 0, len);
    }

    public static class MemoryExtensions
    {
        public static bool SequenceEqual(this ReadOnlySpan<byte> a, ReadOnlySpan<byte> b)
        {
            if (a.Length != b.Length) return false;
            for (int i = 0; i < a.Length; i++)
            {
                if (a[i] != b[i]) return false;
            }
            return true;
        }

        public static bool StartsWith(this ReadOnlySpan<byte> text, ReadOnlySpan<byte> prefix) =>
            text.Length >= prefix.Length && text.Slice(0, prefix.Length).SequenceEqual(prefix);
    }
}
