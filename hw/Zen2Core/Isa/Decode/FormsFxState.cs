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

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        Memory(Mnemonic.Fxsave, s_save, 4);
        Memory(Mnemonic.Fxsave64, s_save, 8);
        Memory(Mnemonic.Fxrstor, s_restore, 4);
        Memory(Mnemonic.Fxrstor64, s_restore, 8);
        FormsVector.Both(Mnemonic.Ldmxcsr, Row(s_loadMxcsr, 4));
        FormsVector.Both(Mnemonic.Stmxcsr, Row(s_storeMxcsr, 4));
    }

    private static void Memory(Mnemonic mnemonic, ushort kind, byte width) => FormTable.Add(mnemonic, Row(kind, width));

    // A fault of a 512-byte operand is found byte by byte: the access size only serves the segment limit check.
    private static Cracker Row(ushort kind, byte width) => c =>
    {
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        c.SetMemory(op, Math.Min(c.Instruction.MemorySize.GetSize(), 255));
        op->Width = width;
    };
}
