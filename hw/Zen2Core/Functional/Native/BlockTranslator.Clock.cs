using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>RDTSC and PAUSE: kernels spin on them, for a tenth of a second to calibrate a timer.</content>
internal sealed unsafe partial class BlockTranslator
{
    /// <summary>The sum that <see cref="CoreContext.TscAt"/> comes to while an instruction is a cycle; all else is the handler's.</summary>
    private void EmitReadTsc(int k)
    {
        MicroOp* op = _ops + k;
        _e.Arithmetic((int)NativeOp.Cmp, 1, StateLayout.ClockRuns, 0);
        LeaveIf(Zero, k);
        _e.TestImmediate(1, StateLayout.Cr4, (int)ControlBits.Cr4TimeStampDisable);
        LeaveIf(NotZero, k);
        _e.Address(8, Host.R11, HostOperand.Memory(Host.Counter, op->InstructionIndex));
        foreach (HostOperand part in (ReadOnlySpan<HostOperand>)[StateLayout.Limit, StateLayout.StallCycles, StateLayout.ClockBias, StateLayout.TscOffset])
            _e.FromOperand(0x02, 8, Host.R11, part);
        _e.Move(4, Host.R10, Host.R11);
        _e.Shift(5, 8, R11, 32);
        _valid = FlagMask.None;
        WriteRegister(op->Dst, 8, Host.R10);
        WriteRegister(op->Dst2, 8, Host.R11);
    }

    /// <summary>Moves the limit nearer by the cycles of the stall, and ends the block as <see cref="HintHandlers.Pause"/> does.</summary>
    private void EmitPause(int k)
    {
        const int stall = (int)(HintHandlers.PauseCycles - 1);
        MicroOp* op = _ops + k;
        _e.Arithmetic((int)NativeOp.Cmp, 1, StateLayout.ClockRuns, 0);
        LeaveIf(Zero, k);
        // A limit of 0 asks for attention and stays.
        _e.Arithmetic((int)NativeOp.Cmp, 8, StateLayout.Limit, stall);
        LeaveIf(BelowOrEqual, k);
        _e.Arithmetic((int)NativeOp.Sub, 8, StateLayout.Limit, stall);
        _e.Arithmetic((int)NativeOp.Add, 8, StateLayout.StallCycles, stall);
        Count(stall + op->InstructionIndex + 1);
        JumpThroughCache(op->NextRip);
    }
}
