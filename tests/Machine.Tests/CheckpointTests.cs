using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>A checkpoint file alone brings a machine back; a bad one says what is wrong and nothing else.</summary>
public sealed class CheckpointTests
{
    /// <summary>2,000; COSIM_FUZZ_CASES=100000 for a night. A tenth of them are damaged states that have to be restored.</summary>
    private static readonly int FuzzCases = int.Parse(Environment.GetEnvironmentVariable("COSIM_FUZZ_CASES") ?? "2000", System.Globalization.CultureInfo.InvariantCulture);

    private static readonly SimTime End = SimTime.Zero + SimDuration.FromSeconds(3);

    [Test]
    public void MachineThatIsResumedAtARandomInstructionRunsOnAsTheFirst([Values] EngineKind engine, [Range(1, 4)] int seed)
    {
        SeededRandom random = new("checkpoints", (ulong)seed);
        ulong range = engine == EngineKind.Functional ? 1_500_000UL : 60_000UL;
        using Bench original = new(1, engine);
        for (int cut = 0; cut < 3; cut++)
        {
            ulong at = original.Machine.Instructions + 1 + random.Below(range / 3);
            original.Machine.Arm(new Trigger(RunPlace.AtInstruction(at), null));
            Assert.That(original.RunTo(End), Is.EqualTo(StopReason.InstructionsReached), original.Console);
            Checkpoint checkpoint = Checkpoint.Read(FileOf(Checkpoint.Of(original.Machine, new byte[] { 7 })));
            using Bench copy = new(checkpoint.Spec);
            copy.Machine.Restore(checkpoint.State);
            Assert.That(checkpoint.Host.ToArray(), Is.EqualTo(new byte[] { 7 }));
            Assert.That(copy.Machine.Instructions, Is.EqualTo(at));

            ulong next = at + 1 + random.Below(range / 10);
            foreach (Bench bench in (Bench[])[original, copy])
            {
                bench.Machine.Arm(new Trigger(RunPlace.AtInstruction(next), null));
                Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.InstructionsReached), bench.Console);
            }

            string where = $"{engine}, seed {seed}, instruction {at}, then {next}";
            Assert.That(copy.Machine.Cores[0].Cycle, Is.EqualTo(original.Machine.Cores[0].Cycle), $"cycle; {where}");
            AssertSameState(copy, original, where);
        }
    }

    [Test]
    public void DetailedMachinesGiveTheSameBytesTwice([Values(1, 2)] int cores)
    {
        using Bench first = new(cores, EngineKind.Detailed);
        using Bench second = new(cores, EngineKind.Detailed);
        foreach (Bench bench in (Bench[])[first, second])
        {
            bench.Machine.Arm(new Trigger(RunPlace.AtInstruction(150_000), null));
            Assert.That(bench.RunTo(End), Is.EqualTo(StopReason.InstructionsReached));
        }

        Assert.That(second.Console, Is.EqualTo(first.Console).And.Not.Empty);
        Assert.That(second.Machine.Cores[0].Cycle, Is.EqualTo(first.Machine.Cores[0].Cycle));
        Assert.That(second.Machine.Save().AsSpan().SequenceEqual(first.Machine.Save()));
    }

    [Test]
    public void DamagedFilesAreRefusedWithTheByteAndTheCause()
    {
        using Bench bench = new(1);
        bench.Machine.Arm(new Trigger(RunPlace.AtInstruction(5000), null));
        bench.RunTo(End);
        byte[] whole = FileOf(Checkpoint.Of(bench.Machine, new byte[] { 0 }) with { State = bench.Machine.Save().AsMemory(0, 3000) });
        const ulong seed = 42;
        SeededRandom random = new("damage", seed);
        for (int i = 0; i < FuzzCases; i++)
        {
            byte[] file = Damage(whole, random, i);
            if (file.AsSpan().SequenceEqual(whole))
            {
                continue;
            }

            SnapshotException? e = Assert.Throws<SnapshotException>(() => Checkpoint.Read(file), $"case {i}, seed {seed}");
            Assert.That(e!.Message, Does.Match(@"^byte \d+: \S.*[^.]$"), $"case {i}, seed {seed}");
        }
    }

    [Test]
    public void DamagedStateWithAGoodDigestIsRefusedToo()
    {
        using Bench bench = new(1);
        bench.Machine.Arm(new Trigger(RunPlace.AtInstruction(100_000), null));
        bench.RunTo(End);
        byte[] state = bench.Machine.Save();
        const ulong seed = 43;
        SeededRandom random = new("damage", seed);
        int refused = 0;
        for (int i = 0; i < FuzzCases / 10; i++)
        {
            byte[] damaged = Damage(state, random, i);
            using Bench copy = new(1);
            try
            {
                copy.Machine.Restore(damaged);
            }
            catch (SnapshotException e)
            {
                refused++;
                Assert.That(e.Message, Does.Match(@"^byte \d+, section '"), $"case {i}, seed {seed}");
            }
        }

        Assert.That(refused, Is.GreaterThan(FuzzCases / 40));
    }

    private static void AssertSameState(Bench actual, Bench expected, string where)
    {
        byte[] a = actual.Machine.Save();
        byte[] b = expected.Machine.Save();
        int at = a.AsSpan().CommonPrefixLength(b);
        Assert.That(at, Is.EqualTo(b.Length), $"first byte that differs; {where}");
    }

    /// <summary>Cuts, lengthens, or overwrites one or a few bytes.</summary>
    private static byte[] Damage(byte[] whole, SeededRandom random, int number)
    {
        byte[] file = (byte[])whole.Clone();
        int at = (int)random.Below((ulong)file.Length);
        switch (number % 5)
        {
            case 0:
                return file[..at];
            case 1:
                return [.. file, .. new byte[1 + at % 100]];
            case 2:
                file[at] ^= (byte)(1 << (int)random.Below(8));
                return file;
            case 3:
                // Among the first bytes: headers.
                file[at % 128] = (byte)random.Below(256);
                return file;
            default:
                for (int n = 0; n < 8 && at + n < file.Length; n++)
                {
                    file[at + n] = 0xFF;
                }

                return file;
        }
    }

    private static byte[] FileOf(Checkpoint checkpoint)
    {
        MemoryStream file = new();
        checkpoint.Write(file);
        return file.ToArray();
    }
}
