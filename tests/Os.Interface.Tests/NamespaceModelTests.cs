namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Random sequences of namespace and timer operations by processes on four processors, compared with <see cref="NamespaceModel"/>. A
/// failure prints the seed and a minimal sequence.
/// </summary>
[TestFixture]
public sealed class NamespaceModelTests
{
    private const int Words = 250;

    private static readonly int[] s_seeds = [1, 2, 3];

    private static readonly string[] s_bugs = Enum.GetNames<NamespaceModel.Bug>();

    /// <summary>Offsets and times in seconds, far enough apart to be told from the running time of the machine.</summary>
    private static readonly long[] s_seconds = [0, 1000, 5000, 70000, 100000, -100000];

    /// <summary>Clocks that are read: monotonic with raw and coarse, boot time with its alarm clock, and clocks that no namespace moves.</summary>
    private static readonly int[] s_read = [1, 1, 4, 6, 7, 7, 9, 0, 5, 11];

    /// <summary>Clocks of timers, and of waits.</summary>
    private static readonly int[] s_timed = [1, 7, 9], s_sleepable = [0, 1, 7, 9];

    private static readonly string[] s_shown = ["y", "l", "b", "n"], s_clockWaits = ["s", "d"], s_futexWaits = ["w", "e", "x"], s_otherWaits = ["i", "m", "t", "r"];

    [Test, Category("NeedsTools"), Platform("Linux")]
    public void Section1To5_RandomOperationsFollowTheModel([ValueSource(nameof(s_seeds))] int seed)
    {
        string program = InterfaceProgram.Compile("model");
        List<string> words = Generate(seed);
        if (!Differs(program, words)) return;
        List<string> minimal = Shrinking.Minimise(words, w => Differs(program, w));
        Assert.Fail($"seed {seed}: the system differs from the model for\n{string.Join(' ', minimal)}\n"
            + $"expected\n{string.Join('\n', NamespaceModel.Predict(minimal))}\ngot\n{string.Join('\n', Run(program, minimal))}");
    }

    [Test]
    public void MinimalSequencesKeepOnlyWhatMatters()
    {
        List<string> words = [.. Enumerable.Range(0, 60).Select(i => $"{i}")];
        List<string> minimal = Shrinking.Minimise(words, w => w.Contains("7") && w.Contains("41") && w.Contains("42"));
        Assert.That(minimal, Is.EqualTo(new[] { "7", "41", "42" }));
    }

    /// <summary>Every mistake is found by a sequence that the system is tried with, and what is left of that is a handful of words.</summary>
    [Test]
    public void PlantedBugsGiveShortSequences([ValueSource(nameof(s_bugs))] string name)
    {
        NamespaceModel.Bug bug = Enum.Parse<NamespaceModel.Bug>(name);
        const int Longest = 10;
        bool Shows(IReadOnlyList<string> words) => !NamespaceModel.Predict(words, bug).SequenceEqual(NamespaceModel.Predict(words));
        List<string>? words = s_seeds.Select(Generate).FirstOrDefault(Shows);
        Assert.That(words is null, Is.EqualTo(bug == NamespaceModel.Bug.None), "no sequence finds it");
        if (words is null) return;
        List<string> minimal = Shrinking.Minimise(words, Shows);
        TestContext.Out.WriteLine(string.Join(' ', minimal));
        Assert.That(minimal, Has.Count.InRange(2, Longest));
    }

    private static T Any<T>(Random random, T[] of) => of[random.Next(of.Length)];

    private static bool Differs(string program, IReadOnlyList<string> words) => !Run(program, words).SequenceEqual(NamespaceModel.Predict(words));

    private static string[] Run(string program, IReadOnlyList<string> words) =>
        words.Count == 0 ? [] : InterfaceProgram.Run(program, ["--cores", "4"], [.. words]).Lines;

    private static List<string> Generate(int seed)
    {
        Random random = new(seed);
        List<string> words = [];
        int workers = 1;
        while (words.Count < Words)
        {
            int worker = random.Next(workers), clock = random.Next(2) == 0 ? 1 : 7;
            long seconds = s_seconds[random.Next(s_seconds.Length)];
            // Left to chance, hardly anybody would be in a namespace with offsets of its own.
            if (random.Next(8) == 0)
                words.AddRange([$"u:{worker}:0:0", $"o:{worker}:1:{s_seconds[1 + random.Next(4)]}", $"o:{worker}:7:{s_seconds[1 + random.Next(4)]}", $"k:{random.Next(workers)}:{worker}:0"]);
            if (workers < 6 && random.Next(10) == 0)
            {
                words.AddRange([$"u:{worker}:0:0", $"{(random.Next(3) == 0 ? 'z' : 'f')}:{worker}:0:0", $"o:{worker}:{clock}:{Math.Abs(seconds)}"]);
                workers++;
            }
            words.Add(random.Next(15) switch
            {
                0 => $"u:{worker}:0:0",
                1 or 2 => $"o:{worker}:{clock}:{seconds}",
                3 => $"k:{worker}:{random.Next(6)}:0",
                4 => $"j:{worker}:{random.Next(6)}:0",
                5 => $"c:{worker}:{Any(random, s_read)}:0",
                6 => $"v:{worker}:{Any(random, s_read)}:0",
                7 => $"a:{worker}:{Any(random, s_timed)}:{Math.Abs(seconds) + 500}",
                8 => $"g:{worker}:0:0",
                9 => $"p:{worker}:{Any(random, s_timed)}:{Math.Abs(seconds) + 500}",
                10 => $"q:{worker}:0:0",
                11 => $"{Any(random, s_shown)}:{worker}:{random.Next(6)}:0",
                12 => $"{Any(random, s_clockWaits)}:{worker}:{Any(random, s_sleepable)}:0",
                13 => $"{Any(random, s_futexWaits)}:{worker}:{random.Next(2)}:0",
                _ => $"{Any(random, s_otherWaits)}:{worker}:0:0",
            });
        }
        return words;
    }
}
