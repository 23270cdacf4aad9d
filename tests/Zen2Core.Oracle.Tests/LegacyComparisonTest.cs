using CoSim.Hw.Zen2Core;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Integer instructions as 32-bit code of the processor that runs the tests: a 64-bit process of Linux may jump to the segment of
/// 32-bit programs. What only 16- and 32-bit code has is examined here.
/// </summary>
[TestFixture]
[Category("HostOracle")]
public sealed class LegacyComparisonTest
{
    private const int CasesPerInstance = 4, ShownFailures = 2;

    [Test]
    public void EveryForm([Values(Engines.Functional, Engines.Detailed)] string name)
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
        using OracleMachine machine = new() { Is32Bit = true };
        ICoreEngine engine = Engines.Make(name, machine);
        EngineCpu cpu = new(machine, engine);
        HostCpu host = HostCpu.Open();
        (int part, int parts) = OracleSettings.Shard;
        int instances = Math.Max(1, Engines.Thinned(name, OracleSettings.Cases) / CasesPerInstance);
        int forms = 0, faults = 0;
        List<Code> different = [], notEncoded = [];
        for (int n = part; n < LegacyForms.All.Count; n += parts)
        {
            Code code = LegacyForms.All[n];
            if (OracleSettings.Only is string only && !code.ToString().Contains(only, StringComparison.OrdinalIgnoreCase))
                continue;
            CaseRandom random = new(OracleSettings.Seed ^ ((ulong)code * 0x9E37_79B9_7F4A_7C15));
            int failures = 0;

            // What 64-bit code has too is examined there.
            int wanted = LegacyForms.IsOnlyLegacy(code) ? instances : Math.Max(1, instances / 4);
            for (int i = 0; i < wanted && failures < ShownFailures; i++)
            {
                byte[]? bytes = LegacyInstance.TryCreate(code, random, out Instruction instruction);
                if (bytes is null)
                {
                    notEncoded.Add(code);
                    break;
                }

                for (int j = 0; j < CasesPerInstance && failures < ShownFailures; j++)
                    failures += Differs(host, cpu, bytes, instruction, random, ref faults) ? 1 : 0;
            }

            forms++;
            if (failures > 0)
                different.Add(code);
        }

        (engine as IDisposable)?.Dispose();
        TestContext.Out.WriteLine($"seed {OracleSettings.Seed:X}h: {forms} forms, {LegacyForms.All.Count(LegacyForms.IsOnlyLegacy)} of all that only 32-bit code has, {faults} exceptions; not encodable: {string.Join(' ', notEncoded)}");
        Assert.That(different, Is.Empty, "forms that differ from the host");
    }

    [Test]
    public void InstructionsThatOnlyOldCodeHasAreAmongThem()
    {
        Mnemonic[] old =
        [
            Mnemonic.Aaa, Mnemonic.Aad, Mnemonic.Aam, Mnemonic.Aas, Mnemonic.Daa, Mnemonic.Das, Mnemonic.Bound, Mnemonic.Into, Mnemonic.Pusha,
            Mnemonic.Pushad, Mnemonic.Popa, Mnemonic.Popad, Mnemonic.Lds, Mnemonic.Les, Mnemonic.Arpl, Mnemonic.Salc,
        ];
        Assert.That(old.Except(LegacyForms.All.Select(c => c.Mnemonic())), Is.Empty);
    }

    private static bool Differs(HostCpu host, EngineCpu cpu, byte[] bytes, in Instruction instruction, CaseRandom random, ref int faults)
    {
        byte[] before = new byte[OracleLayout.ScratchSize], after = new byte[OracleLayout.ScratchSize];
        MachineImage input = default;
        LegacyInstance.Fill(instruction, random, ref input, before);
        if (UndefinedResults.ResultIsUndefined(instruction, input))
            return false;
        before.CopyTo(after, 0);
        cpu.Run(bytes, input, after, out MachineImage actual);
        actual.Narrow();
        host.LoadProgram(bytes);
        string? difference = null;

        // Asked again in case that the host switched tasks, which loses x87 pointers.
        for (int attempt = 0; attempt == 0 || (attempt < 2 && difference is not null); attempt++)
        {
            before.CopyTo(host.Scratch);
            host.RunProgram32(input, out MachineImage expected);
            difference = OracleComparer.Compare(instruction, input, expected, host.Scratch, actual, after);
        }

        faults += actual.FaultVector >= 0 ? 1 : 0;
        if (difference is not null)
            TestContext.Out.WriteLine($"{instruction.Code}: {instruction} {Convert.ToHexString(bytes)}{Environment.NewLine}{difference}");
        return difference is not null;
    }
}
