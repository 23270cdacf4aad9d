using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// A whole engine as a simulated processor: programs run until an exception reaches the kernel's handler, which halts. Works with
/// every engine that can be attached to a core.
/// </summary>
/// <param name="machine">The machine.</param>
/// <param name="engine">The engine, made for the machine's core.</param>
internal sealed unsafe class EngineCpu(OracleMachine machine, ICoreEngine engine) : ISimulatedCpu
{
    // The longest string instruction of a case takes a few thousand steps.
    private const ulong CycleLimit = 2_000_000;
    private const uint ResumeFlag = 1 << 16;

    public bool RunsPrograms => true;

    public bool Implements(in Instruction instruction) => FormTable.Row(instruction.Code) is not null;

    public void Run(ReadOnlySpan<byte> code, in MachineImage input, Span<byte> scratch, out MachineImage output)
    {
        CpuState* s = machine.State;
        engine.Quiesce();
        machine.EnterUserMode();
        scratch.CopyTo(new Span<byte>(machine.Scratch, scratch.Length));
        StateImages.ToState(input, s);
        machine.LoadProgram(code);
        engine.Attach(engine.NowCycles);
        engine.Run(engine.NowCycles + CycleLimit);
        if (s->Activity != ActivityState.Halted)
            throw new InvalidOperationException($"{Convert.ToHexString(code)} did not end: at {s->Rip:X}h");
        engine.Quiesce();
        ExceptionFrame taken = OracleKernel.Taken(s, machine.Memory);
        output = default;
        s->Gpr[4] = taken.Rsp;
        s->SetRFlags(taken.Rflags & ~(ulong)ResumeFlag);
        StateImages.FromState(s, ref output);
        bool done = taken.Vector == ExceptionVector.Breakpoint;
        output.FaultVector = done ? -1 : taken.Vector;
        output.FaultRip = done ? taken.Rip - 1 : taken.Rip;
        output.FaultCode = taken.ErrorCode;
        output.FaultAddress = taken.Vector == ExceptionVector.PageFault ? s->Cr2 : 0;
        new ReadOnlySpan<byte>(machine.Scratch, scratch.Length).CopyTo(scratch);
    }
}
