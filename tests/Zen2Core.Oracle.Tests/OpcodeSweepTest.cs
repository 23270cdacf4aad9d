using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Which encodings exist, how long they are and what they raise at user level: every opcode with every combination of prefixes that
/// matters. Encodings of later instruction sets, which the host may have, are #UD on a Zen 2.
/// </summary>
[TestFixture]
[Category("HostOracle")]
public sealed unsafe class OpcodeSweepTest
{
    private const long InvalidOpcode = 6;

    [SetUp]
    public void NeedsHost()
    {
        if (HostCpu.Unavailable is string reason)
            Assert.Ignore(reason);
    }

    [Test]
    public void LegacyEncodings() => Sweep(OpcodeSweep.Legacy());

    [Test]
    public void VexEncodings() => Sweep(OpcodeSweep.Vex());

    private static void Sweep(IEnumerable<byte[]> encodings)
    {
        using OracleMachine machine = new();
        EngineCpu cpu = new(machine, Engines.Make(Engines.Functional, machine));
        HostCpu host = HostCpu.Open();
        byte[] memory = new byte[OracleLayout.ScratchSize];
        MachineImage input = Registers();
        SortedDictionary<string, (string Example, int Count)> differences = new(StringComparer.Ordinal);
        int compared = 0, undefined = 0, foreign = 0;
        foreach (byte[] code in encodings)
        {
            Instruction instruction = Decode(code);
            bool withoutModRm = instruction.Code != Code.INVALID && instruction.Length < code.Length;
            if (withoutModRm && code[^1] != OpcodeSweep.FirstModRm)
                continue;
            bool isForeign = FormInventory.Of(instruction.Code) == FormStatus.Undefined;
            if (!isForeign && (!OpcodeSweep.IsHarmless(code, instruction) || !OnHost(instruction.Code)))
                continue;
            memory.AsSpan().Clear();
            cpu.Run(code, input, memory, out MachineImage actual);
            MachineImage expected;
            if (isForeign)
            {
                foreign++;
                expected = new MachineImage { FaultVector = InvalidOpcode, FaultRip = OracleLayout.Code };
            }
            else
            {
                compared++;
                host.Scratch.Clear();
                host.LoadProgram(code);
                host.RunProgram(input, out expected);
            }

            undefined += expected.FaultVector == InvalidOpcode ? 1 : 0;
            if (expected.FaultVector != actual.FaultVector || expected.FaultRip != actual.FaultRip)
            {
                string key = $"{instruction.Code} {expected.FaultVector} {actual.FaultVector}";
                string example = $"{Convert.ToHexString(code)} ({instruction}, {instruction.Code}): {Describe(expected)}, simulator {Describe(actual)}";
                differences[key] = differences.TryGetValue(key, out (string Example, int Count) known) ? (known.Example, known.Count + 1) : (example, 1);
            }
        }

        TestContext.Out.WriteLine($"{compared} encodings compared with the host, {foreign} of other instruction sets, {undefined} of all #UD, {differences.Values.Sum(d => d.Count)} differ");
        foreach ((string example, int count) in differences.Values)
            TestContext.Out.WriteLine($"{count} like {example}");
        Assert.That(differences.Values.Select(d => d.Example), Is.Empty);
        Assert.That(compared, Is.GreaterThan(10_000));
    }

    private static bool OnHost(Code code) => code == Code.INVALID || !HostFeatures.OnZen2(code) || HostFeatures.OnHost(code);

    private static string Describe(in MachineImage image) => image.FaultVector < 0 ? $"ends at {image.FaultRip:X}" : $"vector {image.FaultVector} at {image.FaultRip:X}";

    private static Instruction Decode(byte[] code)
    {
        byte[] padded = new byte[code.Length + 15];
        Array.Fill(padded, (byte)0xCC);
        code.CopyTo(padded, 0);
        return Decoder.Create(64, padded, OracleLayout.Code, DecoderOptions.AMD).Decode();
    }

    // Memory operands are valid and aligned, counts small, divisors not zero.
    private static MachineImage Registers()
    {
        MachineImage image = MachineImage.CreateClean();
        for (int i = 0; i < 16; i++)
            image.Gpr[i] = OracleLayout.Scratch + 0x1000;
        image.Gpr[0] = 7;
        image.Gpr[1] = 1;
        image.Gpr[2] = 0;
        image.Gpr[4] = OracleLayout.Scratch + OracleLayout.StackOffset;
        return image;
    }
}
