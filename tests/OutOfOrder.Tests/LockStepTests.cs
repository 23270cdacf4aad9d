namespace CoSim.OutOfOrder.Tests;

/// <summary>Both engines give the same architectural state after every instruction.</summary>
public sealed class LockStepTests
{
    [Test]
    public void Random_programs_give_the_same_state_after_every_instruction([Range(1, 40)] int seed)
    {
        using LockStep run = new(new RandomProgram(seed).Emit);
        run.Run($"seed {seed}");
        TestContext.Out.WriteLine(
            $"seed {seed}: {run.Checked} instructions in {run.Detailed.Engine.Now} cycles, {run.Detailed.Engine.Mispredictions} mispredictions, "
            + $"{run.Detailed.Engine.MemoryClears} memory clears, {run.Detailed.Engine.Squashed} micro-ops squashed");
        Assert.That(run.Checked, Is.GreaterThan(1000UL));
        Assert.That(run.Detailed.Engine.Cycles.Total, Is.EqualTo(run.Detailed.Engine.Now));
    }
}
