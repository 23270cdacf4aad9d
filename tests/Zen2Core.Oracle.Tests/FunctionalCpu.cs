using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>The functional engine's handlers as a simulated processor.</summary>
internal sealed unsafe class FunctionalCpu(OracleMachine machine) : ISimulatedCpu
{
    public bool RunsPrograms => false;

    public bool Implements(in Instruction instruction) => FormTable.Row(instruction.Code) is not null;

    public void Run(ReadOnlySpan<byte> code, in MachineImage input, Span<byte> scratch, out MachineImage output)
    {
        CpuState* s = machine.State;
        scratch.CopyTo(new Span<byte>(machine.Scratch, scratch.Length));
        StateImages.ToState(input, s);
        s->Host.FaultVector = HostState.NoFault;
        s->Host.Limit = ulong.MaxValue;
        MicroOp* op = machine.Load(code).First;
        while (true)
        {
            bool last = (op->Marks & MicroOpMarks.Last) != 0;
            op = op->Handler(s, op);
            if (op == null || last)
                break;
        }

        output = default;
        output.FaultVector = -1;
        output.FaultRip = OracleLayout.Code + (uint)code.Length;
        StateImages.FromState(s, ref output);
        if (s->Host.FaultVector != HostState.NoFault)
        {
            output.FaultVector = s->Host.FaultVector;
            output.FaultRip = OracleLayout.Code;
            output.FaultCode = s->Host.FaultError;
            output.FaultAddress = s->Host.FaultAddress;
            s->Host.FaultVector = HostState.NoFault;
        }

        new ReadOnlySpan<byte>(machine.Scratch, scratch.Length).CopyTo(scratch);
    }
}
