using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>
/// A program that reads no clock leaves the same memory behind, whichever engine runs it and however its processors' steps
/// interleave; and a second run of the same engine repeats every byte of the machine.
/// </summary>
public sealed class MemoryImageTests
{
    private const int ConventionalEnd = 0xA0000, ExtendedStart = 0x100000;
    private static readonly SimTime End = SimTime.Zero + SimDuration.FromSeconds(1);

    [Test]
    public void EnginesLeaveTheSameMemory()
    {
        byte[] portable = Run(EngineKind.Functional, translate: false).Memory;
        byte[] translated = Run(EngineKind.Functional, translate: true).Memory;
        byte[] detailed = Run(EngineKind.Detailed, translate: true).Memory;
        Assert.That(FirstDifference(portable, translated), Is.EqualTo(-1), "translated");
        Assert.That(FirstDifference(portable, detailed), Is.EqualTo(-1), "detailed");
    }

    [Test]
    public void ASecondRunRepeatsEveryByteOfTheMachine([Values] EngineKind engine)
    {
        byte[] first = Run(engine, translate: true).Machine;
        byte[] second = Run(engine, translate: true).Machine;
        Assert.That(FirstDifference(first, second), Is.EqualTo(-1));
    }

    private static (byte[] Memory, byte[] Machine) Run(EngineKind engine, bool translate)
    {
        using Bench bench = new(Bench.Spec(ClocklessProgram.Processors) with { Engine = engine, Translate = translate });
        ClocklessProgram.Start(bench.Machine);
        Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.PowerOff));
        byte[] machine = bench.Machine.Save();
        byte[] memory = new byte[ClocklessProgram.MemoryEnd];
        bench.Machine.Memory.Read(0, memory.AsSpan(0, ConventionalEnd));
        bench.Machine.Memory.Read(ExtendedStart, memory.AsSpan(ExtendedStart));
        Assert.That(BitConverter.ToUInt32(memory, ClocklessProgram.Finished), Is.EqualTo(ClocklessProgram.Processors), "processors that came to their end");
        Assert.That(BitConverter.ToUInt32(memory, ClocklessProgram.Faults), Is.EqualTo(ClocklessProgram.ExpectedFaults));
        return (memory, machine);
    }

    private static int FirstDifference(byte[] a, byte[] b)
    {
        int at = a.AsSpan().CommonPrefixLength(b);
        return at == a.Length && at == b.Length ? -1 : at;
    }
}
