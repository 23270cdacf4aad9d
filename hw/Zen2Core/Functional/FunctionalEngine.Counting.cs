using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Functional;

/// <content>
/// Execution while a performance counter counts branches: micro-op by micro-op, past the translations. Nothing is looked at while none does.
/// </content>
public sealed unsafe partial class FunctionalEngine
{
    private ulong _branches, _takenBranches;

    /// <inheritdoc/>
    public ulong EventCount(CoreEvent counted) => counted switch
    {
        CoreEvent.Branches => _branches,
        CoreEvent.TakenBranches => _takenBranches,
        _ => 0,
    };

    /// <summary>Like <see cref="RunWatched"/>, which says how an instruction that has retired is known.</summary>
    private void RunCounted(IRetirementProbe? probe, MicroOp* op)
    {
        CpuState* s = _s;
        ulong counted = s->Executed;
        uint told = 0;
        op = _core.Code.PassEntry(s, op);
        while (op != null)
        {
            MicroOp* current = op;
            ulong follows = op->NextRip & ModeKeys.InstructionPointerMask(s->ModeKey);
            bool last = (op->Marks & MicroOpMarks.Last) != 0;
            op = op->Handler(s, op);
            if (op == null || s->Executed != counted)
            {
                if (s->Executed - counted > told)
                {
                    CountBranch(current, (op != null ? op->Rip : s->Rip) != follows);
                    if (probe != null)
                        Tell(probe, current->Rip, 0);
                }

                counted = s->Executed;
                told = 0;
                op = _core.Code.PassEntry(s, op);
            }
            else if (last)
            {
                told++;
                CountBranch(current, taken: false);
                if (probe != null)
                    Tell(probe, current->Rip, told);
            }
        }
    }

    private void CountBranch(MicroOp* op, bool taken)
    {
        if (!ControlTransfers.Contains(op->Form))
            return;
        _branches++;
        _takenBranches += taken ? 1UL : 0;
    }
}
