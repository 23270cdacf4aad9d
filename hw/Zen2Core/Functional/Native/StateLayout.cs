using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>Fields of <see cref="CpuState"/> as operands of translated code.</summary>
internal static unsafe class StateLayout
{
    public static readonly HostOperand Rip, Flags, Executed, Limit, Tlb, Jumps, JumpSalt, Cr4, StallCycles, TscOffset, ClockBias, ClockRuns;

    /// <summary>Overflow as 0 or 1: what SETO stores; see <see cref="HostState.NativeFlags"/>.</summary>
    public static readonly HostOperand Overflow;

    /// <summary>The other flags: what LAHF gives.</summary>
    public static readonly HostOperand LowFlags;

    private static readonly int s_segments;

    static StateLayout()
    {
        CpuState probe;
        byte* start = (byte*)&probe;
        Rip = At((int)((byte*)&probe.Rip - start));
        Flags = At((int)((byte*)&probe.Flags - start));
        Executed = At((int)((byte*)&probe.Executed - start));
        Limit = At((int)((byte*)&probe.Host.Limit - start));
        Tlb = At((int)((byte*)&probe.Host.Tlb - start));
        Jumps = At((int)((byte*)&probe.Host.Jumps - start));
        JumpSalt = At((int)((byte*)&probe.Host.JumpSalt - start));
        Cr4 = At((int)((byte*)&probe.Cr4 - start));
        StallCycles = At((int)((byte*)&probe.StallCycles - start));
        TscOffset = At((int)((byte*)&probe.TscOffset - start));
        ClockBias = At((int)((byte*)&probe.Host.ClockBias - start));
        ClockRuns = At((int)((byte*)&probe.Host.ClockRuns - start));
        int flags = (int)((byte*)&probe.Host.NativeFlags - start);
        Overflow = At(flags);
        LowFlags = At(flags + 1);
        s_segments = (int)((byte*)Unsafe.AsPointer(ref CpuState.Segment(&probe, SegmentIndex.Es)) - start);
    }

    /// <summary>A register or temporary by its offset (<see cref="Reg"/>).</summary>
    public static HostOperand Register(ushort register) => At(register);

    /// <summary>The base of a segment.</summary>
    public static HostOperand SegmentBase(SegmentIndex segment) =>
        At(s_segments + ((int)segment * sizeof(SegmentRegister)) + 8);

    private static HostOperand At(int offset) => HostOperand.Memory(Host.State, offset - Host.StateBias);
}
