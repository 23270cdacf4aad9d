using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>
/// Hears from a detailed engine what its pipeline took from elsewhere: addresses, decoded code, page tables, microcode, devices. With the retired path that
/// is all that a <see cref="RecordedPath"/> needs to drive the same pipeline again without executing. Every call comes before the retirement that it belongs to.
/// </summary>
public interface IPathProbe
{
    /// <summary>Code was decoded for the pipeline, down a wrong path perhaps.</summary>
    /// <param name="core">The core.</param>
    /// <param name="key">Where it lies, and the decode mode.</param>
    /// <param name="secondPage">Physical page of its last byte when that is another; otherwise <see cref="Block.NoPage"/>.</param>
    /// <param name="bytes">Its bytes.</param>
    void OnBlock(CoreContext core, in BlockKey key, ulong secondPage, ReadOnlySpan<byte> bytes);

    /// <summary>A TLB miss was answered by the page tables.</summary>
    /// <param name="core">The core.</param>
    /// <param name="linear">Linear address.</param>
    /// <param name="translation">What the walk found.</param>
    /// <param name="commit">The walk set the dirty bit for a store that was sure to happen.</param>
    void OnWalk(CoreContext core, ulong linear, in Translation translation, bool commit);

    /// <summary>Translations were dropped: of a linear page, or all (null).</summary>
    void OnFlush(CoreContext core, ulong? page);

    /// <summary>A micro-op that accesses memory retires.</summary>
    /// <param name="core">The core.</param>
    /// <param name="linear">Linear address of its operand.</param>
    void OnOperand(CoreContext core, ulong linear);

    /// <summary>A microcoded instruction ran, or a part of a repeated string instruction.</summary>
    void OnMicrocode(CoreContext core, ulong rip, in MicrocodeRun run);

    /// <summary>A device was accessed.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">The instruction.</param>
    /// <param name="access">What was done.</param>
    /// <param name="cycles">Core cycles that the device charged.</param>
    void OnDevice(CoreContext core, ulong rip, PathDeviceAccess access, ulong cycles);

    /// <summary>A core that waited goes on.</summary>
    /// <param name="core">The core.</param>
    /// <param name="cycle">The core cycle in which the wait ended.</param>
    /// <param name="delay">Cycles until its first instruction can be fetched.</param>
    void OnWake(CoreContext core, ulong cycle, int delay);

    /// <summary>A division retires.</summary>
    /// <param name="core">The core.</param>
    /// <param name="rip">The instruction.</param>
    /// <param name="steps">Cycles that it took for its quotient, two bits each: 0 to 32.</param>
    void OnDivide(CoreContext core, ulong rip, int steps);

    /// <summary>A store went to a page that holds decoded code.</summary>
    /// <param name="core">The core.</param>
    /// <param name="changed">Decoded code was changed: fetch began anew.</param>
    void OnCodeStore(CoreContext core, bool changed);
}

/// <summary>An access to a device, as the pipeline sees it.</summary>
public enum PathDeviceAccess : byte
{
    /// <summary>A load or a locked operation.</summary>
    Read,

    /// <summary>A store retires that will be written to a device.</summary>
    Store,

    /// <summary>A store leaves the store queue for a device.</summary>
    Drain,
}
