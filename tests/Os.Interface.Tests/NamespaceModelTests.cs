namespace CoSim.Os.Interface.Tests;

/// <summary>
/// Random sequences of namespace and timer operations by processes on four processors, compared with <see cref="NamespaceModel"/>. A
/// failure prints the seed and a minimal sequence.
/// </summary>
[TestFixture]
public sealed class NamespaceModelTests
{
    private const int Words = 250;

    /// <summary>Offsets and times in seconds, far enough apart to be told from the running time of the machine.</summary>
    private static readonly long[] s_seconds = [0, 1000, 5000, 70000, 100000, -100000];

    /// <summary>Clocks that are read: monotonic with raw and coarse, boot time with its alarm clock, and clocks that no namespace moves.</summary>
    private static readonly int[] s_read = [1, 1, 4, 6, 7, 7, 9, 0, 5, 11];

    /// <summary>Clocks of timers, and of waits.</summary>
    private static readonly int[] s_timed = [1, 7, 9], s_sleepable = [0, 1, 7, 9];

    private static readonly string[] s_shown = ["y", "l", "b", "n"], s_clockWaits = ["s", "d"], s_futexWaits = ["w", "e", "x"], s_otherWaits = ["i", "m", "t", "r"];

    [Test, Category("NeedsTools"), Platform("Linux")]
    public void Section1To5_RandomOperationsFollowTheModel([Values(1, 2, 3)] int seed)
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

    private static T Any<T>(Random random, T[] of) => of[random.Next(of.Length)];

    private static bool Differs(string program, IReadOnlyList<string> words) => !Run(program, words).SequenceEqual(NamespaceModel.Predict(words));

    private static string[] Run(string program, IReadOnlyList<string> words) =>
        words.Count == 0 ? [] : InterfaceProgram.Run(program, ["--cores", "4"], [.. words]).Lines;

    private static List<string> Generate(int seed)
    {
        Random random = new(seed);
        List<string> words = [];
        while (words.Count < Words)
        {
            int worker = random.Next(6), clock = random.Next(2) == 0 ? 1 : 7;
            long seconds = s_seconds[random.Next(s_seconds.Length)];
            words.Add(random.Next(16) switch
            {
                0 => $"u:{worker}:0:0",
                1 or 2 => $"o:{worker}:{clock}:{seconds}",
                3 => $"f:{worker}:0:0",
                4 => $"j:{worker}:{random.Next(6)}:0",
                5 => $"c:{worker}:{Any(random, s_read)}:0",
                6 => $"v:{worker}:{Any(random, s_read)}:0",
                7 => $"a:{worker}:{Any(random, s_timed)}:{Math.Abs(seconds) + 500}",
                8 => $"g:{worker}:0:0",
                9 => $"p:{worker}:{Any(random, s_timed)}:{Math.Abs(seconds) + 500}",
                10 => $"q:{worker}:0:0",
                11 => $"z:{worker}:0:0",
                12 => $"{Any(random, s_shown)}:{worker}:{random.Next(6)}:0",
                13 => $"{Any(random, s_clockWaits)}:{worker}:{Any(random, s_sleepable)}:0",
                14 => $"{Any(random, s_futexWaits)}:{worker}:{random.Next(2)}:0",
                _ => $"{Any(random, s_otherWaits)}:{worker}:0:0",
            });
        }
        return words;
    }
}
