using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Memory;
using CoSim.Hw.Zen2Core.OutOfOrder;
using Iced.Intel;

namespace CoSim.OutOfOrder.Tests;

/// <summary>The timing data: complete, used, and strict about mistakes.</summary>
public sealed class DataTests
{
    private static readonly Frequency s_clock = Frequency.FromMegahertz(2250);

    [Test]
    public void Every_parameter_is_used_by_something()
    {
        using DetailedMachine<NoProbe> machine = new();
        CoreParameters parameters = CoreParameters.Load(s_clock);
        CacheHierarchy caches = new(new MemoryParameters(parameters), 1);
        using DetailedEngine<NoProbe> engine = new(machine.Cores[0], caches, parameters, InstructionTimings.Load(), default);
        Assert.That(parameters.Unread, Is.Empty);
    }

    [Test]
    public void Nanoseconds_become_cycles_of_the_core()
    {
        CoreParameters parameters = CoreParameters.Load(CsvTable.Parse("t.csv", "name,value,unit,tag,source\nx,122000,ps,M,s\ny,3,cycles,V,s\n"), s_clock);
        Assert.That(parameters.Cycles("x"), Is.EqualTo(275));
        Assert.That(parameters.Cycles("y"), Is.EqualTo(3));
    }

    [TestCase("name,value,unit,tag,source\nx,12,cycles,M\n", "p.csv:2: 4 fields where the header has 5")]
    [TestCase("name,value,unit,tag,source\nx,many,cycles,M,s\n", "p.csv:2: 'many' in column 'value' is not a number")]
    [TestCase("name,value,unit,tag,source\nx,1,cycles,Q,s\n", "p.csv:2: unknown tag 'Q'")]
    [TestCase("name,value,unit,tag,source\nx,1,cycles,M,\n", "p.csv:2: 'x' has no source")]
    [TestCase("name,value,unit,tag,source\nx,1,cycles,M,s\nx,2,cycles,M,s\n", "p.csv:3: 'x' is defined twice")]
    [TestCase("name,value,unit,tag,source\nx,1,cycles,M,\"s\n", "p.csv:2: a quote is not closed")]
    [TestCase("", "p.csv:1: empty file")]
    public void A_mistake_names_file_and_line(string text, string message)
    {
        DataFileException error = Assert.Throws<DataFileException>(() => CoreParameters.Load(CsvTable.Parse("p.csv", text), s_clock))!;
        Assert.That(error.Message, Is.EqualTo(message));
    }

    [Test]
    public void A_parameter_that_is_not_there_is_named() =>
        Assert.That(
            () => CoreParameters.Load(s_clock)["no.such"], Throws.TypeOf<DataFileException>().With.Message.Contains("no parameter 'no.such'"));

    [TestCase(Code.Add_rm64_r64, false, 1, 1)]
    [TestCase(Code.Imul_r64_rm64, false, 3, 1)]
    [TestCase(Code.Addsd_xmm_xmmm64, false, 3, 1)]
    [TestCase(Code.Mulpd_xmm_xmmm128, false, 3, 1)]
    [TestCase(Code.Je_rel8_64, false, 0, 1)]
    [TestCase(Code.Push_r64, false, 0, 1)]
    [TestCase(Code.Call_rel32_64, false, 0, 2)]
    public void Forms_find_their_measurements(Code code, bool memory, int latency, int macroOps)
    {
        Assert.That(InstructionTimings.Load().TryGet(code, memory, out FormTiming timing), Is.True);
        Assert.That((timing.Latency, timing.MacroOps), Is.EqualTo((latency, macroOps)));
    }

    [Test]
    public void Most_forms_of_gcc_code_have_measurements()
    {
        InstructionTimings timings = InstructionTimings.Load();
        Mnemonic[] common =
        [
            Mnemonic.Mov, Mnemonic.Add, Mnemonic.Sub, Mnemonic.And, Mnemonic.Or, Mnemonic.Xor, Mnemonic.Cmp, Mnemonic.Test, Mnemonic.Shl, Mnemonic.Shr,
            Mnemonic.Imul, Mnemonic.Movzx, Mnemonic.Movsx, Mnemonic.Inc, Mnemonic.Dec, Mnemonic.Neg, Mnemonic.Paddd, Mnemonic.Pxor, Mnemonic.Mulsd,
        ];
        Code[] codes = [.. Enum.GetValues<Code>().Where(c => c.Encoding() == EncodingKind.Legacy && common.Contains(c.Mnemonic()))];
        int found = codes.Count(c => timings.TryGet(c, false, out _) || timings.TryGet(c, true, out _));
        TestContext.Out.WriteLine($"{found} of {codes.Length}");
        Assert.That(found * 100 / codes.Length, Is.GreaterThan(70));
    }
}
