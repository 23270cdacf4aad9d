namespace CoSim.Hw.Zen2Core;

/// <summary>
/// Watches every instruction of a core on the functional engine. (On the detailed engine an <see cref="OutOfOrder.IDetailedProbe"/> does.) Blocks are then
/// executed micro-op by micro-op in a loop that watches; what they do, and when, is the same. Translated code is not seen: watch machines without it.
/// </summary>
public interface IRetirementProbe
{
    /// <summary>An instruction retired.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">Its address (offset in CS).</param>
    /// <param name="cycle">The core cycle at which the next one begins.</param>
    void OnRetire(CoreContext core, ulong rip, ulong cycle);
}
