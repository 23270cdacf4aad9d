using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Integer operations between registers and constants.</content>
internal sealed unsafe partial class BlockTranslator
{
    private bool EmitInteger(int k, NativeForm form)
    {
        MicroOp* op = _ops + k;
        int size = op->Width;
        if (op->C != Reg.None)
            return false;
        bool immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        switch (form.Op)
        {
            case <= NativeOp.Cmp or NativeOp.Test:
                EmitArithmetic(k, form.Op, size, immediate);
                return true;
            case NativeOp.Inc or NativeOp.Dec or NativeOp.Neg or NativeOp.Not:
                EmitUnary(k, form.Op, size);
                return true;
            case NativeOp.Mov:
                if (immediate)
                    MoveImmediate(op, size);
                else
                    WriteRegister(op->Dst, size, SourceRegister(op->B, size, Host.R11));
                return true;
            case NativeOp.ZeroExtend:
                _e.Load(form.Detail, Host.R11, Source(op->B, Host.R10));
                WriteRegister(op->Dst, size, Host.R11);
                return true;
            case NativeOp.SignExtend:
                _e.LoadSigned(form.Detail, Math.Max(size, 4), Host.R11, Source(op->B, Host.R10));
                WriteRegister(op->Dst, size, Host.R11);
                return true;
            case NativeOp.SignFill when size >= 4:
                _e.Load(size, Host.R11, Source(op->B, Host.R11));
                _e.Shift(7, size, R11, (size * 8) - 1);
                _valid = FlagMask.None;
                WriteRegister(op->Dst, size, Host.R11);
                return true;
            case NativeOp.Bswap when size >= 4:
                _e.Load(size, Host.R11, Source(op->A, Host.R11));
                _e.SwapBytes(size, Host.R11);
                WriteRegister(op->Dst, size, Host.R11);
                return true;
            case NativeOp.SetIf:
                EmitSetIf(op, form.Detail);
                return true;
            case NativeOp.MoveIf when size >= 2 && op->A == op->Dst:
                EmitMoveIf(op, form.Detail, size);
                return true;
            case NativeOp.Shl or NativeOp.Shr or NativeOp.Sar:
                return EmitShift(k, form, size, immediate);
            case NativeOp.Rol or NativeOp.Ror:
                return EmitRotation(k, form, size, immediate);
            case NativeOp.Imul when size >= 2:
                EmitMultiply(k, size, immediate);
                return true;
            case NativeOp.Bt or NativeOp.Bts or NativeOp.Btr or NativeOp.Btc when size >= 4:
                EmitBitTest(k, form.Op, size, immediate);
                return true;
            case NativeOp.Bsf or NativeOp.Bsr when size == 8:
                EmitScan(k, form);
                return true;
            case NativeOp.Clc or NativeOp.Stc or NativeOp.Cmc:
                ChangeCarry(k, form.Op);
                return true;
            case NativeOp.BitOffset:
                EmitBitOffset(op, form.Detail);
                return true;
            default:
                return false;
        }
    }

    /// <summary>ADD to CMP and TEST.</summary>
    private void EmitArithmetic(int k, NativeOp operation, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        bool writes = operation is not (NativeOp.Cmp or NativeOp.Test);
        HostOperand b = immediate ? default : Source(op->B, Host.R10);
        HostOperand a = Source(op->A, Host.R11);
        // In place: a pinned register, or a register in the state of any width but 4, whose upper half must be cleared.
        bool inPlace = !writes || (op->A == op->Dst && !Reg.IsHighByte(op->A) && (!a.IsMemory || size != 4));
        if (!inPlace && !a.Is(Host.R11))
        {
            _e.Load(size, Host.R11, a);
            a = R11;
        }

        if (operation is NativeOp.Adc or NativeOp.Sbb)
            LoadCarry();
        ArithmeticInto(operation, size, a, b, immediate, Immediate(op, size));
        AllFlagsComputed(k);
        if (!inPlace)
            WriteRegister(op->Dst, size, Host.R11);
    }

