using System.Runtime.CompilerServices;

namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>Memory operands: from registers to linear addresses (AMD APM vol. 2, 4.5 to 4.12). Both engines use it.</summary>
public static unsafe class EffectiveAddress
{
    /// <summary>The offset within the segment.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Offset(MicroOp* op, ulong baseValue, ulong indexValue)
    {
        ulong offset = baseValue + (indexValue << op->Scale) + (ulong)op->Disp;
        return op->AddressWidth switch
        {
            8 => offset,
            4 => (uint)offset,
            _ => (ushort)offset,
        };
    }

    /// <summary>The linear address of the memory operand of <paramref name="op"/>. False: #GP or #SS is recorded in the state (<see cref="HostState"/>).</summary>
    /// <param name="s">The core, for segment registers and mode.</param>
    /// <param name="op">Any micro-op with a memory operand.</param>
    /// <param name="baseValue">Value of the base register.</param>
    /// <param name="indexValue">Value of the index register.</param>
    /// <param name="linear">The linear address.</param>
    public static bool Linear(CpuState* s, MicroOp* op, ulong baseValue, ulong indexValue, out ulong linear)
    {
        ulong offset = Offset(op, baseValue, indexValue);
        // The first byte of a 16-bit push may lie at the wrapped top: address arithmetic above has wrapped it already.
        bool write = op->Class is MicroOpClass.Store or MicroOpClass.Atomic || (op->Marks & MicroOpMarks.WriteIntent) != 0;
        if (!Segmented(s, op->Segment, offset, op->AccessSize, write, out linear))
            return false;
        return (s->ModeKey & ModeKeys.AlignmentChecks) == 0 || IsAligned(s, op, linear);
    }

    /// <summary>#AC for an address that is not a multiple of the operand's size (AMD APM vol. 2, table 8-7). False: it is recorded.</summary>
    /// <param name="s">The core; <see cref="ModeKeys.AlignmentChecks"/> is in force.</param>
    /// <param name="linear">Linear address.</param>
    /// <param name="size">Bytes; 10 counts as 8.</param>
    public static bool IsAligned(CpuState* s, ulong linear, int size)
    {
        uint needed = size == 10 ? 8 : (uint)size;
        if (needed < 2 || !System.Numerics.BitOperations.IsPow2(needed) || (linear & (needed - 1)) == 0)
            return true;
        s->Host.FaultVector = ExceptionVector.AlignmentCheck;
        s->Host.FaultError = 0;
        return false;
    }

    /// <summary>Vector operands that must be aligned anyway raise #GP instead; hints never fault.</summary>
    private static bool IsAligned(CpuState* s, MicroOp* op, ulong linear) =>
        op->Class == MicroOpClass.Prefetch || (op->AccessSize >= 16 && op->Extra != 0) || IsAligned(s, linear, op->AccessSize);

    /// <summary>Adds the segment base and makes the checks of the current mode. False: #GP or #SS is recorded.</summary>
    public static bool Segmented(CpuState* s, SegmentIndex segment, ulong offset, int size, bool write, out ulong linear)
    {
        ref SegmentRegister register = ref CpuState.Segment(s, segment);
        if (s->Mode == CpuMode.Long64)
        {
            linear = segment >= SegmentIndex.Fs ? register.Base + offset : offset;
            return true;
        }

        linear = (uint)(register.Base + offset);
        if (Allows(s, in register, offset, size, write))
            return true;

        s->Host.FaultVector = segment == SegmentIndex.Ss ? ExceptionVector.Stack : ExceptionVector.GeneralProtection;
        s->Host.FaultError = 0;
        return false;
    }

    private static bool Allows(CpuState* s, in SegmentRegister register, ulong offset, int size, bool write)
    {
        ulong last = offset + (uint)Math.Max(size, 1) - 1;
        bool real = s->Mode is CpuMode.Real or CpuMode.Virtual8086;
        int type = register.Type;
        bool code = (type & 8) != 0;
        if (!real)
        {
            // A null or not present segment has no access at all; code is never writable, and readable only with the R bit.
            if ((register.Attributes & SegmentRegister.Present) == 0)
                return false;
            if (write ? code || (type & 2) == 0 : code && (type & 2) == 0)
                return false;
        }

        bool expandDown = !code && (type & 4) != 0;
        if (!expandDown)
            return last <= register.Limit && last <= uint.MaxValue;
        ulong top = (register.Attributes & SegmentRegister.Big) != 0 ? uint.MaxValue : 0xFFFF;
        return offset > register.Limit && last <= top;
    }
}
