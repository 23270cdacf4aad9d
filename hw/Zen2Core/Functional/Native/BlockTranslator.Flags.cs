using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Flags: the host's, and the copy in memory.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const byte CarryBit = 0x01, AuxiliaryBit = 0x10, ZeroBit = 0x40;

    /// <summary>Whether anybody may see a flag that micro-op <paramref name="k"/> writes.</summary>
    private bool Keeps(int k) => (_ops[k].FlagsWritten & _live[k]) != FlagMask.None;

    /// <summary>Stores all of the host's flags: LAHF, SETO AL, MOV.</summary>
    private void StoreFlags()
    {
        _e.Byte(0x9F);
        SetIf(0, Host.Rax);
        _e.Store(2, StateLayout.Overflow, Host.Rax);
    }

    /// <summary>All flags have just been computed by the host.</summary>
    private void AllFlagsComputed(int k)
    {
        _valid = FlagMask.All;
        if (Keeps(k))
            StoreFlags();
    }

    private void SetIf(int condition, int register) => _e.Modrm(0x0F90 | condition, 1, 0, HostOperand.Register(register));

    /// <summary>Makes the host's carry the guest's.</summary>
    private void LoadCarry()
    {
        if ((_valid & FlagMask.CF) != 0)
            return;
        // BT of the word that SETO and LAHF wrote: bit 8 is LAHF's carry.
        _e.Modrm(0x0FBA, 2, 4, StateLayout.Overflow);
        _e.Byte(8);
        _valid = FlagMask.CF;
    }

    /// <summary>Gets a guest condition into the host's flags and gives the host condition that stands for it. RAX may change.</summary>
    private int Condition(int condition)
    {
        if ((Conditions.Reads(condition) & ~_valid) == FlagMask.None)
            return condition;
        int pair = condition >> 1;
        if (pair >= 6)
        {
            // AL is 0 or 1: adding 7Fh overflows exactly for 1; SAHF does the rest.
            _e.Load(2, Host.Rax, StateLayout.Overflow);
            _e.Arithmetic((int)NativeOp.Add, 1, HostOperand.Register(Host.Rax), 0x7F);
            _e.Byte(0x9E);
            _valid = FlagMask.All;
            return condition;
        }

        int bits = pair switch { 0 => 1, 1 => CarryBit, 2 => ZeroBit, 3 => CarryBit | ZeroBit, 4 => 0x80, _ => 4 };
        _e.TestImmediate(1, pair == 0 ? StateLayout.Overflow : StateLayout.LowFlags, bits);
        _valid = FlagMask.None;
        return (condition & 1) != 0 ? Zero : NotZero;
    }

    /// <summary>Stores a carry that is in R10 (0 or 1) and leaves the other flags of that byte.</summary>
    private void StoreCarry()
    {
        _e.Arithmetic((int)NativeOp.And, 1, StateLayout.LowFlags, ~CarryBit);
        _e.ToOperand(0x08, 1, StateLayout.LowFlags, Host.R10);
        _valid = FlagMask.None;
    }

    /// <summary>Stores the host's carry as the guest's carry and overflow.</summary>
    private void StoreCarryAndOverflowAlike()
    {
        SetIf(2, Host.R10);
        _e.Store(1, StateLayout.Overflow, Host.R10);
        StoreCarry();
    }

    /// <summary>
    /// Stores the flags of a shift that the host has just done. Overflow and auxiliary carry, which processors disagree about, follow
    /// the formulas of <see cref="Shl"/>, <see cref="Shr"/> and <see cref="Sar"/>.
    /// </summary>
    /// <param name="shift">Which shift.</param>
    /// <param name="result">Register with the result, for a right shift by an unknown count.</param>
    /// <param name="size">Bytes.</param>
    /// <param name="count">The count, or 0 when it is in CL: then nothing is stored for a count of zero.</param>
    private void StoreShiftFlags(NativeOp shift, HostOperand result, int size, int count)
    {
        _e.Byte(0x9F);
        switch (shift)
        {
            case NativeOp.Shl:
                SetIf(8, Host.Rax);
                SetIf(2, Host.R10);
                _e.FromOperand(0x32, 1, Host.Rax, R10);
                break;
            case NativeOp.Shr when count == 1:
                SetIf(0, Host.Rax);
                break;
            case NativeOp.Shr when count == 0:
                TestBit(result, size, (size * 8) - 2);
                SetIf(2, Host.Rax);
                break;
            default:
                _e.Byte(0xB0);
                _e.Byte(0);
                break;
        }

        // AND AH, imm8: the auxiliary carry is clear after shifts.
        _e.Byte(0x80);
        _e.Byte(0xE4);
        _e.Byte(~AuxiliaryBit);
        _valid = FlagMask.None;
        if (count != 0)
        {
            _e.Store(2, StateLayout.Overflow, Host.Rax);
            return;
        }

        _e.TestImmediate(1, HostOperand.Register(Host.Rcx), size == 8 ? 63 : 31);
        int skip = _e.JumpForwardIf(Zero);
        _e.Store(2, StateLayout.Overflow, Host.Rax);
        _e.Bind(skip);
    }

    /// <summary>BT register, constant.</summary>
    private void TestBit(HostOperand register, int size, int bit)
    {
        _e.Modrm(0x0FBA, Math.Max(size, 4), 4, register);
        _e.Byte(bit);
    }
}
