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

        /// <summary>What it was armed with.</summary>
        internal long TimerClock, TimerTime;

        /// <summary>The same of its POSIX timer.</summary>
        internal long? Posix;
    }

    /// <summary>Mistakes that a system could make, planted to see whether sequences find them.</summary>
    internal enum Bug
    {
        None, ForkDoesNotFreeze, SetnsDoesNotChangeChildren, UnshareStartsFromZero, OffsetsOfOwnNamespace, Clone3DoesNotFreeze, AlarmClockIsForgotten, RawClockIsForgotten,
        WallClockIsMoved, TimerFollowsItsOwner, PosixTimerIgnoresOffset, UptimeIsTheHosts, BtimeHasTheWrongSign, StarttimeIgnoresReader, WaitOfBoottimeIsEarly, MessageWaitIsLate,
    }

    private readonly List<Worker> _workers = [];
    private readonly Bug _bug;

    private NamespaceModel(Bug bug)
    {
        _bug = bug;
        Namespace initial = new() { Frozen = true };
        _workers.Add(new Worker { Sees = initial, ForChildren = initial });
    }

    /// <summary>The lines that a sequence of words must give.</summary>
    internal static IReadOnlyList<string> Predict(IEnumerable<string> words, Bug bug = Bug.None)
    {
        NamespaceModel model = new(bug);
        return [.. words.Select(w => $"{w} {model.Answer(w.Split(':'))}")];
    }

    private string Answer(string[] word)
    {
        int worker = int.Parse(word[1], null);
        long a = long.Parse(word[2], null), b = long.Parse(word[3], null);
        if (worker >= _workers.Count || word[0] is "f" or "z" && _workers.Count == Workers || word[0] is "j" or "k" or "n" && a >= _workers.Count) return "nobody";
        Worker w = _workers[worker];
        switch (word[0])
        {
            case "u":
                w.ForChildren = _bug == Bug.UnshareStartsFromZero ? new() : new() { Monotonic = w.ForChildren.Monotonic, Boottime = w.ForChildren.Boottime };
                return "ok";
            case "o":
                return SetOffset(_bug == Bug.OffsetsOfOwnNamespace ? w.Sees : w.ForChildren, a, b);
            case "f":
                w.ForChildren.Frozen = w.ForChildren.Frozen || _bug != Bug.ForkDoesNotFreeze;
                _workers.Add(new Worker { Sees = w.ForChildren, ForChildren = w.ForChildren });
                return "ok";
            case "z":
                // The child is in the new namespace from the start, which therefore keeps the offsets that it was made with.
                Namespace made = new() { Monotonic = w.ForChildren.Monotonic, Boottime = w.ForChildren.Boottime, Frozen = _bug != Bug.Clone3DoesNotFreeze };
                _workers.Add(new Worker { Sees = made, ForChildren = made });
                return "ok";
            case "j":
                w.Sees = _workers[(int)a].Sees;
                if (_bug != Bug.SetnsDoesNotChangeChildren) w.ForChildren = w.Sees;
                return "ok";
            case "k":
                w.Sees = w.ForChildren = _workers[(int)a].ForChildren;
                w.Sees.Frozen = true;
                return "ok";
            case "y" or "l" or "n":
                bool host = word[0] == "n" ? _bug == Bug.StarttimeIgnoresReader : _bug == Bug.UptimeIsTheHosts;
                return host ? "0" : $"{w.Sees.Boottime}";
            case "b":
                return $"{(_bug == Bug.BtimeHasTheWrongSign ? w.Sees.Boottime : -w.Sees.Boottime)}";
            case "s" when a == Boot && _bug == Bug.WaitOfBoottimeIsEarly && w.Sees.Boottime > 0:
                return "early";
            case "r" when _bug == Bug.MessageWaitIsLate && w.Sees.Monotonic > 0:
                return "late";
            case "s" or "w" or "e" or "x" or "i" or "m" or "t" or "d" or "r":
                return "in time";
            case "p":
                w.Posix = _bug == Bug.PosixTimerIgnoresOffset ? b : b - w.Sees.Offset(a);
                return "ok";
            case "q":
                return Left(w.Posix);
            case "c" or "v":
                return $"{Distance(w, a)}";
            case "a":
                // An armed timer keeps its end when its owner changes namespaces later.
                w.Timer = b - w.Sees.Offset(a);
                (w.TimerClock, w.TimerTime) = (a, b);
                return "ok";
            default:
                return Left(_bug == Bug.TimerFollowsItsOwner && w.Timer != null ? w.TimerTime - w.Sees.Offset(w.TimerClock) : w.Timer);
        }
    }

    private long Distance(Worker w, long clock) => (clock, _bug) switch
    {
        (BootAlarm, Bug.AlarmClockIsForgotten) or (MonotonicRaw, Bug.RawClockIsForgotten) => 0,
        (0, Bug.WallClockIsMoved) => w.Sees.Monotonic,
        _ => w.Sees.Offset(clock),
    };

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
