using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// Which instructions the branch counters count: near and far jumps, calls and returns, interrupts and system calls by instruction and the returns from
/// them, taken or not (family 17h model 31h PPR 55803, PMCx0C2: all types of architectural control flow changes).
/// </summary>
internal static class ControlTransfers
{
    private static readonly bool[] s_forms = Forms();

    /// <summary>Whether an instruction of a form is one: <see cref="MicroOp.Form"/>.</summary>
    public static bool Contains(ushort form) => s_forms[form];

    private static bool[] Forms()
    {
        Code[] codes = Enum.GetValues<Code>();
        bool[] forms = new bool[(int)codes.Max() + 1];
        foreach (Code code in codes)
        {
            forms[(int)code] = code.FlowControl() is FlowControl.UnconditionalBranch or FlowControl.IndirectBranch or FlowControl.ConditionalBranch
                or FlowControl.Return or FlowControl.Call or FlowControl.IndirectCall or FlowControl.Interrupt;
        }

        return forms;
    }
}
