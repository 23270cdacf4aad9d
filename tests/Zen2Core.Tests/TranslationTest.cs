using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;
using Iced.Intel;
using static Iced.Intel.AssemblerRegisters;

namespace CoSim.Zen2Core.Tests;

/// <summary>Translated code against the handlers that it stands for: the same state after the same number of instructions, always.</summary>
public sealed unsafe class TranslationTest
{
    private const int Slices = 60;

    [Test]
    public void RandomProgramsEndUpAlike([Range(1, 12)] int seed)
    {
        using TestMachine threaded = Prepare(seed, null);
        using TestMachine translated = Prepare(seed, (uint)(seed % 3) * 5);
        SeededRandom random = new("slices", (ulong)seed);
        for (int slice = 0; slice < Slices; slice++)
        {
            ulong cycles = 1 + random.Below(3000);
            threaded.Run(cycles);
            translated.Run(cycles);
            Compare(threaded, translated, $"seed {seed}, slice {slice}");
        }

        Assert.That(translated.Core.Code.Translations, Is.GreaterThan(3));
    }

    [Test]
    public void DroppingEverythingBetweenRunsChangesNothing()
    {
        using TestMachine threaded = Prepare(77, null);
        using TestMachine translated = Prepare(77, 0);
        translated.Core.Code.LimitBytes = 0;
        for (int slice = 0; slice < Slices; slice++)
        {
            threaded.Run(1000);
            translated.Run(1000);
            Compare(threaded, translated, $"slice {slice}");
        }
    }

    [Test]
    public void FaultsInTranslatedCodeAreAsPrecise()
    {
        // The list ends at an address that is not mapped; the handler of the page fault halts.
        using TestMachine threaded = Faulting(null), translated = Faulting(0);
        threaded.Run();
        translated.Run();
        Assert.That(threaded.State->Activity, Is.EqualTo(ActivityState.Shutdown), "no interrupt table: the fault shuts the core down");
        Assert.That(translated.State->Cr2, Is.EqualTo(0x1234_5678));
        Compare(threaded, translated, "fault");
    }

    [Test]
    public void ALoopThatRunsToTheLimitStopsWhereHandlersWould()
    {
        using TestMachine threaded = Loop(null), translated = Loop(0);
        for (ulong cycles = 1; cycles < 3_000_000; cycles *= 3)
        {
            threaded.Run(cycles);
            translated.Run(cycles);
            Compare(threaded, translated, $"{cycles} cycles");
        }
    }

    private static TestMachine Prepare(int seed, uint? threshold)
    {
        SeededRandom random = new("translation", (ulong)seed);
        TestMachine machine = Make(threshold);
        for (int n = 0; n < RandomProgram.DataBytes; n += 8)
            machine.Write(TestMachine.DataAddress + (ulong)n, random.NextUInt64());
        for (int n = 0; n < 13; n++)
        {
            if (n is not 4 and not 5)
                machine.State->Gpr[n] = random.NextUInt64();
        }

        machine.Code(a => new RandomProgram(random).Emit(a, 150));
        return machine;
    }

    private static TestMachine Faulting(uint? threshold) => Make(threshold).Code(a =>
    {
        Label again = a.CreateLabel();
        a.mov(rbx, TestMachine.DataAddress);
        a.mov(ecx, 0x1234_5678);
        a.mov(__qword_ptr[rbx], rcx);
        a.Label(ref again);
        a.add(ecx, 0x7F00_0000);
        a.mov(rbx, __qword_ptr[rbx]);
        a.jmp(again);
    });

    private static TestMachine Loop(uint? threshold) => Make(threshold).Code(a =>
    {
        Label again = a.CreateLabel();
        a.Label(ref again);
        a.inc(rax);
        a.jmp(again);
    });

    private static TestMachine Make(uint? threshold)
    {
        TestMachine machine = new();
        return (threshold is { } count ? machine.Translate(count) : machine).Long();
    }

    private static void Compare(TestMachine threaded, TestMachine translated, string where)
    {
        Assert.That(translated.State->Executed, Is.EqualTo(threaded.State->Executed), $"instructions; {where}");
        Assert.That(translated.State->Rip, Is.EqualTo(threaded.State->Rip), $"instruction pointer; {where}");
        Assert.That(translated.State->Flags, Is.EqualTo(threaded.State->Flags), $"flags; {where}");
        for (int n = 0; n < 16; n++)
            Assert.That(translated.State->Gpr[n], Is.EqualTo(threaded.State->Gpr[n]), $"register {n}; {where}");
        byte[] expected = new byte[RandomProgram.DataBytes], actual = new byte[RandomProgram.DataBytes];
        threaded.Memory.Read(TestMachine.DataAddress, expected);
        translated.Memory.Read(TestMachine.DataAddress, actual);
        Assert.That(actual.AsSpan().SequenceEqual(expected), $"memory; {where}");
    }
}