    /// <summary>One host instruction of the group, with its second operand brought into a register if need be.</summary>
    private void ArithmeticInto(NativeOp operation, int size, HostOperand a, HostOperand b, bool immediate, long value)
    {
        if (immediate && value == (int)value)
        {
            if (operation == NativeOp.Test)
                _e.TestImmediate(size, a, (int)value);
            else
                _e.Arithmetic((int)operation, size, a, (int)value);
            return;
        }

        if (immediate)
        {
            _e.Constant(Host.R10, (ulong)value);
            b = R10;
        }
        else if (b.IsMemory && (a.IsMemory || operation == NativeOp.Test))
        {
            _e.Load(size, Host.R10, b);
            b = R10;
        }

        int opcode = operation == NativeOp.Test ? 0x84 : (int)operation << 3;
        if (b.IsMemory)
            _e.FromOperand(opcode + 2, size, a.Base, b);
        else
            _e.ToOperand(opcode, size, a, b.Base);
    }

    private void EmitUnary(int k, NativeOp operation, int size)
    {
        MicroOp* op = _ops + k;
        HostOperand a = Source(op->A, Host.R11);
        bool inPlace = op->A == op->Dst && !Reg.IsHighByte(op->A) && (!a.IsMemory || size != 4);
        if (!inPlace && !a.Is(Host.R11))
        {
            _e.Load(size, Host.R11, a);
            a = R11;
        }

        UnaryInto(k, operation, size, a);
        if (!inPlace)
            WriteRegister(op->Dst, size, Host.R11);
    }

    private void UnaryInto(int k, NativeOp operation, int size, HostOperand a)
    {
        int opcode = size == 1 ? 0xFE : 0xFF;
        switch (operation)
        {
            case NativeOp.Not:
                _e.Modrm(opcode - 8, size, 2, a);
                return;
            case NativeOp.Neg:
                _e.Modrm(opcode - 8, size, 3, a);
                AllFlagsComputed(k);
                return;
        }

        if (Keeps(k))
            LoadCarry();
        FlagMask carry = _valid & FlagMask.CF;
        _e.Modrm(opcode, size, operation == NativeOp.Inc ? 0 : 1, a);
        _valid = FlagMask.AllButCarry | carry;
        if (Keeps(k))
            StoreFlags();
    }

    private void MoveImmediate(MicroOp* op, int size)
    {
        ulong value = size == 4 ? (uint)op->Imm : op->Imm;
        int pin = Pin(op->Dst);
        if (size >= 4 && pin >= 0)
        {
            _e.Constant(pin, value);
        }
        else if (size >= 4 && (long)value == (int)(long)value)
        {
            _e.StoreImmediate(8, StateLayout.Register(op->Dst), (int)value);
        }
        else if (size < 4 && !Reg.IsHighByte(op->Dst))
        {
            _e.StoreImmediate(size, pin >= 0 ? HostOperand.Register(pin) : StateLayout.Register(op->Dst), (int)Immediate(op, size));
        }
        else
        {
            _e.Constant(Host.R11, size == 1 ? (byte)value : value);
            WriteRegister(op->Dst, size, Host.R11);
        }
    }

    private void EmitSetIf(MicroOp* op, int condition)
    {
        int host = Condition(condition);
        if (Reg.IsHighByte(op->Dst))
        {
            SetIf(host, Host.R11);
            WriteRegister(op->Dst, 1, Host.R11);
            return;
        }

        int pin = Pin(op->Dst);
        _e.Modrm(0x0F90 | host, 1, 0, pin >= 0 ? HostOperand.Register(pin) : StateLayout.Register(op->Dst));
    }

    private void EmitMoveIf(MicroOp* op, int condition, int size)
    {
        int host = Condition(condition);
        int pin = Pin(op->Dst);
        int work = pin;
        if (pin < 0)
        {
            work = Host.R11;
            _e.Load(size, work, StateLayout.Register(op->Dst));
        }

        _e.Modrm(0x0F40 | host, size, work, Source(op->B, Host.R10));
        if (pin < 0)
            WriteRegister(op->Dst, size, Host.R11);
    }

