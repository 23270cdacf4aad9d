using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Shifts and rotations.</content>
internal sealed unsafe partial class BlockTranslator
{
    private static int ShiftGroup(NativeOp operation) => operation switch
    {
        NativeOp.Rol => 0,
        NativeOp.Ror => 1,
        NativeOp.Shl => 4,
        NativeOp.Shr => 5,
        _ => 7,
    };

    /// <summary>The count of a shift by a constant, or -1 when it is not one of 1 to width - 1.</summary>
    private static int ShiftCount(MicroOp* op, int size)
    {
        int count = (int)op->Imm & (size == 8 ? 63 : 31);
        return count > 0 && count < size * 8 ? count : -1;
    }

    private bool EmitShift(int k, NativeForm form, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        int count = immediate ? ShiftCount(op, size) : 0;
        bool keeps = Keeps(k) && !form.KeepsFlags;
        if (count < 0 || (!immediate && (op->B != Reg.Rcx || size < 4)) || Reg.IsHighByte(op->A))
            return false;
        // The flags of a shift of RCX by itself would need the old count.
        if (!immediate && keeps && op->Dst == Reg.Rcx)
            return false;
        int work = WorkRegister(op, size);
        DoShift(form.Op, size, HostOperand.Register(work), count);
        if (keeps)
            StoreShiftFlags(form.Op, HostOperand.Register(work), size, count);
        else
            _valid = immediate && !form.KeepsFlags ? FlagMask.CF | FlagMask.ZF | FlagMask.SF | FlagMask.PF : FlagMask.None;
        if (work == Host.R11)
            WriteRegister(op->Dst, size, work);
        return true;
    }

    private bool EmitRotation(int k, NativeForm form, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        int count = immediate ? ShiftCount(op, size) : 0;
        bool keeps = Keeps(k) && !form.KeepsFlags;
        if (count < 0 || (!immediate && (op->B != Reg.Rcx || size < 4 || keeps)) || Reg.IsHighByte(op->A))
            return false;
        int work = WorkRegister(op, size);
        HostOperand result = HostOperand.Register(work);
        DoShift(form.Op, size, result, count);
        _valid = FlagMask.None;
        if (keeps)
        {
            // CF is what moved around; OF differs from it where the two top bits (ROR), or the top bit and CF (ROL), do.
            SetIf(2, Host.R10);
            TestBit(result, size, (size * 8) - (form.Op == NativeOp.Rol ? 1 : 2));
            SetIf(2, Host.Rax);
            _e.FromOperand(0x32, 1, Host.Rax, R10);
            _e.Store(1, StateLayout.Overflow, Host.Rax);
            StoreCarry();
        }

        if (work == Host.R11)
            WriteRegister(op->Dst, size, work);
        return true;
    }

    /// <summary>The register to shift in: the destination when it is pinned and the source too, else R11 with the source.</summary>
    private int WorkRegister(MicroOp* op, int size)
    {
        int pin = Pin(op->Dst);
        if (pin >= 0 && op->A == op->Dst)
            return pin;
        _e.Load(size, Host.R11, Source(op->A, Host.R11));
        return Host.R11;
    }

    /// <summary>One host shift, by CL when the count is 0.</summary>
    private void DoShift(NativeOp operation, int size, HostOperand operand, int count)
    {
        if (count != 0)
            _e.Shift(ShiftGroup(operation), size, operand, count);
        else
            _e.Modrm(size == 1 ? 0xD2 : 0xD3, size, ShiftGroup(operation), operand);
    }
}
