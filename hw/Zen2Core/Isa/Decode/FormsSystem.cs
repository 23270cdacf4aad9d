using Iced.Intel;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of system instructions: all run as microcode.</summary>
internal static unsafe class FormsSystem
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        ushort halt = MicroOpKinds.AddMicrocode("hlt", &HaltMicrocode.Halt);
        FormTable.Add(Mnemonic.Hlt, c => MicrocodeEmit.Emit(c, halt));
    }
}
