namespace CoSim.Traces.Import;

/// <summary>A call as a recording shows it. The fields are those of <see cref="ImportedEvents.Call"/>.</summary>
/// <param name="Name">The system call's name without version suffixes, or the library function's.</param>
public sealed record ImportedCall(string Name)
{
    /// <summary>No duration is known.</summary>
    public const ulong UnknownDuration = ulong.MaxValue;

    /// <summary>Clock id of clock_gettime(2); -1 for none.</summary>
    public int Clock { get; init; } = -1;

    /// <summary>Timeout, or a timer's first expiry, in nanoseconds; -1 for none.</summary>
    public long Timeout { get; init; } = -1;

    /// <summary>A timer's period in nanoseconds.</summary>
    public ulong Interval { get; init; }

    /// <summary>What else is known.</summary>
    public CallFlags Flags { get; init; }

    /// <summary>File descriptor, timer id, which interval timer, or number of descriptors; -1 for none.</summary>
    public long Object { get; init; } = -1;

    /// <summary>What the call returned, -errno on failure.</summary>
    public long Result { get; init; }

    /// <summary>How long it took in nanoseconds.</summary>
    public ulong Duration { get; init; } = UnknownDuration;
}