    private void EmitMultiply(int k, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        int pin = Pin(op->Dst);
        int work = pin >= 0 ? pin : Host.R11;
        if (immediate)
        {
            _e.Modrm(0x69, size, work, Source(op->A, Host.R10));
            _e.Byte((int)op->Imm);
            _e.Byte((int)(op->Imm >> 8));
            if (size > 2)
            {
                _e.Byte((int)(op->Imm >> 16));
                _e.Byte((int)(op->Imm >> 24));
            }
        }
        else
        {
            if (op->A != op->Dst || pin < 0)
            {
                work = Host.R11;
                _e.Load(size, work, Source(op->A, Host.R11));
            }

            _e.Modrm(0x0FAF, size, work, Source(op->B, Host.R10));
        }

        _valid = FlagMask.CF | FlagMask.OF;
        if (Keeps(k))
            StoreCarryAndOverflowAlike();
        if (work == Host.R11)
            WriteRegister(op->Dst, size, work);
    }

    private void EmitBitTest(int k, NativeOp operation, int size, bool immediate)
    {
        MicroOp* op = _ops + k;
        bool writes = operation != NativeOp.Bt;
        int a = SourceRegister(op->A, size, Host.R11);
        if (writes && a != Host.R11)
        {
            _e.Move(size, Host.R11, a);
            a = Host.R11;
        }

        int extension = operation switch { NativeOp.Bt => 4, NativeOp.Bts => 5, NativeOp.Btr => 6, _ => 7 };
        if (immediate)
        {
            _e.Modrm(0x0FBA, size, extension, HostOperand.Register(a));
            _e.Byte((int)op->Imm & ((size * 8) - 1));
        }
        else
        {
            int b = SourceRegister(op->B, size, Host.R10);
            _e.Modrm(0x0F83 | (extension << 3), size, b, HostOperand.Register(a));
        }

        _valid = FlagMask.CF;
        if (Keeps(k))
        {
            SetIf(2, Host.R10);
            StoreCarry();
        }

        if (writes)
            WriteRegister(op->Dst, size, Host.R11);
    }

    /// <summary>BSF and BSR: a source of zero leaves the destination and sets ZF, on every x86-64 processor (AMD APM vol. 3, BSF).</summary>
    private void EmitScan(int k, NativeForm form)
    {
        MicroOp* op = _ops + k;
        int source = SourceRegister(op->B, form.Detail, Host.R10);
        _e.Load(8, Host.R11, Source(op->A, Host.R11));
        if (form.Detail == 4)
        {
            _e.Move(4, Host.R10, source);
            source = Host.R10;
        }

        // A bit number fits 64-bit scanning of the zero-extended source alike.
        _e.Modrm(form.Op == NativeOp.Bsf ? 0x0FBC : 0x0FBD, 8, Host.Rax, HostOperand.Register(source));
        _e.Modrm(0x0F45, 8, Host.R11, HostOperand.Register(Host.Rax));
        _valid = FlagMask.ZF;
        if (Keeps(k))
        {
            SetIf(Zero, Host.R10);
            _e.Shift(4, 4, R10, BitOperations.Log2(ZeroBit));
            _e.Arithmetic((int)NativeOp.And, 1, StateLayout.LowFlags, ~ZeroBit);
            _e.ToOperand(0x08, 1, StateLayout.LowFlags, Host.R10);
            _valid = FlagMask.None;
        }

        WriteRegister(op->Dst, 8, Host.R11);
    }

    private void ChangeCarry(int k, NativeOp operation)
    {
        _valid = FlagMask.None;
        if (!Keeps(k))
            return;
        (NativeOp group, int value) = operation switch
        {
            NativeOp.Clc => (NativeOp.And, ~CarryBit),
            NativeOp.Stc => (NativeOp.Or, CarryBit),
            _ => (NativeOp.Xor, CarryBit),
        };
        _e.Arithmetic((int)group, 1, StateLayout.LowFlags, value);
    }

    /// <summary>Byte offset of the operand-sized unit that holds a bit.</summary>
    private void EmitBitOffset(MicroOp* op, int bytes)
    {
        HostOperand index = Source(op->B, Host.R10);
        if (bytes == 8)
            _e.Load(8, Host.R11, index);
        else
            _e.LoadSigned(bytes, 8, Host.R11, index);
        _e.Shift(7, 8, R11, BitOperations.Log2((uint)bytes * 8));
        _e.Shift(4, 8, R11, BitOperations.Log2((uint)bytes));
        _valid = FlagMask.None;
        WriteRegister(op->Dst, 8, Host.R11);
    }
}
