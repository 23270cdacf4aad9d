using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>
/// The operation of every instruction that the host cannot answer for, in the words of AMD's manual and independent of the simulator:
/// privileged instructions, those whose result belongs to the machine, and those that the host's kernel keeps for itself.
/// </summary>
internal static class ManualOperations
{
    private static readonly Dictionary<Mnemonic, Action<ManualProcessor>> s_table = Make();

    /// <summary>Whether there is an operation for a form.</summary>
    public static bool Has(Code code) => Find(code) is not null;

    /// <summary>The operation of a form, or null.</summary>
    public static Action<ManualProcessor>? Find(Code code)
    {
        if (code.ToOpCode() is { OpCount: 2 } info && code.Mnemonic() == Mnemonic.Mov)
            return Move(info);
        return IsHint(code) ? Hint : s_table.GetValueOrDefault(code.Mnemonic());
    }

    // NOPs, whatever their operands: reserved ones, and later processors' prefetches and markers.
    private static bool IsHint(Code code) => code.Mnemonic() is Mnemonic.Reservednop or Mnemonic.Prefetchwt1 or Mnemonic.Cldemote or Mnemonic.Rdsspd
        or Mnemonic.Rdsspq or Mnemonic.Endbr32 or Mnemonic.Endbr64 or Mnemonic.Prefetchit0 or Mnemonic.Prefetchit1;

    // 0F 0D is PREFETCH: without memory it is undefined.
    private static void Hint(ManualProcessor p)
    {
        bool isPrefetch = p.I.Code is Code.Reservednop_rm16_r16_0F0D or Code.Reservednop_rm32_r32_0F0D or Code.Reservednop_rm64_r64_0F0D;
        if (isPrefetch && p.I.Op0Kind == OpKind.Register)
            throw ManualException.Undefined();
    }

    private static Action<ManualProcessor>? Move(OpCodeInfo info)
    {
        OpCodeOperandKind[] kinds = [info.Op0Kind, info.Op1Kind];
        if (kinds.Contains(OpCodeOperandKind.seg_reg))
            return ManualSegments.Move;
        if (kinds.Contains(OpCodeOperandKind.cr_reg))
            return ManualControl.MoveControl;
        if (kinds.Contains(OpCodeOperandKind.dr_reg))
            return ManualControl.MoveDebug;
        return kinds.Contains(OpCodeOperandKind.mem_offs) ? ManualPorts.MoveAbsolute : null;
    }

    private static Dictionary<Mnemonic, Action<ManualProcessor>> Make()
    {
        Dictionary<Mnemonic, Action<ManualProcessor>> table = [];
        ManualSegments.Register(table);
        ManualTables.Register(table);
        ManualControl.Register(table);
        ManualSystem.Register(table);
        ManualPorts.Register(table);
        ManualTransfers.Register(table);
        return table;
    }
}
