using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Unmasked SIMD floating-point exceptions (AMD APM vol. 2, 8.2.20).</summary>
internal static unsafe class SimdException
{
    private const ulong Cr4OsXmmExceptions = 1UL << 10;

    /// <summary>#XM, or #UD when the operating system has not enabled it (CR4.OSXMMEXCPT).</summary>
    public static uint Vector(CpuState* s) => (s->Cr4 & Cr4OsXmmExceptions) != 0 ? ExceptionVector.Simd : (uint)ExceptionVector.InvalidOpcode;

    /// <summary>Enters what an operation raised into MXCSR. True when the instruction faults.</summary>
    public static bool Commit(CpuState* s, ref FloatEnvironment environment)
    {
        if (environment.Raised == 0)
            return false;
        environment.Finish();
        s->Mxcsr |= environment.Raised;
        return environment.Unmasked != 0;
    }

    /// <summary>Hands what an operation raised to the detailed engine; the status bits count even when the micro-op faults.</summary>
    public static void Report(ExecArgs* e, ref FloatEnvironment environment)
    {
        environment.Finish();
        e->Mxcsr |= environment.Raised;
        if (environment.Unmasked != 0)
            e->Fault = ExecArgs.FaultBit | Vector(e->State);
    }
}
