using System.Runtime.CompilerServices;

namespace System.Runtime.Intrinsics.X86
{
    /// <summary>The JIT puts instructions in place of these; a body that calls itself is never compiled.</summary>
    [Intrinsic]
    public abstract class X86Base
    {
        public static bool IsSupported { [Intrinsic] get => IsSupported; }

        [Intrinsic]
        public abstract class X64
        {
            public static bool IsSupported { [Intrinsic] get => IsSupported; }

            /// <summary>DIV: 128 by 64 bits. A quotient that does not fit raises #DE.</summary>
            [Intrinsic] public static (ulong Quotient, ulong Remainder) DivRem(ulong lower, ulong upper, ulong divisor) => DivRem(lower, upper, divisor);
        }
    }
}
