using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <content>
/// RCL and RCR by more than one: their result is there after two or three cycles, the new carry later. So a chain of results and one of
/// carries take different times, as measured (uops.info ZEN2: latency 2, by CL 3; RCL 4 and RCR 3 from carry to carry).
/// </content>
internal sealed unsafe partial class OpInfoBuilder
{
    /// <summary>Micro-ops that <see cref="SplitCarry"/> adds.</summary>
    public const int CarryOps = 2;

    /// <summary>Whether an instruction is to be <see cref="SplitCarry"/>.</summary>
    public bool HasLateCarry(Decoded* d) => ((Code)d->Ops->Form).Mnemonic() is Mnemonic.Rcl or Mnemonic.Rcr && d->AluOps == 1
        && Single(d, OpRoute.Alu)->FlagTargets != 0 && timings.TryGet((Code)d->Ops->Form, false, out FormTiming timing) && timing.MacroOps > 1;

    /// <summary>
    /// Makes the rotation two operations, one for the result and one for the flags, in room for <see cref="CarryOps"/> more than it had. Both
    /// read the old operand and the old carry: the result waits in a temporary until renaming puts it into its place. What their seven to nine
    /// macro-ops cost is dispatch.
    /// </summary>
    public void SplitCarry(Decoded* d, MicroOp* ops, OpInfo* infos)
    {
        _ = timings.TryGet((Code)d->Ops->Form, false, out FormTiming timing);
        int to = 0;
        for (int i = 0; i < d->Count; i++, to++)
        {
            ops[to] = d->Ops[i];
            infos[to] = d->Infos[i];
            if (infos[to].Route != OpRoute.Alu)
                continue;
            OpInfo whole = infos[to];
            infos[to].Targets = 1 << TargetRole.First;
            infos[to].Target[TargetRole.First] = (byte)Reg.Number(Reg.T3);
            infos[to].FlagTargets = 0;
            infos[to].Busy = Hundred;
            infos[to++].Latency = (byte)timing.Latency;

            ops[to] = d->Ops[i];
            infos[to] = whole;
            infos[to].Targets = (byte)(whole.Targets & ~(1 << TargetRole.First));
            infos[to].Busy = Hundred;
            infos[to++].Latency = (byte)(timing.Throughput / Hundred);

            ops[to] = d->Ops[i];
            infos[to] = new OpInfo { Class = MicroOpClass.Alu, Route = OpRoute.Rename, Value = &CopyGeneral, Sources = 1 << SourceRole.A, Targets = 1 << TargetRole.First };
            infos[to].Source[SourceRole.A] = (byte)Reg.Number(Reg.T3);
            infos[to].Target[TargetRole.First] = whole.Target[TargetRole.First];
        }

        d->Ops = ops;
        d->Infos = infos;
        d->Count = (byte)to;
        d->AluOps++;
    }

    private static void CopyGeneral(ExecArgs* a, MicroOp* op) => a->Result = a->A;
}
