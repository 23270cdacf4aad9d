namespace CoSim.Hw.Simulation.Registers;

/// <summary>One register of a device, for those who watch it: what the table declares, and its present value.</summary>
/// <param name="Name">As the data sheet calls it; a run's registers have their index appended.</param>
/// <param name="Bytes">1, 2, 4 or 8.</param>
/// <param name="Fields">Its named bits.</param>
/// <param name="Read">Its present value, without side effects.</param>
public sealed record NamedRegister(string Name, int Bytes, IReadOnlyList<RegisterField> Fields, Func<ulong> Read);
