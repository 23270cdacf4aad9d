using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Iced's register names as register operands.</summary>
internal static class RegisterMap
{
    private static readonly ushort[] s_offsets = Build();

    /// <summary>Register operand of a general-purpose or vector register, or <see cref="Reg.None"/>.</summary>
    public static ushort Offset(Register register) => s_offsets[(int)register];

    /// <summary>Segment index of ES..GS.</summary>
    public static SegmentIndex Segment(Register register) => (SegmentIndex)(register - Register.ES);

    private static ushort[] Build()
    {
        ushort[] map = new ushort[512];
        Array.Fill(map, Reg.None);
        for (int n = 0; n < 16; n++)
        {
            map[(int)Register.AX + n] = Reg.Gpr(n);
            map[(int)Register.EAX + n] = Reg.Gpr(n);
            map[(int)Register.RAX + n] = Reg.Gpr(n);
            map[(int)Register.XMM0 + n] = Reg.Vector(n);
            map[(int)Register.YMM0 + n] = Reg.Vector(n);
        }

        for (int n = 0; n < 4; n++)
        {
            map[(int)Register.AL + n] = Reg.Gpr(n);
            map[(int)Register.AH + n] = (ushort)(Reg.Gpr(n) + 1);
            map[(int)Register.SPL + n] = Reg.Gpr(4 + n);
        }

        for (int n = 8; n < 16; n++)
            map[(int)Register.R8L + n - 8] = Reg.Gpr(n);
        return map;
    }
}
