namespace CoSim.Cli.Study;

/// <summary>
/// The number that the workload puts into RAX at the markers around a call: which configuration, which call. Clock in bits 7-0,
/// clocksource 15-8, namespace 19-16, path 23-20, cache state 27-24, call index 63-32.
/// </summary>
/// <param name="Configuration">What is measured.</param>
/// <param name="Index">Counts the calls of a configuration from 0.</param>
public readonly record struct SpanId(StudyConfiguration Configuration, uint Index)
{
    /// <summary>The number of calls that are made before the measured ones and do not count.</summary>
    public const ulong WarmUp = ulong.MaxValue;

    /// <summary>Takes the number apart. Every value means something, so nothing can fail.</summary>
    public static SpanId Unpack(ulong packed) => new(
        new StudyConfiguration(
            (int)(packed & 0xFF),
            (Clocksource)((packed >> 8) & 0xFF),
            (NamespaceKind)((packed >> 16) & 0xF),
            (CallPath)((packed >> 20) & 0xF),
            (CacheState)((packed >> 24) & 0xF)),
        (uint)(packed >> 32));

    /// <summary>Puts the number together.</summary>
    public ulong Pack() =>
        (ulong)(uint)(Configuration.Clock & 0xFF)
        | ((ulong)Configuration.Source & 0xFF) << 8
        | ((ulong)Configuration.Namespace & 0xF) << 16
        | ((ulong)Configuration.Path & 0xF) << 20
        | ((ulong)Configuration.Cache & 0xF) << 24
        | (ulong)Index << 32;
}
