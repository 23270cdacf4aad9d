using System.Numerics;
using CoSim.Hw.Zen2Core.OutOfOrder;

namespace CoSim.Traces.Recording;

/// <summary>
/// A hash of what instructions did, for replays: every value of every event goes in, in order. Multiplication and rotation mix 64 bits at a time; it
/// tells two runs of one machine apart, and is no protection against an adversary.
/// </summary>
internal struct InstructionDigest
{
    private const ulong Multiplier = 0x9E37_79B9_7F4A_7C15;
    private const int Turn = 29;

    /// <summary>Instructions, deliveries and micro-ops that went in.</summary>
    public ulong Count { get; private set; }

    /// <summary>The hash.</summary>
    public ulong Hash { get; private set; }

    /// <summary>Takes in an instruction.</summary>
    /// <param name="kind">Number of its kind of events.</param>
    /// <param name="core">Its core.</param>
    /// <param name="rip">Its address.</param>
    /// <param name="cycle">Its core cycle.</param>
    public void Add(byte kind, int core, ulong rip, ulong cycle)
    {
        Count++;
        Mix(kind | ((ulong)core << 8));
        Mix(rip);
        Mix(cycle);
    }

    /// <summary>Takes in an operand's address.</summary>
    public void Add(ulong address) => Mix(address);

    /// <summary>Takes in cycles by cause; causes without cycles are left out.</summary>
    public void Add(in CycleCounts cycles)
    {
        for (uint mask = PackedRecord.CauseMask(in cycles); mask != 0; mask &= mask - 1)
        {
            int cause = BitOperations.TrailingZeroCount(mask);
            Add(cause, cycles[cause]);
        }
    }

    /// <summary>Takes in the cycles of one cause, not 0.</summary>
    /// <param name="cause">The cause's number.</param>
    /// <param name="cycles">Its cycles.</param>
    public void Add(int cause, ulong cycles) => Mix(cycles + ((ulong)cause << 56));

    /// <summary>Takes in a micro-op's stages.</summary>
    public void Add(in StageCycles stages)
    {
        Mix(stages.Fetch);
        Mix(stages.Decode);
        Mix(stages.Dispatch);
        Mix(stages.Ready);
        Mix(stages.Issue);
        Mix(stages.Complete);
        Mix(((ulong)stages.Port << 32) | (uint)stages.MacroOps);
    }

    private void Mix(ulong value) => Hash = BitOperations.RotateLeft((Hash ^ value) * Multiplier, Turn);
}
