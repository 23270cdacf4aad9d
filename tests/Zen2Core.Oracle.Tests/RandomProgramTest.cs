using System.Text;
using CoSim.Hw.Zen2Core;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>Random programs with branches: the host, then each engine. Five programs for every case that a form gets.</summary>
[TestFixture]
[Category("HostOracle")]
public sealed unsafe class RandomProgramTest
{
    private const int ProgramsPerCase = 5, ShownFailures = 3;

    [SetUp]
    public void NeedsHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
    }

    [Test]
    public void ProgramsAgree([ValueSource(typeof(Engines), nameof(Engines.All))] string engine)
    {
        using OracleMachine machine = new(translate: engine == Engines.Translated);
        ICoreEngine made = Engines.Make(engine, machine);
        EngineCpu cpu = new(machine, made);
        HostCpu host = HostCpu.Open();
        (int part, int parts) = OracleSettings.Shard;
        CaseRandom random = new(OracleSettings.Seed + (ulong)part);
        byte[] before = new byte[OracleLayout.ScratchSize], after = new byte[OracleLayout.ScratchSize];
        int count = Engines.Thinned(engine, OracleSettings.Cases * ProgramsPerCase / parts), failures = 0, faults = 0;
        for (int n = 0; n < count && failures < ShownFailures; n++)
        {
            byte[] code = ProgramFactory.Create(random, out IReadOnlyList<Instruction> instructions);
            MachineImage input = default;
            CaseFactory.FillRegisters(random, ref input);
            input.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset;
            EdgeValues.FillLanes(random, before);
            before.CopyTo(after, 0);
            cpu.Run(code, input, after, out MachineImage actual);
            host.LoadProgram(code);
            string? difference = null;

            // A second time in case that the host switched tasks, which loses x87 pointers.
            for (int attempt = 0; attempt == 0 || (attempt < 2 && difference is not null); attempt++)
            {
                before.CopyTo(host.Scratch);
                host.RunProgram(input, out MachineImage expected);
                difference = OracleComparer.Compare(default, input, expected, host.Scratch, actual, after);
            }

            faults += actual.FaultVector >= 0 ? 1 : 0;
            if (difference is null)
                continue;
            failures++;
            TestContext.Out.WriteLine(Describe(n, instructions, code, input) + difference);
        }

        (made as IDisposable)?.Dispose();
        TestContext.Out.WriteLine($"seed {OracleSettings.Seed:X}h: {count} programs, {faults} of them ended by an exception, {failures} differ");
        Assert.That(failures, Is.Zero);
        Assert.That(faults, Is.LessThan(count / 2), "most programs must run to their end");
    }

    private static string Describe(int number, IReadOnlyList<Instruction> instructions, byte[] code, MachineImage input)
    {
        StringBuilder text = new();
        text.AppendLine($"program {number}: {Convert.ToHexString(code)}");
        text.AppendLine($"  mxcsr {input.Mxcsr:X} fcw {input.ControlWord:X} fsw {input.StatusWord:X} rflags {input.Rflags:X} rcx {input.Gpr[1]:X}");
        foreach (Instruction instruction in instructions)
            text.AppendLine($"  {instruction.IP,3}: {instruction}");
        return text.ToString();
    }
}
