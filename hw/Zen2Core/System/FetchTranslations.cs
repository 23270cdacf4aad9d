namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>
/// Where code pages lie, as page walks found them since the mappings last changed: an instruction TLB of the host's, in front of the
/// lookup of decoded blocks. Entries carry the generation they were made in, so that forgetting all of them costs nothing.
/// </summary>
internal sealed class FetchTranslations
{
    private const int Count = 256;
    private const int Pages = 4096;
    private const int PageShift = 12;

    private readonly Entry[] _entries = new Entry[Count];

    /// <summary>By the low bits of the page number: the last generation in which code of such a page was translated.</summary>
    private readonly ulong[] _used = new ulong[Pages];

    /// <summary>Gives the physical address of an instruction if its page is known.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="generation">The present generation; never 0.</param>
    /// <param name="user">Privilege level 3.</param>
    /// <param name="physical">The physical address.</param>
    public bool Find(ulong linear, ulong generation, bool user, out ulong physical)
    {
        ref Entry entry = ref _entries[(linear >> PageShift) & (Count - 1)];
        physical = entry.Physical | (linear & 0xFFF);
        return entry.Page == linear >> PageShift && entry.Stamp == Stamp(generation, user);
    }

    /// <summary>Notes a translation.</summary>
    /// <param name="linear">Linear address.</param>
    /// <param name="physical">Its physical address.</param>
    /// <param name="generation">The present generation.</param>
    /// <param name="user">Privilege level 3.</param>
    public void Note(ulong linear, ulong physical, ulong generation, bool user)
    {
        _entries[(linear >> PageShift) & (Count - 1)] =
            new Entry { Page = linear >> PageShift, Physical = physical & ~0xFFFUL, Stamp = Stamp(generation, user) };
        _used[(linear >> PageShift) & (Pages - 1)] = generation;
    }

    /// <summary>Whether code of a page may have been translated in this generation: false is certain.</summary>
    public bool MayHold(ulong linear, ulong generation) => _used[(linear >> PageShift) & (Pages - 1)] == generation;

    private static ulong Stamp(ulong generation, bool user) => (generation << 1) | (user ? 1UL : 0);

    private struct Entry
    {
        public ulong Page, Physical, Stamp;
    }
}
