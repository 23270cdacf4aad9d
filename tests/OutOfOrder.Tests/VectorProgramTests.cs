using CoSim.Hw.Zen2Core;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Tests.HostOracle;
using Iced.Intel;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Random sequences of vector, MMX and x87 instructions on registers: both engines agree after each of them.</summary>
public sealed unsafe class VectorProgramTests
{
    private const int Length = 3000;

    [Test]
    public void Legacy_vector_programs_agree([Range(1, 4)] int seed) => Run(seed, EncodingKind.Legacy, upperHalves: seed % 2 == 0);

    [Test]
    public void Mixed_vector_programs_agree([Range(1, 4)] int seed) => Run(seed, null, upperHalves: true);

    private static void Run(int seed, EncodingKind? encoding, bool upperHalves)
    {
        CaseRandom random = new((ulong)seed);
        Code[] forms = InstructionForms.All.Where(code => IsWanted(code, encoding)).ToArray();
        using LockStep run = new(assembler =>
        {
            for (int i = 0; i < Length; i++)
            {
                if (FormInstance.TryCreate(random.Pick<Code>(forms), random, Addressing.Fixed) is { } instance && !TouchesMemory(instance.Instruction))
                    assembler.db(instance.Bytes);
            }

            assembler.hlt();
        });
        ulong registers = random.Next();
        Prepare(run.Reference.Cores[0], new CaseRandom(registers), upperHalves);
        Prepare(run.Detailed.Cores[0], new CaseRandom(registers), upperHalves);
        run.Detailed.Engine.Attach(0);
        run.Run($"seed {seed}");
        Assert.That(run.Checked, Is.GreaterThan((ulong)Length / 4));
        Assert.That(run.Detailed.Engine.Cycles.Total, Is.EqualTo(run.Detailed.Engine.Now));
    }

    private static void Prepare(CoreContext core, CaseRandom random, bool upperHalves)
    {
        CpuState* s = core.State;
        s->Cr4 |= ControlBits.Cr4Xsave | ControlBits.Cr4FxSave;
        s->Xcr0 = 7;

        // Everything masked: reset leaves the x87 exceptions unmasked.
        s->X87.Control = 0x37F;
        s->X87.Tag = 0xFFFF;
        s->Mxcsr = 0x1F80;
        Span<byte> lanes = stackalloc byte[16];
        for (int i = 0; i < 32; i++)
        {
            EdgeValues.FillLanes(random, lanes);
            if ((i & 1) == 0 || upperHalves)
                lanes.CopyTo(new Span<byte>(s->Vec + (i * 2), 16));
        }

        core.RefreshMode();
    }

    // Everything with a vector, MMX or x87 register operand that the tables implement.
    private static bool IsWanted(Code code, EncodingKind? encoding)
    {
        OpCodeInfo info = code.ToOpCode();
        if ((encoding is not null && info.Encoding != encoding) || FormTable.Row(code) is null || code.Mnemonic() is Mnemonic.Maskmovq
            or Mnemonic.Maskmovdqu or Mnemonic.Vmaskmovdqu)
        {
            return false;
        }

        for (int i = 0; i < info.OpCount; i++)
        {
            string kind = info.GetOpKind(i).ToString();
            if (kind.StartsWith("xmm", StringComparison.Ordinal) || kind.StartsWith("ymm", StringComparison.Ordinal)
                || kind.StartsWith("mm_", StringComparison.Ordinal) || kind.StartsWith("st", StringComparison.Ordinal))
            {
                return true;
            }
        }

        return false;
    }

    private static bool TouchesMemory(in Instruction instruction)
    {
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (instruction.GetOpKind(i) is OpKind.Memory)
                return true;
        }

        return false;
    }
}
