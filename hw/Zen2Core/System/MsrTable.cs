namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Model-specific registers.</summary>
public static class MsrTable
{
    /// <summary>Puts every MSR to its reset value.</summary>
    public static void Reset(CoreContext core)
    {
    }
}
