using Iced.Intel;

namespace CoSim.Guest.Link.Stubs;

/// <summary>Time stamp and performance counters.</summary>
public static class ClockStubs
{
    /// <summary>Adds the theme's stubs.</summary>
    public static void Add(StubLibrary library)
    {
        library.Inline("x86_rdtsc", c => c.rdtsc());
        library.Inline("x86_lfence_rdtsc", c => { c.lfence(); c.rdtsc(); });
        library.Inline("x86_rdtscp", c => c.rdtscp());
        library.Inline("x86_pause", c => c.pause());
    }
}
