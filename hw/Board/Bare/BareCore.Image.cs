using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Board;

/// <content>Going back to the start with the same mappings, so that translations that have been cached stay right.</content>
public sealed unsafe partial class BareCore
{
    /// <summary>Keeps registers and memory as they are now.</summary>
    public BareImage SaveImage()
    {
        byte[] low = new byte[_lowUsed ? RealModeBytes : 0];
        Memory.Read(0, low);
        byte[] pool = new byte[PoolBytes - _pages.Free];
        Memory.Read(PoolStart, pool);
        return new BareImage(new ReadOnlySpan<byte>(State, CpuState.ArchitecturalBytes).ToArray(), low, pool);
    }

    /// <summary>
    /// Puts registers and memory back. Nothing but touched pages may have been mapped since, and the core must not be tainted. The
    /// engine's own state stays: attach it again.
    /// </summary>
    public void RestoreImage(BareImage image)
    {
        ulong executed = State->Executed;
        image.State.CopyTo(new Span<byte>(State, CpuState.ArchitecturalBytes));
        State->Executed = executed;
        State->Host.FaultVector = HostState.NoFault;
        Memory.Write(0, image.Low);
        if (PoolBytes - _pages.Free > (ulong)image.Pool.Length)
        {
            _pages.ReturnTo((ulong)image.Pool.Length);
            Context.Virtual.Flush();
        }

        Memory.Write(PoolStart, image.Pool);
        Context.RefreshMode();
    }
}

/// <summary>Registers and memory of a <see cref="BareCore"/> at one moment.</summary>
public sealed class BareImage
{
    internal BareImage(byte[] state, byte[] low, byte[] pool) => (State, Low, Pool) = (state, low, pool);

    internal byte[] State { get; }

    internal byte[] Low { get; }

    internal byte[] Pool { get; }
}
