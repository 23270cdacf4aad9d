namespace CoSim.Os.Loader;

/// <summary>What a processor's MSRs tell of its idle and performance states (AMD PPR for family 17h model 31h).</summary>
/// <param name="IdlePorts">MSR C001_0073h, CStateBaseAddr: the first of the ports whose read enters an idle state; 0 for none.</param>
/// <param name="Definitions">MSRs from C001_0064h on, PStateDef: the fastest P-state first.</param>
public sealed record ProcessorPower(ushort IdlePorts, ReadOnlyMemory<ulong> Definitions);
