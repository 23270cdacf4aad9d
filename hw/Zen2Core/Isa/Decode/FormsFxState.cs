using CoSim.Hw.Zen2Core.Isa.X87;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of instructions that save and restore x87 and vector state.</summary>
internal static unsafe class FormsFxState
{
    private static readonly ushort s_save = MicroOpKinds.AddMicrocode("fxsave", &FxState.Save);
    private static readonly ushort s_restore = MicroOpKinds.AddMicrocode("fxrstor", &FxState.Restore);
    private static readonly ushort s_loadMxcsr = MicroOpKinds.AddMicrocode("ldmxcsr", &FxState.LoadMxcsr);
    private static readonly ushort s_storeMxcsr = MicroOpKinds.AddMicrocode("stmxcsr", &FxState.StoreMxcsr);

    private static readonly ushort s_xsave = MicroOpKinds.AddMicrocode("xsave", &XState.Save);
    private static readonly ushort s_xsaveOptimised = MicroOpKinds.AddMicrocode("xsaveopt", &XState.SaveOptimised);
    private static readonly ushort s_xsaveCompacted = MicroOpKinds.AddMicrocode("xsavec", &XState.SaveCompacted);
    private static readonly ushort s_xsaveSupervisor = MicroOpKinds.AddMicrocode("xsaves", &XState.SaveSupervisor);
    private static readonly ushort s_xrestore = MicroOpKinds.AddMicrocode("xrstor", &XState.Restore);
    private static readonly ushort s_xrestoreSupervisor = MicroOpKinds.AddMicrocode("xrstors", &XState.RestoreSupervisor);

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        Memory(Mnemonic.Fxsave, s_save, 4);
        Memory(Mnemonic.Fxsave64, s_save, 8);
        Memory(Mnemonic.Fxrstor, s_restore, 4);
        Memory(Mnemonic.Fxrstor64, s_restore, 8);
        Memory(Mnemonic.Xsave, s_xsave, 4);
        Memory(Mnemonic.Xsave64, s_xsave, 8);
        Memory(Mnemonic.Xsaveopt, s_xsaveOptimised, 4);
        Memory(Mnemonic.Xsaveopt64, s_xsaveOptimised, 8);
        Memory(Mnemonic.Xsavec, s_xsaveCompacted, 4);
        Memory(Mnemonic.Xsavec64, s_xsaveCompacted, 8);
        Memory(Mnemonic.Xsaves, s_xsaveSupervisor, 4);
        Memory(Mnemonic.Xsaves64, s_xsaveSupervisor, 8);
        Memory(Mnemonic.Xrstor, s_xrestore, 4);
        Memory(Mnemonic.Xrstor64, s_xrestore, 8);
        Memory(Mnemonic.Xrstors, s_xrestoreSupervisor, 4);
        Memory(Mnemonic.Xrstors64, s_xrestoreSupervisor, 8);
        FormsVector.Both(Mnemonic.Ldmxcsr, Row(s_loadMxcsr, 4));
        FormsVector.Both(Mnemonic.Stmxcsr, Row(s_storeMxcsr, 4));
    }

    private static void Memory(Mnemonic mnemonic, ushort kind, byte width) => FormTable.Add(mnemonic, Row(kind, width));

    // A fault of a 512-byte operand is found byte by byte: the access size only serves the segment limit check.
    private static Cracker Row(ushort kind, byte width) => c =>
    {
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        c.SetMemory(op, Math.Clamp(c.Instruction.MemorySize.GetSize(), 1, 255));
        op->Width = width;
    };
}
