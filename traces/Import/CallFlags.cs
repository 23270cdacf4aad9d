namespace CoSim.Traces.Import;

/// <summary>What is known of an imported call besides its numbers.</summary>
[Flags]
public enum CallFlags
{
    /// <summary>Nothing in particular.</summary>
    None = 0,

    /// <summary>The timeout is a time of the clock, not a distance (TIMER_ABSTIME, FUTEX_WAIT_BITSET).</summary>
    Absolute = 1,

    /// <summary>A call of a library function, seen by a user probe: it may have been answered by the vDSO.</summary>
    Library = 2,

    /// <summary>The recording ends, or the thread dies, before the call returns.</summary>
    Unfinished = 4,

    /// <summary>A signal interrupted the call.</summary>
    Interrupted = 8,

    /// <summary>The call may wait for something.</summary>
    Waits = 16,

    /// <summary>The recording does not show the timeout; it was inferred from how long the call took.</summary>
    Inferred = 32,

    /// <summary>The call was interrupted and the kernel went on with it (restart_syscall); the duration has both parts.</summary>
    Restarted = 64,
}
