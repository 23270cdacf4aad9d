using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>
/// Vector instructions that the operating system has not enabled (AMD APM vol. 4, table 2-1). Their checks are made when code is decoded:
/// the mode key has what they depend on. x87, MMX and state-saving instructions check for themselves, when they run.
/// </summary>
internal static unsafe class VectorGate
{
    private static readonly ushort s_notAvailable = MicroOpKinds.AddMicrocode("nm", &RaiseNotAvailable);
    private static readonly ushort s_notEnabled = MicroOpKinds.AddMicrocode("ud.vector", &RaiseUndefined);

    private static readonly ushort s_protectedOnly = MicroOpKinds.AddMicrocode("ud.vex", &RaiseOutsideProtectedMode);

    /// <summary>The row to use in place of the instruction's own, or null when it may execute.</summary>
    public static Cracker? Refuses(in Instruction instruction, byte modeKey)
    {
        bool vex = instruction.Encoding == EncodingKind.VEX;
        if (vex ? !IsAvx(in instruction) : !UsesVectorRegister(in instruction))
            return null;
        if ((modeKey & (vex ? ModeKeys.NoAvx : ModeKeys.NoSse)) != 0)
            return c => MicrocodeEmit.Emit(c, s_notEnabled);
        return (modeKey & ModeKeys.VectorsSwitchedOut) != 0 ? c => MicrocodeEmit.Emit(c, s_notAvailable) : null;
    }

    /// <summary>
    /// VPEXTRQ and VPINSRQ: the 64-bit sisters of VPEXTRD and VPINSRD, which VEX.W tells from them, exist in 64-bit code only (AMD APM vol. 4),
    /// where other instructions take no notice of that bit outside of it.
    /// </summary>
    /// <param name="instruction">As it was decoded: as the 32-bit one.</param>
    /// <param name="bytes">Its first byte.</param>
    public static bool IsQuadwordElement(in Instruction instruction, byte* bytes)
    {
        const byte threeByteVex = 0xC4, wide = 0x80;
        if (instruction.Code is not (Code.VEX_Vpextrd_rm32_xmm_imm8 or Code.VEX_Vpinsrd_xmm_xmm_rm32_imm8))
            return false;
        while (LengthGate.IsPrefix(*bytes))
            bytes++;
        return bytes[0] == threeByteVex && (bytes[2] & wide) != 0;
    }

    /// <summary>
    /// A row of 16-bit code: VEX encodings of every kind are #UD in real and virtual-8086 mode (AMD APM vol. 3, 1.2.4), which the mode
    /// key does not tell from 16-bit protected mode.
    /// </summary>
    public static Cracker ProtectedOnly(Cracker row) => c =>
    {
        MicrocodeEmit.EmitInline(c, s_protectedOnly);
        row(c);
    };

    // VEX encodings of general-purpose instructions (BMI) need nothing.
    private static bool IsAvx(in Instruction instruction) => instruction.Mnemonic is Mnemonic.Vzeroupper or Mnemonic.Vzeroall
        or Mnemonic.Vldmxcsr or Mnemonic.Vstmxcsr || UsesVectorRegister(in instruction);

    private static bool UsesVectorRegister(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) == OpKind.Register && instruction.GetOpRegister(i).IsVectorRegister())
                return true;
        }

        return false;
    }

    private static MicrocodeResult RaiseOutsideProtectedMode(CoreContext core, CpuState* s, MicroOp* op) =>
        s->Mode is CpuMode.Real or CpuMode.Virtual8086 ? core.Raise(ExceptionVector.InvalidOpcode) : MicrocodeResult.Done;

    private static MicrocodeResult RaiseNotAvailable(CoreContext core, CpuState* s, MicroOp* op) => core.Raise(ExceptionVector.DeviceNotAvailable);

    private static MicrocodeResult RaiseUndefined(CoreContext core, CpuState* s, MicroOp* op) => core.Raise(ExceptionVector.InvalidOpcode);
}
