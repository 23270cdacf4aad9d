using CoSim.Hw.Simulation;
using CoSim.Traces.Format;

namespace CoSim.Traces.Tests;

/// <summary>Packed instructions and micro-ops.</summary>
public sealed class InstructionTraceTests
{
    [Test]
    public void WhatIsPackedIsUnpacked([Values(1, 2, 3, 4, 5, 6)] int seed)
    {
        List<TraceEvent> events = InstructionSample.Random(seed, 40_000);
        using TraceReader reader = new(new MemoryStream(InstructionSample.Write(events)));
        Assert.That(reader.Count, Is.EqualTo((ulong)events.Count));
        int at = 0;
        foreach (TraceEvent e in reader.Events())
        {
            Assert.That(e.SameContent(events[at]), $"seed {seed}, event {at}: {e} instead of {events[at]}");
            Assert.That(e.Time, Is.EqualTo(events[at].Time), $"seed {seed}, event {at}");
            at++;
        }

        Assert.That(at, Is.EqualTo(events.Count));
    }

    [Test]
    public void ALoopTakesLessThanAByteAnInstruction()
    {
        const int count = 1_000_000;
        byte[] trace = InstructionSample.Write(InstructionSample.Loop(count));
        Assert.That(trace, Has.Length.LessThan(count));
    }

    [Test]
    public void TheSameInstructionsGiveTheSameBytes() =>
        Assert.That(InstructionSample.Write(InstructionSample.Random(5, 20_000)), Is.EqualTo(InstructionSample.Write(InstructionSample.Random(5, 20_000))));

    [Test]
    public void ACutTraceIsReadableToItsLastWholeBlock()
    {
        List<TraceEvent> events = InstructionSample.Random(7, 250_000);
        byte[] whole = InstructionSample.Write(events);
        IReadOnlyList<BlockEntry> blocks = new TraceReader(new MemoryStream(whole)).Blocks;
        Assert.That(blocks, Has.Count.GreaterThan(2));
        using TraceReader reader = new(new MemoryStream(whole, 0, (int)blocks[2].Offset + 50));
        Assert.That(reader.Blocks, Is.EqualTo(blocks.Take(2)));
        Assert.That(reader.Events().Count(), Is.EqualTo(blocks[0].Count + blocks[1].Count));
        Assert.That(reader.EventsFrom(blocks[1].FirstSequence + 5).First().SameContent(events[(int)blocks[1].FirstSequence + 5]));
    }

    [Test]
    public void DamageNeverGivesAnythingElseThanAFormatError()
    {
        byte[] whole = InstructionSample.Write(InstructionSample.Random(8, 400), InstructionSample.Header, compressed: false);
        int refused = 0;
        for (int seed = 0; seed < DamagedTrace.Cases; seed++)
        {
            try
            {
                using TraceReader reader = new(new MemoryStream(DamagedTrace.OfContent(whole, seed)));
                foreach (TraceEvent e in reader.Events())
                    _ = e.ToString();
            }
            catch (TraceFormatException e)
            {
                Assert.That(e.Message, Is.Not.Empty, $"seed {seed}");
                refused++;
            }
        }

        Assert.That(refused, Is.GreaterThan(DamagedTrace.Cases / 10));
    }

    [Test]
    public void WithoutAClockInstructionsStandByThemselves()
    {
        TraceHeader header = new(TraceLevel.Retire, [], TraceEvents.All);
        TraceEvent e = new(TraceEvents.Retire, SimTime.FromFemtoseconds(5));
        e.Values[1] = 0x1000;
        using TraceReader reader = new(new MemoryStream(InstructionSample.Write([e], header)));
        Assert.That(reader.Events().Single().ToString(), Does.StartWith("retire core=0 rip=1000 cycle=0"));
        Assert.That(reader.Events().Single().Time, Is.EqualTo(e.Time));
    }
}
