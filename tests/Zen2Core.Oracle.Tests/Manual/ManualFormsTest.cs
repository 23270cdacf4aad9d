using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests.Manual;

/// <summary>
/// Instruction forms that the host cannot answer for, against the operations of AMD's manual: random states at level 0 and 3, in 64-bit
/// code and in compatibility mode, with every check that the manual has.
/// </summary>
[TestFixture]
public sealed class ManualFormsTest
{
    private const int ShownFailures = 2;

    // Compared with the forms of the same family that the host has, in StateComponentTest.
    private static readonly HashSet<Code> s_comparedElsewhere = [Code.Xsaves_mem, Code.Xsaves64_mem, Code.Xrstors_mem, Code.Xrstors64_mem];

    private static readonly HashSet<Code> s_host = [.. InstructionForms.All, .. InstructionForms.Strings, .. InstructionForms.Branches, .. LegacyForms.All];

    private static readonly Code[] s_forms = [.. FormTable.Implemented.Where(c => !s_host.Contains(c) && ManualOperations.Has(c))];

    [Test]
    public void EveryFormHasAnOracle()
    {
        IEnumerable<Code> without = FormTable.Implemented.Where(c => !s_host.Contains(c) && !ManualOperations.Has(c) && !s_comparedElsewhere.Contains(c));
        Assert.That(without, Is.Empty, "executed forms that neither the host nor the manual is asked about");
    }

    [Test]
    public void EveryFormAgreesWithTheManual([ValueSource(typeof(Engines), nameof(Engines.All))] string engine)
    {
        using ManualMachine machine = new(engine);
        int cases = Engines.Thinned(engine, OracleSettings.Cases), run = 0, refused = 0;
        List<Code> different = [], notEncoded = [];
        (int part, int parts) = OracleSettings.Shard;
        int number = 0;
        foreach (Code code in s_forms)
        {
            if (number++ % parts != part || (OracleSettings.Only is string only && !code.ToString().Contains(only, StringComparison.OrdinalIgnoreCase)))
                continue;
            CaseRandom random = new(OracleSettings.Seed ^ ((ulong)code * 0x9E37_79B9_7F4A_7C15));
            int failures = 0, encoded = 0;
            for (int n = 0; n < cases && failures < ShownFailures; n++)
            {
                int bits = random.OneIn(2) ? 64 : 32;
                if (ManualInstance.TryCreate(code, bits, random, out Instruction instruction) is not byte[] bytes)
                    continue;
                encoded++;
                run++;
                failures += Differs(machine, bytes, instruction, bits, random, ref refused) ? 1 : 0;
            }

            if (failures > 0)
                different.Add(code);
            if (encoded == 0)
                notEncoded.Add(code);
        }

        TestContext.Out.WriteLine($"seed {OracleSettings.Seed:X}h: {run} cases, {refused} exceptions; never decoded as such: {string.Join(' ', notEncoded)}");
        Assert.That(different, Is.Empty, "forms that differ from the manual");
        if (parts == 1)
            Assert.That(run, Is.GreaterThan(0));
    }

    private static bool Differs(ManualMachine machine, byte[] bytes, Instruction instruction, int bits, CaseRandom random, ref int refused)
    {
        ManualCase chosen = new(random, instruction, bits);
        ManualState before = chosen.Make();
        byte[] tables = ManualLayout.Make(random);
        machine.SetMemory(tables, chosen.Scratch);
        ManualMemory memory = new(machine.Read) { WriteProtect = (before.Cr0 & 0x1_0000) != 0, Is64Bit = bits == 64, StackAddressed = instruction.MemoryBase is Register.RBP or Register.EBP };
        ManualState expected = before.Clone();
        ManualProcessor manual = new(expected, memory, instruction);
        expected.Rip += (ulong)bytes.Length;
        ManualException? exception = null;
        try
        {
            ManualOperations.Find(instruction.Code)!(manual);
        }
        catch (ManualException e)
        {
            exception = e;
            refused++;
            expected = AtException(before, expected, e, bytes.Length);
            ForgetWrites(manual);
            manual.OpenRegisters.Clear();
        }

        if (manual.IsOutside || (exception is null && !ManualMemory.IsCode(expected.Rip)))
            return false;
        ExceptionFrame? frame = machine.Run(bytes, before, exception is null && expected.Cpl == 0 && !manual.Halts, out ManualState actual);
        if (manual.Halts && exception is null)
            actual.Rip++;
        string? difference = ManualComparer.Compare(expected, exception, manual.OpenRegisters, actual, frame) ?? CompareMemory(machine, manual, tables, chosen.Scratch);
        if (difference is not null)
        {
            string registers = string.Join(' ', before.Gpr.Select((value, n) => $"{n}:{value:X}"));
            TestContext.Out.WriteLine($"{instruction.Code}, {bits} bits, level {before.Cpl}: {instruction} {Convert.ToHexString(bytes)}: {difference}{Environment.NewLine}  {registers}");
        }

        return difference is not null;
    }

    // What stands beyond the top of the stack after a fault is not defined: a far call may have pushed before it was refused.
    private static void ForgetWrites(ManualProcessor manual)
    {
        manual.Unspecified = manual.Mnemonic == Mnemonic.Call ? [.. manual.Memory.Written.Keys] : [];
        manual.Memory.Written.Clear();
    }

    // A fault leaves everything as it was, but for what the debug registers keep.
    private static ManualState AtException(ManualState before, ManualState at, ManualException e, int length)
    {
        ManualState expected = before.Clone();
        for (int n = 0; n < 8; n++)
            expected.Dr[n] = at.Dr[n];
        if (e.IsTrap)
            expected.Rip += (ulong)length;
        return expected;
    }

    private static string? CompareMemory(ManualMachine machine, ManualProcessor manual, byte[] tables, byte[] scratch)
    {
        foreach (ulong at in manual.Unspecified.Where(a => a >= OracleLayout.Scratch && a < OracleLayout.ReadOnly))
            scratch[at - OracleLayout.Scratch] = machine.Read(at);
        foreach ((ulong at, byte value) in manual.Memory.Written)
        {
            byte[] area = at < OracleLayout.Scratch ? tables : scratch;
            ulong offset = at - (at < OracleLayout.Scratch ? ManualLayout.Tables : OracleLayout.Scratch);
            if (offset < (ulong)area.Length)
                area[offset] = value;
            else if (machine.Read(at) != value)
                return $"memory at {at:X}: manual {value:X2}, engine {machine.Read(at):X2}";
        }

        return Same(machine, ManualLayout.Tables, tables) ?? Same(machine, OracleLayout.Scratch, scratch);
    }

    private static string? Same(ManualMachine machine, ulong from, byte[] expected)
    {
        int n = machine.Read(from, expected.Length).CommonPrefixLength(expected);
        return n == expected.Length ? null : $"memory at {from + (ulong)n:X}: manual {expected[n]:X2}, engine {machine.Read(from + (ulong)n):X2}";
    }
}
