using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <content>Execution that sees every instruction: for a probe, for counters of branches, or for both.</content>
public sealed unsafe partial class FunctionalEngine
{
    /// <summary>Does what <see cref="RunBlocks"/> does, and sees every instruction.</summary>
    /// <param name="probe">Is told of each; null only when branches are counted.</param>
    /// <param name="counts">Whether branches are counted.</param>
    private void RunSeenBlocks(IRetirementProbe? probe, bool counts)
    {
        CpuState* s = _s;
        do
        {
            MicroOp* op = BranchHandlers.Lookup(s);
            if (op == null)
            {
                op = Enter();
                if (op == null)
                {
                    if (s->Host.FaultVector != HostState.NoFault)
                        _core.DeliverFault();
                    return;
                }
            }

            if (counts)
                RunCounted(probe, op);
            else
                RunWatched(probe!, op);
            if (s->Host.FaultVector != HostState.NoFault)
            {
                _core.DeliverFault();
                return;
            }
        }
        while (s->Executed < s->Host.Limit && !_core.NeedsSingleStep);
    }

    /// <summary>
    /// The state counts the instructions of a block when control leaves it: at a branch that is taken, at the block's end, at a fault. Until
    /// then an instruction has retired when its last micro-op falls through.
    /// </summary>
    private void RunWatched(IRetirementProbe probe, MicroOp* op)
    {
        CpuState* s = _s;
        ulong counted = s->Executed;
        uint told = 0;
        while (op != null)
        {
            ulong rip = op->Rip;
            bool last = (op->Marks & MicroOpMarks.Last) != 0;
            op = op->Handler(s, op);
            if (op == null || s->Executed != counted)
            {
                if (s->Executed - counted > told)
                    Tell(probe, rip, 0);
                counted = s->Executed;
                told = 0;
            }
            else if (last)
            {
                told++;
                Tell(probe, rip, told);
            }
        }
    }

    /// <summary>Tells of an instruction that ended some instructions after those that the state has counted.</summary>
    private void Tell(IRetirementProbe probe, ulong rip, uint ahead) =>
        probe.OnRetire(_core, rip, _anchorCycle + ((_s->Executed + ahead - _anchorExecuted) * _rate.Cycles / _rate.Instructions) + (_s->StallCycles - _anchorStall));

    private void StepWatched(IRetirementProbe probe)
    {
        ulong rip = _s->Rip;
        ulong before = _s->Executed;
        StepOne();
        if (_s->Executed != before)
            Tell(probe, rip, 0);
    }
}
