using CoSim.Cli.Study;

namespace CoSim.Cli.Tests;

/// <summary>Spans from markers and retirements.</summary>
[TestFixture]
public sealed class SpanCollectorTests
{
    private static readonly string[] Causes = ["retiring", "l1", "dram"];
    private static readonly StudyConfiguration Configuration = new(1, Clocksource.Tsc, NamespaceKind.Root, CallPath.Vdso, CacheState.Warm);

    [Test]
    public void CyclesAreThoseBetweenTheMarkersAndAllAreAttributed()
    {
        SpanCollector spans = new(1, Causes);
        spans.Retire(0, 0x10);
        Span(spans, 0, index: 0, start: 100, (0x20, 1, 5), (0x24, 0, 1), (0x20, 1, 4));
        Span(spans, 0, index: 1, start: 200, (0x20, 2, 30));

        ConfigurationProfile profile = spans.Find(Configuration)!;
        InstructionProfile load = profile.Instructions.First();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(profile.Samples, Is.EqualTo(new ulong[] { 10, 30 }));
            Assert.That(profile.UnattributedCycles, Is.Zero);
            Assert.That(profile.InstructionsRetired, Is.EqualTo(4));
            Assert.That(profile.CyclesByCause(), Is.EqualTo(new ulong[] { 1, 9, 30 }));
            Assert.That(profile.Instructions.Select(i => i.Address), Is.EqualTo(new ulong[] { 0x20, 0x24 }), "nothing from outside the spans");
            Assert.That((load.Address, load.Times, load.Cycles), Is.EqualTo((0x20UL, 3UL, 39UL)));
            Assert.That(spans.Completed, Is.EqualTo(2));
            Assert.That(spans.Abandoned, Is.Zero);
        }
    }

    [Test]
    public void CyclesThatNoInstructionAccountsForAreCounted()
    {
        SpanCollector spans = new(1, Causes);
        spans.Begin(0, Id(0), 100);
        spans.Charge(0, 0x20, 0, 7);
        spans.End(0, Id(0), 110);
        Assert.That(spans.Find(Configuration)!.UnattributedCycles, Is.EqualTo(3));
    }

    [Test]
    public void SpanThatEndsOnAnotherCoreIsGivenUp()
    {
        SpanCollector spans = new(2, Causes);
        spans.Begin(0, Id(0), 100);
        spans.Charge(0, 0x20, 0, 7);
        spans.End(1, Id(0), 110);
        Assert.That((spans.Completed, spans.Abandoned, spans.Profiles.Count), Is.EqualTo((0, 1, 0)));
    }

    [Test]
    public void SecondBeginGivesTheFirstSpanUp()
    {
        SpanCollector spans = new(1, Causes);
        spans.Begin(0, Id(0), 100);
        spans.Charge(0, 0x20, 0, 7);
        Span(spans, 0, index: 1, start: 200, (0x24, 0, 2));
        ConfigurationProfile profile = spans.Find(Configuration)!;
        Assert.That((spans.Abandoned, profile.Samples.Single(), profile.CyclesByCause()[0]), Is.EqualTo((1, 2UL, 2UL)));
    }

    [Test]
    public void CoresHaveSpansOfTheirOwn()
    {
        SpanCollector spans = new(2, Causes);
        spans.Begin(0, Id(0), 100);
        spans.Begin(1, Id(1), 500);
        spans.Charge(1, 0x30, 2, 9);
        spans.Charge(0, 0x20, 0, 4);
        spans.End(0, Id(0), 104);
        spans.End(1, Id(1), 509);
        Assert.That(spans.Find(Configuration)!.Samples, Is.EqualTo(new ulong[] { 4, 9 }));
    }

    [Test]
    public void IdentifiersSurvivePackingAndUnpacking()
    {
        for (int clock = 0; clock < 12; clock++)
            for (int axis = 0; axis < 24; axis++)
            {
                StudyConfiguration c = new(clock, (Clocksource)(axis % 3), (NamespaceKind)(axis / 3 % 2), (CallPath)(axis / 6 % 2), (CacheState)(axis / 12));
                Assert.That(SpanId.Unpack(new SpanId(c, (uint)axis).Pack()), Is.EqualTo(new SpanId(c, (uint)axis)));
            }
    }

    /// <summary>The layout that the workload in the guest uses.</summary>
    [Test]
    public void IdentifierLayout() =>
        Assert.That(
            new SpanId(new StudyConfiguration(7, Clocksource.AcpiPm, NamespaceKind.Child, CallPath.Syscall, CacheState.Cold), 5).Pack(),
            Is.EqualTo(7UL | 2UL << 8 | 1UL << 16 | 1UL << 20 | 1UL << 24 | 5UL << 32));

    private static ulong Id(uint index) => new SpanId(Configuration, index).Pack();

    private static void Span(SpanCollector spans, int core, uint index, ulong start, params (ulong Address, int Cause, ulong Cycles)[] work)
    {
        spans.Begin(core, Id(index), start);
        foreach ((ulong address, int cause, ulong cycles) in work)
        {
            spans.Charge(core, address, cause, cycles);
            spans.Retire(core, address);
            start += cycles;
        }
        spans.End(core, Id(index), start);
    }
}
