using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.OutOfOrder;
using CoSim.Traces.Format.Instructions;

namespace CoSim.Traces.Recording;

/// <summary>
/// The words of an instruction or micro-op on their way to another thread. The first has what it is and how many others follow; of the causes only those
/// with cycles follow, told by a mask.
/// </summary>
internal static class PackedRecord
{
    /// <summary>The word that stands for an event of <see cref="RecordBatch.Event"/>: the next one.</summary>
    public const ulong WholeEvent = 0;

    /// <summary>Words of the longest record: the first, address, cycle, all causes, all operands.</summary>
    public const int MostWords = 3 + CycleCauses.Count + InstructionLayout.MostOperands;

    /// <summary>Words of a micro-op: the first, address, seven stages.</summary>
    public const int MicroOpWords = 9;

    private const int OperandShift = 8, CoreShift = 16, UpperShift = 32, PortShift = 32, SlotsShift = 40, IndexShift = 48;

    /// <summary>Packs an instruction or a delivery; causes and operands are added to what it returns.</summary>
    /// <param name="free">Receives the words.</param>
    /// <param name="kind">Number of its kind of events; not 0.</param>
    /// <param name="core">Its core.</param>
    /// <param name="rip">Its address.</param>
    /// <param name="cycle">Its core cycle.</param>
    /// <returns>How many words it took.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Write(Span<ulong> free, byte kind, int core, ulong rip, ulong cycle)
    {
        free[0] = kind | ((ulong)(ushort)core << CoreShift);
        free[1] = rip;
        free[2] = cycle;
        return 3;
    }

    /// <summary>Adds the operands of an instruction.</summary>
    /// <returns>How many words there are now.</returns>
    public static int WriteOperands(Span<ulong> free, int words, ReadOnlySpan<ulong> addresses)
    {
        free[0] |= (ulong)addresses.Length << OperandShift;
        addresses.CopyTo(free[words..]);
        return words + addresses.Length;
    }

    /// <summary>The causes that have cycles, by their bits.</summary>
    public static uint CauseMask(in CycleCounts cycles)
    {
        ref ulong first = ref Unsafe.As<CycleCounts, ulong>(ref Unsafe.AsRef(in cycles));
        uint mask = 0;
        int i = 0;
        for (; i + Vector256<ulong>.Count <= CycleCauses.Count; i += Vector256<ulong>.Count)
            mask |= (~Vector256.Equals(Vector256.LoadUnsafe(ref first, (nuint)i), Vector256<ulong>.Zero)).ExtractMostSignificantBits() << i;
        for (; i < CycleCauses.Count; i++)
            mask |= Unsafe.Add(ref first, i) != 0 ? 1u << i : 0;
        return mask;
    }

    /// <summary>Adds the causes that have cycles, before any operands. Most instructions have none: they retire with others.</summary>
    /// <returns>How many words there are now.</returns>
    public static int WriteCauses(Span<ulong> free, int words, in CycleCounts cycles)
    {
        uint mask = CauseMask(in cycles);
        free[0] |= (ulong)mask << UpperShift;
        for (; mask != 0; mask &= mask - 1)
            free[words++] = cycles[BitOperations.TrailingZeroCount(mask)];
        return words;
    }

    /// <summary>Packs a micro-op.</summary>
    public static void Write(Span<ulong> free, byte kind, int core, ulong rip, int index, in StageCycles stages)
    {
        free[8] = stages.Retire;
        free[0] = kind | ((ulong)(ushort)core << CoreShift) | ((ulong)stages.Port << PortShift) | ((ulong)(byte)stages.MacroOps << SlotsShift) | ((ulong)index << IndexShift);
        free[1] = rip;
        free[2] = stages.Fetch;
        free[3] = stages.Decode;
        free[4] = stages.Dispatch;
        free[5] = stages.Ready;
        free[6] = stages.Issue;
        free[7] = stages.Complete;
    }

    /// <summary>Number of the kind of events.</summary>
    public static byte Kind(ulong first) => (byte)first;

    /// <summary>The core.</summary>
    public static int Core(ulong first) => (ushort)(first >> CoreShift);

    /// <summary>How many operands follow the causes.</summary>
    public static int Operands(ulong first) => (byte)(first >> OperandShift);

    /// <summary>Which causes follow, by their bits.</summary>
    public static uint Causes(ulong first) => (uint)(first >> UpperShift);

    /// <summary>A micro-op's place in its instruction.</summary>
    public static int Index(ulong first) => (int)(first >> IndexShift);

    /// <summary>A micro-op's pipe.</summary>
    public static ExecutionPort Port(ulong first) => (ExecutionPort)(byte)(first >> PortShift);

    /// <summary>A micro-op's dispatch slots.</summary>
    public static int Slots(ulong first) => (byte)(first >> SlotsShift);
}
