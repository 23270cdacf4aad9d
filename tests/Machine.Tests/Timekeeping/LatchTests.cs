using CoSim.Guest.Symbols;
using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests.Timekeeping;

/// <summary>
/// Timekeeping reference, section 3, Latch for NMI: two copies under a sequence count, so that an NMI which interrupts the writer reads a
/// consistent time and never waits.
/// </summary>
public sealed class LatchTests
{
    private const ulong NmiLabel = 0x494D4E;
    private const int MostInstructions = 2000;

    /// <summary>The clock may be behind around an update by what the multiplier's last unit makes of a tick; more would be a torn read.</summary>
    private const long StepNanoseconds = 100;

    /// <summary>From one state of the machine, an NMI before each instruction of one update of the clocks in turn.</summary>
    [Test]
    public void Section3_AnNmiAtEveryInstructionOfAnUpdateReadsAConsistentTime()
    {
        ulong publish = ElfImage.Load(Bench.Image("os.elf")).Symbols.All.Single(s => s.DisplayName == "Timekeeper.Publish").Address;
        using Bench bench = IdleMachine.Create(1, "quiet");
        IdleMachine.RunTo(bench, 2600); // past the calibration: the clocks are updated twice a second
        StopAt(bench, RunPlace.AtAddress(publish));
        byte[] before = bench.Machine.Save();
        ulong start = bench.Machine.Instructions;
        int length = LengthOfUpdate(bench);
        Assert.That(length, Is.InRange(50, MostInstructions), "instructions of one update");

        long stamp = -1, last = 0, first = 0;
        bench.Requests = (request, argument) =>
        {
            if (request != GuestRequest.Label || (argument & 0xFF_FFFF) != NmiLabel)
                return;
            stamp = (long)(argument >> 24);
            bench.Machine.RequestStop();
        };
        for (int i = 0; i <= length; i++)
        {
            bench.Machine.Restore(before);
            if (i > 0)
                StopAt(bench, RunPlace.AtInstruction(start + (ulong)i));
            stamp = -1;
            bench.Machine.Cores[0].Context.RaiseNmi();
            StopReason reason = bench.RunTo(bench.Machine.Now + SimDuration.FromMilliseconds(1));
            Assert.That((reason, stamp > 0), Is.EqualTo((StopReason.Requested, true)), $"instruction {i}: no NMI was handled; {bench.Console}");
            if (i == 0)
                first = stamp;
            else
                Assert.That(stamp, Is.GreaterThanOrEqualTo(last - StepNanoseconds), $"instruction {i} of {length}: the clock went back");
            // An instruction takes less than a nanosecond here: the time passed is that of the instructions.
            Assert.That(stamp - first, Is.InRange(-StepNanoseconds, length + StepNanoseconds), $"instruction {i} of {length}");
            last = stamp;
        }
        Assert.That(last, Is.GreaterThan(first));
        TestContext.Out.WriteLine($"{length} instructions, {first} to {last} ns");
    }

    /// <summary>Runs to the return of the function that has just been entered.</summary>
    private static unsafe int LengthOfUpdate(Bench bench)
    {
        ulong stack = bench.Machine.Cores[0].Context.State->Gpr[4];
        int count = 0;
        for (; count <= MostInstructions && bench.Machine.Cores[0].Context.State->Gpr[4] <= stack; count++)
            StopAt(bench, RunPlace.AtInstruction(bench.Machine.Instructions + 1));
        return count;
    }

    private static void StopAt(Bench bench, RunPlace place)
    {
        bench.Machine.Arm(new Trigger(place, null));
        StopReason reason = bench.RunTo(bench.Machine.Now + SimDuration.FromSeconds(2));
        Assert.That(reason, Is.AnyOf(StopReason.InstructionsReached, StopReason.AddressReached), $"{place}: {bench.Console}");
    }
}
