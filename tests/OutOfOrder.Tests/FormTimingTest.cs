using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Isa.Decode;
using Iced.Intel;

namespace CoSim.OutOfOrder.Tests;

/// <summary>Every form that executes has timing data, measured or estimated, with its source.</summary>
public sealed class FormTimingTest
{
    [Test]
    public void Every_form_has_timing_data()
    {
        InstructionTimings timings = InstructionTimings.Load();
        Code[] without = FormTable.Implemented.Where(c => !timings.Covers(c)).ToArray();
        TestContext.Out.WriteLine($"{without.Length} of {FormTable.Implemented.Count()} have none");
        foreach (IGrouping<Mnemonic, Code> group in without.GroupBy(c => c.Mnemonic()))
            TestContext.Out.WriteLine($"{group.Key}: {string.Join(" | ", group.Select(c => c.ToOpCode().ToInstructionString()))}");
        Assert.That(without.Select(c => c.ToOpCode().ToInstructionString()), Is.Empty);
    }
}
