using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Widening multiplication, division, and read-modify-writes in one micro-op.</content>
internal sealed unsafe partial class BlockTranslator
{
    private bool EmitPair(int k, NativeForm form)
    {
        MicroOp* op = _ops + k;
        int size = op->Width;
        if (size < 4 || op->Dst != Reg.Rax || op->Dst2 != Reg.Rdx || op->A != Reg.Rax)
            return false;
        _e.Load(size, Host.R10, Source(op->B, Host.R10));
        switch (form.Op)
        {
            case NativeOp.MulWide or NativeOp.ImulWide:
                WideOperation(form.Op == NativeOp.MulWide ? 4 : 5, size);
                _valid = FlagMask.CF | FlagMask.OF;
                if (Keeps(k))
                    StoreCarryAndOverflowAlike();
                return true;
            case NativeOp.DivWide:
                // The quotient fits when the high half is below the divisor; else the handler raises #DE.
                _e.FromOperand(0x3A, size, Host.Rdx, R10);
                LeaveIf(3, k);
                WideOperation(6, size);
                break;
            default:
                // Divisors 0 and -1, and dividends wider than the operand, are the handler's.
                _e.Address(size, Host.R11, HostOperand.Memory(Host.R10, 1));
                _e.Arithmetic((int)NativeOp.Cmp, size, R11, 1);
                LeaveIf(6, k);
                _e.Move(size, Host.R11, Host.GuestRax);
                _e.Shift(7, size, R11, (size * 8) - 1);
                _e.FromOperand(0x3A, size, Host.R11, HostOperand.Register(Host.Rdx));
                LeaveIf(NotZero, k);
                WideOperation(7, size);
                break;
        }

        _valid = FlagMask.None;
        return true;
    }

    /// <summary>MUL, IMUL, DIV or IDIV (opcode extension) of RDX:RAX by R10.</summary>
    private void WideOperation(int extension, int size)
    {
        _e.Move(8, Host.Rax, Host.GuestRax);
        _e.Modrm(0xF7, size, extension, R10);
        _e.Move(8, Host.GuestRax, Host.Rax);
    }

    /// <summary>Cores take turns on one host thread, so no access of one falls between two of another and nothing need be locked.</summary>
    private bool EmitAtomic(int k, NativeForm form)
    {
        MicroOp* op = _ops + k;
        int size = op->Width;
        bool immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        if (!Addressable(op) || Reg.IsHighByte(op->B) || Reg.IsHighByte(op->Dst))
            return false;
        bool known = form.Op is < NativeOp.Cmp or NativeOp.Inc or NativeOp.Dec or NativeOp.Neg or NativeOp.Not
            or NativeOp.Exchange or NativeOp.ExchangeAdd or NativeOp.CompareExchange
            || (form.Op is NativeOp.Bts or NativeOp.Btr or NativeOp.Btc && size >= 4);
        if (!known)
            return false;
        FormHostAddress(k, size, write: true);
        switch (form.Op)
        {
            case < NativeOp.Cmp:
                if (form.Op is NativeOp.Adc or NativeOp.Sbb)
                    LoadCarry();
                ArithmeticInto(form.Op, size, AtRax, immediate ? default : Source(op->B, Host.R10), immediate, Immediate(op, size));
                AllFlagsComputed(k);
                break;
            case NativeOp.Inc or NativeOp.Dec or NativeOp.Neg or NativeOp.Not:
                UnaryInto(k, form.Op, size, AtRax);
                break;
            case NativeOp.Exchange:
                _e.Load(size, Host.R11, AtRax);
                _e.Store(size, AtRax, SourceRegister(op->B, size, Host.R10));
                WriteRegister(op->Dst, size, Host.R11);
                break;
            case NativeOp.ExchangeAdd:
                _e.Load(size, Host.R11, Source(op->B, Host.R11));
                _e.ToOperand(0x0FC0, size, AtRax, Host.R11);
                AllFlagsComputed(k);
                WriteRegister(op->Dst, size, Host.R11);
                break;
            case NativeOp.CompareExchange:
                EmitCompareExchange(k, size);
                break;
            default:
                ChangeBit(k, form.Op, size, immediate);
                break;
        }

        return true;
    }

    private void EmitCompareExchange(int k, int size)
    {
        MicroOp* op = _ops + k;
        int source = SourceRegister(op->B, size, Host.R10);
        _e.Move(8, Host.R11, Host.Rax);
        _e.Move(8, Host.Rax, Host.GuestRax);
        _e.ToOperand(0x0FB0, size, HostOperand.Memory(Host.R11, 0), source);
        // Only a failed comparison writes the accumulator, a 4-byte one with a clear upper half.
        _e.Modrm(0x0F40 | NotZero, 8, Host.GuestRax, HostOperand.Register(Host.Rax));
        AllFlagsComputed(k);
    }

    private void ChangeBit(int k, NativeOp operation, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        int extension = operation switch { NativeOp.Bts => 5, NativeOp.Btr => 6, _ => 7 };
        _e.Load(size, Host.R11, AtRax);
        if (immediate)
        {
            _e.Modrm(0x0FBA, size, extension, R11);
            _e.Byte((int)op->Imm & ((size * 8) - 1));
        }
        else
        {
            _e.Modrm(0x0F83 | (extension << 3), size, SourceRegister(op->B, size, Host.R10), R11);
        }

        _e.Store(size, AtRax, Host.R11);
        _valid = FlagMask.CF;
        if (Keeps(k))
        {
            SetIf(2, Host.R10);
            StoreCarry();
        }
    }
}
