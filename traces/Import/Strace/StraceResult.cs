namespace CoSim.Traces.Import.Strace;

/// <summary>What stands behind a call: " = RESULT", an error's name, remarks, and with -T the time it took.</summary>
/// <param name="Value">The result; -errno on failure; 0 for "?".</param>
/// <param name="Error">The error's name; empty without one.</param>
/// <param name="Returned">Whether the call returned at all.</param>
/// <param name="Duration">Nanoseconds; null when the line does not tell.</param>
internal readonly record struct StraceResult(long Value, string Error, bool Returned, ulong? Duration)
{
    /// <summary>-ETIMEDOUT, -EINTR and the kernel's own codes for calls that it goes on with.</summary>
    public const long TimedOut = -110, Interrupted = -4, RestartSystem = -512, RestartNoInterrupt = -513, RestartNoHandler = -514, RestartBlock = -516;

    /// <summary>Whether a result says that a signal came in between.</summary>
    public static bool IsInterrupted(long value) => value is Interrupted or RestartSystem or RestartNoInterrupt or RestartNoHandler or RestartBlock;

    /// <summary>Takes the text apart.</summary>
    /// <exception cref="LineException">It is no result.</exception>
    public static StraceResult Parse(string text)
    {
        ReadOnlySpan<char> rest = text.AsSpan().Trim();
        if (!rest.StartsWith("=", StringComparison.Ordinal))
            throw new LineException("no result behind the call");
        rest = rest[1..].Trim();
        ulong? duration = TakeDuration(ref rest);
        int end = rest.IndexOfAny(' ', '<', '(');
        ReadOnlySpan<char> word = end < 0 ? rest : rest[..end];
        ReadOnlySpan<char> after = end < 0 ? [] : rest[end..].Trim();
        int errorEnd = after.IndexOf(' ');
        string error = after.StartsWith("E", StringComparison.Ordinal) ? (errorEnd < 0 ? after : after[..errorEnd]).ToString() : "";
        if (word is "?")
            return new StraceResult(error.Length == 0 ? 0 : -Number(error), error, error.Length > 0, duration);
        if (!NumberText.TryNumber(word, out long value))
            throw new LineException("the result is not a number");
        return new StraceResult(value == -1 && error.Length > 0 ? -Number(error) : value, error, true, duration);
    }

    private static ulong? TakeDuration(ref ReadOnlySpan<char> rest)
    {
        int open = rest.LastIndexOf('<');
        if (!rest.EndsWith(">", StringComparison.Ordinal) || open < 0 || !NumberText.TrySeconds(rest[(open + 1)..^1], out ulong duration))
            return null;
        rest = rest[..open].TrimEnd();
        return duration;
    }

    /// <summary>The numbers of errors that matter to clocks and timers, or are common (errno(3)); 1 for any other.</summary>
    private static int Number(string error) => error switch
    {
        "EPERM" => 1,
        "ENOENT" => 2,
        "EINTR" => 4,
        "EIO" => 5,
        "EBADF" => 9,
        "ECHILD" => 10,
        "EAGAIN" => 11,
        "ENOMEM" => 12,
        "EACCES" => 13,
        "EFAULT" => 14,
        "EEXIST" => 17,
        "EINVAL" => 22,
        "ENOSYS" => 38,
        "ETIMEDOUT" => 110,
        "EINPROGRESS" => 115,
        "ECANCELED" => 125,
        "ERESTARTSYS" => 512,
        "ERESTARTNOINTR" => 513,
        "ERESTARTNOHAND" => 514,
        "ERESTART_RESTARTBLOCK" => 516,
        _ => 1,
    };
}
