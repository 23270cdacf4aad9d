using CoSim.Hw.Simulation;

namespace CoSim.Cli.Scenarios.Invariants;

/// <summary>A core takes what its local APIC has accepted for it.</summary>
internal sealed class InterruptInvariant(InterruptRule rule) : Invariant
{
    // A vector that is accepted again while it waits is the same request (AMD APM vol. 2, 16.6.3, IRR).
    private readonly SortedDictionary<(int Core, byte Vector), SimTime> _waiting = [];

    /// <inheritdoc/>
    public override string Title => $"interrupts are taken at most {DurationText.Of(rule.Within)} after they were accepted";

    /// <inheritdoc/>
    public override void OnInterruptAccepted(int core, SimTime time, byte vector) => _waiting.TryAdd((core, vector), time);

    /// <inheritdoc/>
    public override void OnInterruptTaken(int core, SimTime time, byte vector)
    {
        if (!_waiting.Remove((core, vector), out SimTime since))
            return;
        Checked();
        if (time - since > rule.Within)
            Violate(time, $"core {core} took vector {vector:X2}h {time - since} after it was accepted, at {time}");
    }

    /// <inheritdoc/>
    public override void OnEnd(SimTime time)
    {
        foreach (((int core, byte vector), SimTime since) in _waiting)
        {
            if (time - since > rule.Within)
                Violate(time, $"core {core} had not taken vector {vector:X2}h, accepted at {since}, when the run ended at {time}");
        }
    }
}
