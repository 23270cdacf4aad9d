namespace CoSim.Os.Interface.Tests;

/// <summary>
/// The rules of time namespaces (time namespace reference, sections 1 to 5, of Linux 6.1) in a few lines: what Programs/model.c must
/// answer to a sequence of operations.
/// </summary>
internal sealed class NamespaceModel
{
    private const int Workers = 6;

    /// <summary>Clock ids of Linux that offsets apply to, besides CLOCK_MONOTONIC.</summary>
    private const long MonotonicRaw = 4, MonotonicCoarse = 6, Boot = 7, BootAlarm = 9;

    private sealed class Namespace
    {
        internal long Monotonic, Boottime;
        internal bool Frozen;

        internal long Offset(long clock) => clock switch
        {
            Boot or BootAlarm => Boottime,
            1 or MonotonicRaw or MonotonicCoarse => Monotonic,
            _ => 0,
        };
    }

    private sealed class Worker
    {
        internal required Namespace Sees, ForChildren;

        /// <summary>When the timer expires by the initial namespace's clock, in seconds; null: none.</summary>
        internal long? Timer;

        /// <summary>The same of its POSIX timer.</summary>
        internal long? Posix;
    }

    private readonly List<Worker> _workers = [];

    private NamespaceModel()
    {
        Namespace initial = new() { Frozen = true };
        _workers.Add(new Worker { Sees = initial, ForChildren = initial });
    }

    /// <summary>The lines that a sequence of words must give.</summary>
    internal static IReadOnlyList<string> Predict(IEnumerable<string> words)
    {
        NamespaceModel model = new();
        return [.. words.Select(w => $"{w} {model.Answer(w.Split(':'))}")];
    }

    private string Answer(string[] word)
    {
        int worker = int.Parse(word[1], null);
        long a = long.Parse(word[2], null), b = long.Parse(word[3], null);
        if (worker >= _workers.Count || word[0] is "f" or "z" && _workers.Count == Workers || word[0] is "j" or "n" && a >= _workers.Count) return "nobody";
        Worker w = _workers[worker];
        switch (word[0])
        {
            case "u":
                w.ForChildren = new Namespace { Monotonic = w.ForChildren.Monotonic, Boottime = w.ForChildren.Boottime };
                return "ok";
            case "o":
                return SetOffset(w.ForChildren, a, b);
            case "f":
                w.ForChildren.Frozen = true;
                _workers.Add(new Worker { Sees = w.ForChildren, ForChildren = w.ForChildren });
                return "ok";
            case "z":
                // The child is in the new namespace from the start, which therefore keeps the offsets that it was made with.
                Namespace made = new() { Monotonic = w.ForChildren.Monotonic, Boottime = w.ForChildren.Boottime, Frozen = true };
                _workers.Add(new Worker { Sees = made, ForChildren = made });
                return "ok";
            case "j":
                w.Sees = w.ForChildren = _workers[(int)a].Sees;
                return "ok";
            case "y" or "l" or "n":
                return $"{w.Sees.Boottime}";
            case "b":
                return $"{-w.Sees.Boottime}";
            case "s" or "w" or "e" or "x" or "i" or "m" or "t" or "d" or "r":
                return "in time";
            case "p":
                w.Posix = b - w.Sees.Offset(a);
                return "ok";
            case "q":
                return Left(w.Posix);
            case "c" or "v":
                return $"{w.Sees.Offset(a)}";
            case "a":
                // An armed timer keeps its end when its owner changes namespaces later.
                w.Timer = b - w.Sees.Offset(a);
                return "ok";
            default:
                return Left(w.Timer);
        }
    }

    private static string Left(long? timer) => timer is not { } end ? "no timer" : end <= 0 ? "expired" : $"{end}";

    private static string SetOffset(Namespace ns, long clock, long seconds)
    {
        // The machine runs for some seconds only: no clock may become negative.
        if (seconds < 0) return "ERANGE";
        if (ns.Frozen) return "EACCES";
        if (clock == 7) ns.Boottime = seconds;
        else ns.Monotonic = seconds;
        return "ok";
    }
}
