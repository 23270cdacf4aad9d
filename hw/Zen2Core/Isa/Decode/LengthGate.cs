using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Instructions of more than 15 bytes, which only redundant prefixes make: #GP(0) (AMD APM vol. 2, 8.2.14).</summary>
internal static unsafe class LengthGate
{
    /// <summary>Bytes of an instruction at most.</summary>
    public const int MaxLength = 15;

    private static readonly ushort s_tooLong = MicroOpKinds.AddMicrocode("gp.length", &Raise);

    /// <summary>The row of an instruction that is too long.</summary>
    public static void TooLong(CrackContext c) => MicrocodeEmit.Emit(c, s_tooLong);

    /// <summary>Whether a byte is a legacy prefix.</summary>
    public static bool IsPrefix(byte value) => value is 0x26 or 0x2E or 0x36 or 0x3E or (>= 0x64 and <= 0x67) or 0xF0 or 0xF2 or 0xF3;

    private static MicrocodeResult Raise(CoreContext core, CpuState* s, MicroOp* op) => core.Raise(ExceptionVector.GeneralProtection);
}
