namespace CoSim.Hw.Board;

/// <summary>Something that goes wrong in a machine: when, and what.</summary>
/// <param name="Name">How logs and probes call it; unique in a machine.</param>
/// <param name="When">What sets it off.</param>
/// <param name="What">What happens then.</param>
public sealed record Fault(string Name, FaultTrigger When, FaultAction What);
