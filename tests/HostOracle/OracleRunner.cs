using System.Text;
using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Runs many random cases of a form on the host and on the simulator.</summary>
/// <param name="host">The oracle.</param>
/// <param name="simulated">The processor under examination.</param>
public sealed class OracleRunner(HostCpu host, ISimulatedCpu simulated)
{
    private const int HostAttempts = 3;

    private readonly byte[] _before = new byte[OracleLayout.ScratchSize];
    private readonly byte[] _simulatedMemory = new byte[OracleLayout.ScratchSize];

    /// <summary>Runs the cases of one form.</summary>
    /// <param name="code">The form.</param>
    /// <param name="plan">How many, and of which kinds.</param>
    public FormReport Run(Code code, OraclePlan plan)
    {
        CaseRandom random = new(plan.Seed ^ ((ulong)code * 0x9E37_79B9_7F4A_7C15));
        List<string> failures = [];
        int cases = 0;
        int faults = 0;
        for (int i = 0; i < plan.Instances; i++)
        {
            FormInstance? instance = FormInstance.TryCreate(code, random, plan.Addressing);
            if (instance is null)
                return new FormReport(code, FormOutcome.NotEncodable, 0, 0, failures);
            Instruction instruction = instance.Instruction;
            if (!simulated.Implements(instruction))
                return new FormReport(code, FormOutcome.NotImplemented, 0, 0, failures);
            if (InstructionForms.FallsThrough(code))
                host.Load(instance.HostBytes);
            else
                host.LoadProgram(instance.HostBytes);
            for (int j = 0; j < plan.CasesPerInstance && failures.Count < plan.MaxFailures; j++)
            {
                cases++;
                if (RunCase(instance, random, plan, failures))
                    faults++;
            }
        }

        return new FormReport(code, failures.Count == 0 ? FormOutcome.Same : FormOutcome.Different, cases, faults, failures);
    }

    private bool RunCase(FormInstance instance, CaseRandom random, OraclePlan plan, List<string> failures)
    {
        MachineImage input = default;
        do
            CaseFactory.Fill(instance, random, plan.Placements.IsEmpty ? Placement.Ordinary : random.Pick<Placement>(plan.Placements.Span), ref input, _before);
        while (UndefinedResults.ResultIsUndefined(instance.Instruction, input) && !HasFixedCount(instance));
        if (UndefinedResults.ResultIsUndefined(instance.Instruction, input))
            return false;
        _before.CopyTo(_simulatedMemory, 0);
        simulated.Run(instance.Bytes, input, _simulatedMemory, out MachineImage actual);
        MachineImage expected = default;
        string? difference = null;

        // A host that switches tasks in the middle loses what XSAVE does not keep (x87 pointers without a pending exception): ask again.
        for (int attempt = 0; attempt == 0 || (attempt < HostAttempts && difference is not null); attempt++)
        {
            _before.CopyTo(host.Scratch);
            RunHost(instance, input, out expected);
            difference = OracleComparer.Compare(instance.Instruction, input, expected, host.Scratch, actual, _simulatedMemory);
        }

        if (difference is not null)
            failures.Add(Describe(instance, input, difference));
        return expected.FaultVector >= 0;
    }

    private void RunHost(FormInstance instance, in MachineImage input, out MachineImage output)
    {
        if (!InstructionForms.FallsThrough(instance.Instruction.Code))
        {
            host.RunProgram(input, out output);
            return;
        }

        host.Run(input, out output);
        if (output.FaultVector < 0)
            output.FaultRip = OracleLayout.Code + (ulong)instance.Bytes.Length;
    }

    private static bool HasFixedCount(FormInstance instance) =>
        instance.Instruction.OpCount > 0 && instance.Instruction.GetOpKind(instance.Instruction.OpCount - 1) != OpKind.Register;

    private unsafe string Describe(FormInstance instance, in MachineImage input, string difference)
    {
        StringBuilder text = new();
        text.Append(instance.Instruction.ToString()).Append("  ").AppendLine(Convert.ToHexString(instance.Bytes));
        text.Append("  rax ").Append($"{input.Gpr[0]:X16}").Append(" rcx ").Append($"{input.Gpr[1]:X16}").Append(" rdx ").Append($"{input.Gpr[2]:X16}")
            .Append(" rflags ").Append($"{input.Rflags:X}").Append(" mxcsr ").Append($"{input.Mxcsr:X}").Append(" fcw ").Append($"{input.ControlWord:X}")
            .Append(" fsw ").Append($"{input.StatusWord:X}").AppendLine();
        for (int i = 0; i < instance.Instruction.OpCount; i++)
        {
            if (instance.Instruction.GetOpKind(i) == OpKind.Register)
                text.Append("  ").Append(instance.Instruction.GetOpRegister(i)).Append(' ').AppendLine(Show(instance.Instruction.GetOpRegister(i), input));
            else if (instance.Instruction.GetOpKind(i) == OpKind.Memory)
                text.Append("  memory ").AppendLine(ShowMemory(instance.Instruction, input));
        }

        for (int i = 0; i < 2 && instance.Instruction.CpuidFeatures[0] is CpuidFeature.FPU or CpuidFeature.FPU387; i++)
            text.Append("  ST").Append(i).Append(' ').AppendLine($"{input.ReadFx<ushort>(40 + (i * 16)):X4}_{input.ReadFx<ulong>(32 + (i * 16)):X16}");
        return text.Append(difference).ToString();
    }

    private static unsafe string Show(Register register, MachineImage input)
    {
        int number = register.GetNumber();
        if (register.IsXMM() || register.IsYMM())
            return Reverse(new ReadOnlySpan<byte>(input.Ymm + (number * 32), 32));
        if (register.IsGPR())
            return $"{input.Gpr[register.GetFullRegister().GetNumber()]:X16}";
        return $"{input.ReadFx<ushort>(40 + (number * 16)):X4}_{input.ReadFx<ulong>(32 + (number * 16)):X16}";
    }

    private string ShowMemory(in Instruction instruction, in MachineImage input)
    {
        ulong address = instruction.MemoryDisplacement64;
        if (instruction.MemoryBase.IsGPR())
            address += Gpr(input, instruction.MemoryBase);
        if (instruction.MemoryIndex.IsGPR())
            address += Gpr(input, instruction.MemoryIndex) * (ulong)instruction.MemoryIndexScale;
        ulong offset = address - OracleLayout.Scratch;
        if (offset > OracleLayout.ScratchSize - 32)
            return $"at {address:X}";
        return $"at {address:X}: {Reverse(_before.AsSpan((int)offset, 32))}";
    }

    private static unsafe ulong Gpr(MachineImage input, Register register) => input.Gpr[register.GetFullRegister().GetNumber()];

    private static string Reverse(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        Array.Reverse(copy);
        return Convert.ToHexString(copy);
    }
}
