using System.Globalization;

namespace CoSim.Cli.Study;

/// <summary>Time namespace that the measured process is in.</summary>
public enum NamespaceKind
{
    /// <summary>The root time namespace.</summary>
    Root = 0,

    /// <summary>A child time namespace with offsets.</summary>
    Child = 1,
}

/// <summary>How the process calls clock_gettime.</summary>
public enum CallPath
{
    /// <summary>Through __vdso_clock_gettime.</summary>
    Vdso = 0,

    /// <summary>With the SYSCALL instruction.</summary>
    Syscall = 1,
}

/// <summary>What the caches, TLBs and predictors hold when the call starts.</summary>
public enum CacheState
{
    /// <summary>The previous call's state.</summary>
    Warm = 0,

    /// <summary>Nothing.</summary>
    Cold = 1,
}

/// <summary>A clocksource of the guest's operating system.</summary>
public enum Clocksource
{
    /// <summary>The time-stamp counter.</summary>
    Tsc = 0,

    /// <summary>The HPET's main counter.</summary>
    Hpet = 1,

    /// <summary>The ACPI PM timer.</summary>
    AcpiPm = 2,
}

/// <summary>What one row of the study measures.</summary>
/// <param name="Clock">The clock id of clock_gettime, 0 to 255.</param>
/// <param name="Source">The clocksource that is current.</param>
/// <param name="Namespace">The caller's time namespace.</param>
/// <param name="Path">The way of calling.</param>
/// <param name="Cache">The state of the caches.</param>
public readonly record struct StudyConfiguration(int Clock, Clocksource Source, NamespaceKind Namespace, CallPath Path, CacheState Cache)
{
    /// <summary>CLOCK/CLOCKSOURCE/NAMESPACE/PATH/CACHE, for example "monotonic/tsc/root/vdso/warm".</summary>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{ClockNames.Name(Clock)}/{StudyWords.Source.Name((int)Source)}/{StudyWords.Namespace.Name((int)Namespace)}/{StudyWords.Path.Name((int)Path)}/{StudyWords.Cache.Name((int)Cache)}");
}
