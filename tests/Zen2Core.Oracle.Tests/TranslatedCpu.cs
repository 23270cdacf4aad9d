using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Host machine code translated from the instruction, as a simulated processor. The HLT behind the instruction, not allowed to
/// users, ends each case with a fault of its own.
/// </summary>
internal sealed unsafe class TranslatedCpu(OracleMachine machine) : ISimulatedCpu
{
    public bool RunsPrograms => false;

    public bool Implements(in Instruction instruction) => FormTable.Row(instruction.Code) is not null;

    public void Run(ReadOnlySpan<byte> code, in MachineImage input, Span<byte> scratch, out MachineImage output)
    {
        CpuState* s = machine.State;
        scratch.CopyTo(new Span<byte>(machine.Scratch, scratch.Length));
        StateImages.ToState(input, s);
        s->Host.FaultVector = HostState.NoFault;
        s->Host.Limit = s->Executed + BlockDecoder.MaxInstructions;
        ulong before = s->Executed;
        MicroOp* op = machine.Load(code).Entry;
        do
            op = op->Handler(s, op);
        while (op != null);
        bool completed = s->Executed == before + 1;
        output = default;
        output.FaultVector = -1;
        output.FaultRip = s->Rip;
        StateImages.FromState(s, ref output);
        if (!completed)
        {
            output.FaultVector = s->Host.FaultVector;
            output.FaultCode = s->Host.FaultError;
            output.FaultAddress = s->Host.FaultAddress;
        }

        s->Host.FaultVector = HostState.NoFault;
        new ReadOnlySpan<byte>(machine.Scratch, scratch.Length).CopyTo(scratch);
    }
}
