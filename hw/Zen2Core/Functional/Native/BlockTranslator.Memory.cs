using System.Numerics;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Addresses, the inline TLB lookup, loads and stores.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int ReadTagOffset = 0, WriteTagOffset = 8, AddendOffset = 16;
    private const int PageMask = -0x1000;

    private static HostOperand AtRax => HostOperand.Memory(Host.Rax, 0);

    /// <summary>Whether the translation forms addresses of this kind.</summary>
    private static bool Addressable(MicroOp* op) => op->AddressWidth == 8;

    /// <summary>Forms base + index + displacement in RAX. The flags stay.</summary>
    private void FormOffset(MicroOp* op)
    {
        int index = op->Index == Reg.Zero ? -1 : SourceRegister(op->Index, 8, Host.R11);
        bool small = op->Disp == (int)op->Disp;
        if (op->Base == Reg.Zero || !small)
        {
            _e.Constant(Host.Rax, (ulong)op->Disp);
            if (op->Base != Reg.Zero)
                _e.Address(8, Host.Rax, new HostOperand(true, Host.Rax, SourceRegister(op->Base, 8, Host.R10), 0, 0));
            if (index >= 0)
                _e.Address(8, Host.Rax, new HostOperand(true, Host.Rax, index, op->Scale, 0));
            return;
        }

        int start = SourceRegister(op->Base, 8, Host.R10);
        if (index < 0 && op->Disp == 0)
            _e.Move(8, Host.Rax, start);
        else
            _e.Address(8, Host.Rax, new HostOperand(true, start, index, op->Scale, (int)op->Disp));
    }

    /// <summary>
    /// Looks the linear address up in the software TLB and leaves the host's address in RAX; on a miss the handler takes over.
    /// R10 and R11 are free afterwards, the host's flags lost.
    /// </summary>
    private void FormHostAddress(int k, int size, bool write)
    {
        MicroOp* op = _ops + k;
        FormOffset(op);
        if (op->Segment >= SegmentIndex.Fs)
            _e.FromOperand(0x02, 8, Host.Rax, StateLayout.SegmentBase(op->Segment));
        _e.Move(4, Host.R10, Host.Rax);
        _e.Shift(5, 4, R10, 12 - BitOperations.Log2((uint)sizeof(TlbEntry)));
        _e.Arithmetic((int)NativeOp.And, 4, R10, (TlbEntry.Count - 1) * sizeof(TlbEntry));
        _e.FromOperand(0x02, 8, Host.R10, StateLayout.Tlb);
        if (size > 1)
            _e.Address(8, Host.R11, HostOperand.Memory(Host.Rax, size - 1));
        else
            _e.Move(8, Host.R11, Host.Rax);
        _e.Arithmetic((int)NativeOp.And, 8, R11, PageMask);
        _e.FromOperand(0x3A, 8, Host.R11, HostOperand.Memory(Host.R10, write ? WriteTagOffset : ReadTagOffset));
        LeaveIf(NotZero, k);
        _e.FromOperand(0x02, 8, Host.Rax, HostOperand.Memory(Host.R10, AddendOffset));
        _valid = FlagMask.None;
    }

    /// <summary>Leaves for the handler of <paramref name="k"/> on a host condition.</summary>
    private void LeaveIf(int condition, int k)
    {
        _slow.Add((_e.JumpForwardIf(condition), k));
        _leaves = true;
    }

    private void EmitLea(MicroOp* op)
    {
        int pin = Pin(op->Dst);
        bool simple = op->Base != Reg.Zero && op->Disp == (int)op->Disp && op->AddressWidth == 8;
        int size = op->AddressWidth == 8 ? op->Width : 4;
        if (simple && pin >= 0)
        {
            int index = op->Index == Reg.Zero ? -1 : SourceRegister(op->Index, 8, Host.R11);
            _e.Address(size, pin, new HostOperand(true, SourceRegister(op->Base, 8, Host.R10), index, op->Scale, (int)op->Disp));
            return;
        }

        FormOffset(op);
        _e.Move(size, Host.R11, Host.Rax);
        WriteRegister(op->Dst, size, Host.R11);
    }

    /// <summary>A load, alone or with the operation that uses it. Gives the number of micro-ops.</summary>
    private int EmitLoad(int k)
    {
        MicroOp* op = _ops + k;
        bool write = (op->Marks & MicroOpMarks.WriteIntent) != 0;
        FormHostAddress(k, op->AccessSize, write);
        int together = write ? FuseModify(k) : FuseOperand(k);
        if (together > 0)
            return together;
        int pin = Pin(op->Dst);
        if (op->Width < 4)
        {
            _e.Load(op->AccessSize, Host.R11, AtRax);
            WriteRegister(op->Dst, op->Width, Host.R11);
        }
        else if (pin >= 0)
        {
            _e.Load(op->AccessSize, pin, AtRax);
        }
        else
        {
            _e.Load(op->AccessSize, Host.R11, AtRax);
            if (op->Dst == Reg.T0 && EndsInJumpRegister(k, BranchKind.Return))
                LeaveUnlessCanonical(Host.R11, k);
            _e.Store(8, StateLayout.Register(op->Dst), Host.R11);
        }

        return 1;
    }

    /// <summary>Load into a temporary and an operation that reads it: one host instruction with a memory operand.</summary>
    private int FuseOperand(int k)
    {
        MicroOp* load = _ops + k, op = load + 1;
        if (load->Dst < Reg.T0 || load->Width < 4 || k + 1 >= _count || (op->Marks & MicroOpMarks.First) != 0 || op->Width != load->AccessSize
            || op->C != Reg.None)
            return 0;
        NativeKind kind = _kinds.Of(op->Kind);
        NativeOp operation = kind.Form.Op;
        if (kind.Family != NativeFamily.Integer || operation is not (<= NativeOp.Cmp or NativeOp.Test))
            return 0;
        bool immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        bool writes = operation is not (NativeOp.Cmp or NativeOp.Test);
        int size = op->Width;
        if (!writes && op->A == load->Dst && (immediate || (op->B != load->Dst && !Reg.IsHighByte(op->B))))
        {
            // CMP [memory], register or constant.
            ArithmeticInto(operation, size, AtRax, immediate ? default : Source(op->B, Host.R10), immediate, Immediate(op, size));
        }
        else if (!immediate && op->B == load->Dst && op->A != load->Dst && !Reg.IsHighByte(op->A) && (!writes || op->A == op->Dst))
        {
            int a = SourceRegister(op->A, size, Host.R11);
            if (operation is NativeOp.Adc or NativeOp.Sbb)
                LoadCarry();
            ArithmeticInto(operation, size, HostOperand.Register(a), AtRax, false, 0);
            AllFlagsComputed(k + 1);
            if (writes && a == Host.R11)
                WriteRegister(op->Dst, size, a);
            return 2;
        }
        else
        {
            return 0;
        }

        AllFlagsComputed(k + 1);
        return 2;
    }

    /// <summary>Load with write permission, operation, store back: one host instruction on memory. RAX holds the address.</summary>
    private int FuseModify(int k)
    {
        MicroOp* load = _ops + k, op = load + 1, store = load + 2;
        if (k + 2 >= _count || ((op->Marks | store->Marks) & MicroOpMarks.First) != 0 || op->Width != load->AccessSize || op->A != load->Dst
            || op->Dst != load->Dst || op->C != Reg.None || store->A != load->Dst || store->AccessSize != load->AccessSize
            || _kinds.Of(store->Kind).Family != NativeFamily.Store)
            return 0;
        NativeKind kind = _kinds.Of(op->Kind);
        if (kind.Family != NativeFamily.Integer)
            return 0;
        bool immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        int size = op->Width;
        NativeOp operation = kind.Form.Op;
        switch (operation)
        {
            case < NativeOp.Cmp when immediate || (op->B != load->Dst && !Reg.IsHighByte(op->B)):
                if (operation is NativeOp.Adc or NativeOp.Sbb)
                    LoadCarry();
                ArithmeticInto(operation, size, AtRax, immediate ? default : Source(op->B, Host.R10), immediate, Immediate(op, size));
                AllFlagsComputed(k + 1);
                return 3;
            case NativeOp.Inc or NativeOp.Dec or NativeOp.Neg or NativeOp.Not:
                UnaryInto(k + 1, operation, size, AtRax);
                return 3;
            case NativeOp.Shl or NativeOp.Shr or NativeOp.Sar when immediate && ShiftCount(op, size) > 0:
                DoShift(operation, size, AtRax, ShiftCount(op, size));
                _valid = FlagMask.None;
                if (Keeps(k + 1))
                    StoreShiftFlags(operation, AtRax, size, ShiftCount(op, size));
                return 3;
            default:
                return 0;
        }
    }

    private void EmitLoadSigned(int k)
    {
        MicroOp* op = _ops + k;
        FormHostAddress(k, op->AccessSize, write: false);
        int pin = Pin(op->Dst);
        int work = pin >= 0 && op->Width >= 4 ? pin : Host.R11;
        _e.LoadSigned(op->AccessSize, Math.Max((int)op->Width, 4), work, AtRax);
        if (work == Host.R11)
            WriteRegister(op->Dst, op->Width, work);
    }

    private void EmitStore(int k)
    {
        MicroOp* op = _ops + k;
        FormHostAddress(k, op->AccessSize, write: true);
        _e.Store(op->AccessSize, AtRax, SourceRegister(op->A, op->AccessSize, Host.R10));
    }

    private void EmitStoreImmediate(int k)
    {
        MicroOp* op = _ops + k;
        int size = op->AccessSize;
        if (EndsInJumpRegister(k, BranchKind.CallIndirect))
        {
            _e.Load(8, Host.R11, StateLayout.Register(Reg.T0));
            LeaveUnlessCanonical(Host.R11, k);
        }

        FormHostAddress(k, size, write: true);
        long value = Immediate(op, size);
        if (value == (int)value)
        {
            _e.StoreImmediate(size, AtRax, (int)value);
            return;
        }

        _e.Constant(Host.R10, (ulong)value);
        _e.Store(size, AtRax, Host.R10);
    }
}
