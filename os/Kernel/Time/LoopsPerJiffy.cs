namespace CoSim.Os.Timekeeping;

/// <summary>
/// loops_per_jiffy and its message at boot. Delays here read the TSC, so that a loop is a TSC cycle and nothing is left to measure;
/// lpj= replaces the number that is reported, as on Linux.
/// </summary>
internal static unsafe class LoopsPerJiffy
{
    /// <summary>The number; 0 when the TSC could not be calibrated and none was given.</summary>
    internal static ulong Value;

    /// <summary>Takes it from lpj= or from the TSC's frequency, and says so.</summary>
    internal static void Initialise()
    {
        ulong preset = CommandLine.Number("lpj"u8, 0);
        Value = preset != 0 ? preset : (ulong)Tsc.Khz * 1000 / TimeUnits.Hz;
        if (Value == 0) return;
        Log.Print("Calibrating delay loop (skipped)%s %lu.%02lu BogoMIPS (lpj=%lu)"u8,
            (ulong)(preset != 0 ? Text.Literal(" preset value.."u8) : Text.Literal(", value calculated using timer frequency.."u8)), Whole(Value), Hundredths(Value), Value);
    }

    /// <summary>Whole BogoMIPS of a loops_per_jiffy: two instructions to a loop.</summary>
    internal static ulong Whole(ulong lpj) => lpj / (500_000 / TimeUnits.Hz);

    /// <summary>Hundredths of the same.</summary>
    internal static ulong Hundredths(ulong lpj) => lpj / (5_000 / TimeUnits.Hz) % 100;
}
