using System.Text;
using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>Runs many random cases of a form on the host and on the simulator.</summary>
/// <param name="host">The oracle.</param>
/// <param name="simulated">The processor under examination.</param>
public sealed class OracleRunner(HostCpu host, ISimulatedCpu simulated)
{
    private readonly byte[] _before = new byte[OracleLayout.ScratchSize];
    private readonly byte[] _simulatedMemory = new byte[OracleLayout.ScratchSize];

    /// <summary>Runs the cases of one form.</summary>
    /// <param name="code">The form.</param>
    /// <param name="seed">Seed of all choices; a report repeats it.</param>
    /// <param name="instances">Number of encodings.</param>
    /// <param name="casesPerInstance">Number of operand sets for each encoding.</param>
    /// <param name="maxFailures">Stop after this many differing cases.</param>
    public FormReport Run(Code code, ulong seed, int instances, int casesPerInstance, int maxFailures)
    {
        CaseRandom random = new(seed ^ ((ulong)code * 0x9E37_79B9_7F4A_7C15));
        List<string> failures = [];
        int cases = 0;
        int faults = 0;
        for (int i = 0; i < instances; i++)
        {
            FormInstance? instance = FormInstance.TryCreate(code, random);
            if (instance is null)
                return new FormReport(code, FormOutcome.NotEncodable, 0, 0, failures);
            Instruction instruction = instance.Instruction;
            if (!simulated.Implements(instruction))
                return new FormReport(code, FormOutcome.NotImplemented, 0, 0, failures);
            host.Load(instance.Bytes);
            for (int j = 0; j < casesPerInstance && failures.Count < maxFailures; j++)
            {
                cases++;
                if (RunCase(instance, random, failures))
                    faults++;
            }
        }

        return new FormReport(code, failures.Count == 0 ? FormOutcome.Same : FormOutcome.Different, cases, faults, failures);
    }

    private bool RunCase(FormInstance instance, CaseRandom random, List<string> failures)
    {
        MachineImage input = default;
        do
            CaseFactory.Fill(instance, random, ref input, _before);
        while (UndefinedResults.ResultIsUndefined(instance.Instruction, input) && !HasFixedCount(instance));
        if (UndefinedResults.ResultIsUndefined(instance.Instruction, input))
            return false;
        _before.CopyTo(host.Scratch);
        _before.CopyTo(_simulatedMemory, 0);
        host.Run(input, out MachineImage expected);
        simulated.Run(instance.Bytes, input, _simulatedMemory, out MachineImage actual);
        string? difference = OracleComparer.Compare(instance.Instruction, input, expected, host.Scratch, actual, _simulatedMemory);
        if (difference is not null)
            failures.Add(Describe(instance, input, difference));
        return expected.FaultVector >= 0;
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

/// <summary>How the examination of a form ended.</summary>
public enum FormOutcome
{
    /// <summary>All cases agreed.</summary>
    Same,

    /// <summary>At least one case differed.</summary>
    Different,

    /// <summary>The simulator does not implement the form.</summary>
    NotImplemented,

    /// <summary>No instance could be encoded.</summary>
    NotEncodable,
}

/// <summary>Result of the examination of one form.</summary>
/// <param name="Code">The form.</param>
/// <param name="Outcome">How it ended.</param>
/// <param name="Cases">Cases run.</param>
/// <param name="Faults">Cases that ended in an exception on the host.</param>
/// <param name="Failures">Descriptions of the differing cases.</param>
public sealed record FormReport(Code Code, FormOutcome Outcome, int Cases, int Faults, IReadOnlyList<string> Failures);
