namespace CoSim.Privileged.Tests;

/// <summary>Every test runs on both.</summary>
public enum EngineKind
{
    /// <summary>Threaded code.</summary>
    Functional,

    /// <summary>The pipeline.</summary>
    Detailed,
}
