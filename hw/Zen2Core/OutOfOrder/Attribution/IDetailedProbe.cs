namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <summary>The reference cycles at which one micro-op passed the stages of the pipeline.</summary>
/// <param name="Fetch">Its bytes were fetched.</param>
/// <param name="Decode">It entered the micro-op queue.</param>
/// <param name="Dispatch">It was renamed and given its places in the reorder buffer, schedulers and queues.</param>
/// <param name="Ready">Every source that its next step needs was there; the dispatch cycle for what waits until it is the oldest.</param>
/// <param name="Issue">It began to execute; the dispatch cycle for what executes nowhere.</param>
/// <param name="Complete">Its result was there.</param>
/// <param name="Retire">It became architectural.</param>
/// <param name="Port">The pipe that it went to.</param>
/// <param name="MacroOps">Dispatch slots that its instruction cost, 0 when fused into the one before; told with the first micro-op, 0 with the others.</param>
public readonly record struct StageCycles(
    ulong Fetch, ulong Decode, ulong Dispatch, ulong Ready, ulong Issue, ulong Complete, ulong Retire, ExecutionPort Port, int MacroOps);

/// <summary>
/// Watches one core. Implement it as a struct: the engine is generic over it, so that what is not watched costs nothing.
/// </summary>
/// <remarks>
/// Points in time are reference cycles, those of the TSC at P-state 0, like <see cref="ICoreEngine.NowCycles"/>. Cycles by cause are the core's own: in
/// a slower P-state there are fewer of them.
/// </remarks>
public interface IDetailedProbe
{
    /// <summary>False makes the compiler leave out the calls of <see cref="OnRetire"/>.</summary>
    static abstract bool WatchesRetirement { get; }

    /// <summary>False makes the compiler leave out the calls of <see cref="OnMicroOp"/>.</summary>
    static abstract bool WatchesMicroOps { get; }

    /// <summary>True makes an engine that follows a <see cref="RecordedPath"/> and computes no values. False unless a probe says otherwise.</summary>
    static virtual bool FollowsRecording => false;

    /// <summary>An instruction retired.</summary>
    /// <param name="rip">Its address (offset in CS).</param>
    /// <param name="cycle">The core cycle in which it retired.</param>
    /// <param name="cycles">The cycles since the previous retirement (or delivery), by cause. Zero for the second and later ones in a cycle.</param>
    void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles);

    /// <summary>An interrupt or exception was delivered at an instruction boundary.</summary>
    /// <param name="rip">The instruction that did not execute.</param>
    /// <param name="cycle">The core cycle at which the handler's first instruction can be fetched.</param>
    /// <param name="cycles">The cycles since the previous retirement, by cause.</param>
    void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles);

    /// <summary>A marker instruction retired.</summary>
    /// <param name="code">The marker's low byte.</param>
    /// <param name="argument">RAX.</param>
    /// <param name="cycle">The core cycle in which it retired.</param>
    void OnMarker(byte code, ulong argument, ulong cycle);

    /// <summary>A micro-op retired.</summary>
    /// <param name="rip">The address of its instruction.</param>
    /// <param name="index">Its place in the instruction, from 0.</param>
    /// <param name="stages">When it passed each stage.</param>
    void OnMicroOp(ulong rip, int index, in StageCycles stages);
}

/// <summary>Watches nothing.</summary>
public struct NoProbe : IDetailedProbe
{
    /// <inheritdoc/>
    public static bool WatchesRetirement => false;

    /// <inheritdoc/>
    public static bool WatchesMicroOps => false;

    /// <inheritdoc/>
    public readonly void OnRetire(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    /// <inheritdoc/>
    public readonly void OnDeliver(ulong rip, ulong cycle, in CycleCounts cycles)
    {
    }

    /// <inheritdoc/>
    public readonly void OnMarker(byte code, ulong argument, ulong cycle)
    {
    }

    /// <inheritdoc/>
    public readonly void OnMicroOp(ulong rip, int index, in StageCycles stages)
    {
    }
}
