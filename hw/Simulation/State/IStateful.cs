namespace CoSim.Hw.Simulation;

/// <summary>
/// A component whose whole changing state can be written down and read back. The promise: run on equals save, rebuild from
/// the same Spec, restore, run on, at any instruction boundary.
/// </summary>
public interface IStateful
{
    /// <summary>Unique within the machine; names the section of the snapshot: <c>hpet</c>, <c>apic3</c>.</summary>
    string StateName { get; }

    /// <summary>Writes all state that can change, in a fixed order.</summary>
    void Save(StateWriter writer);

    /// <summary>Reads what <see cref="Save"/> wrote, including scheduled events.</summary>
    /// <exception cref="SnapshotException">The bytes are not what <see cref="Save"/> writes.</exception>
    void Restore(StateReader reader);
}
