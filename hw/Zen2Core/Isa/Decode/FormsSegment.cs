using Iced.Intel;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of segment, descriptor, control-register and far-transfer instructions.</summary>
internal static unsafe class FormsSegment
{
    private static readonly ushort s_load = MicroOpKinds.AddMicrocode("mov.to.sreg", &SegmentMicrocode.Load);
    private static readonly ushort s_farJump = MicroOpKinds.AddMicrocode("jmp.far", &TransferMicrocode.FarJump);
    private static readonly ushort s_farCall = MicroOpKinds.AddMicrocode("call.far", &TransferMicrocode.FarCall);

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        RegisterMoves();
        RegisterTables();
        RegisterFar();
        RegisterControl();
    }

    private static void RegisterMoves()
    {
        foreach (Code code in new[] { Code.Mov_rm16_Sreg, Code.Mov_r32m16_Sreg, Code.Mov_r64m16_Sreg })
            FormTable.Add(code, StoreSelector);
        foreach (Code code in new[] { Code.Mov_Sreg_rm16, Code.Mov_Sreg_r32m16, Code.Mov_Sreg_r64m16 })
            FormTable.Add(code, LoadSelector);
        (Code Code, int Bytes)[] pops =
        [
            (Code.Popw_ES, 2), (Code.Popd_ES, 4), (Code.Popw_SS, 2), (Code.Popd_SS, 4), (Code.Popw_DS, 2), (Code.Popd_DS, 4),
            (Code.Popw_FS, 2), (Code.Popd_FS, 4), (Code.Popq_FS, 8), (Code.Popw_GS, 2), (Code.Popd_GS, 4), (Code.Popq_GS, 8),
        ];
        foreach ((Code code, int bytes) in pops)
        {
            FormTable.Add(code, c =>
            {
                MemoryEmit.LoadStack(c, bytes, Reg.T0, 8, 0);
                EmitLoad(c, RegisterMap.Segment(c.Instruction.Op0Register), Reg.T0)->Imm = (ulong)bytes;
            });
        }

        LoadPointer(Mnemonic.Lds, SegmentIndex.Ds);
        LoadPointer(Mnemonic.Les, SegmentIndex.Es);
        LoadPointer(Mnemonic.Lfs, SegmentIndex.Fs);
        LoadPointer(Mnemonic.Lgs, SegmentIndex.Gs);
        LoadPointer(Mnemonic.Lss, SegmentIndex.Ss);
    }

    private static void StoreSelector(CrackContext c)
    {
        SegmentIndex segment = RegisterMap.Segment(c.Instruction.Op1Register);
        SegmentEmit.Read(c, Reg.T0, segment);
        if (c.IsMemory(0))
            MemoryEmit.Store(c, 2, Reg.T0);
        else
            IntEmit<Mov>.Registers(c, c.OperandBytes(0), c.Register(0), Reg.None, Reg.T0);
    }

    private static void LoadSelector(CrackContext c)
    {
        SegmentIndex segment = RegisterMap.Segment(c.Instruction.Op0Register);
        if (segment == SegmentIndex.Cs)
        {
            FormTable.Undefined(c);
            return;
        }

        EmitLoad(c, segment, c.IsMemory(1) ? AluCrack.LoadTemporary(c, 2, Reg.T0) : c.Register(1));
    }

    private static MicroOp* EmitLoad(CrackContext c, SegmentIndex segment, ushort source)
    {
        MicroOp* op = MicrocodeEmit.Emit(c, s_load);
        op->A = source;
        op->Condition = (byte)segment;
        return op;
    }

    private static void LoadPointer(Mnemonic mnemonic, SegmentIndex segment)
    {
        ushort kind = MicroOpKinds.AddMicrocode(mnemonic.ToString().ToLowerInvariant(), &SegmentMicrocode.LoadPointer);
        FormTable.Add(mnemonic, c =>
        {
            int bytes = c.OperandBytes(0);
            FarOperand(c, bytes);
            MicroOp* op = MicrocodeEmit.Emit(c, kind);
            op->Width = (byte)bytes;
            op->Dst = c.Register(0);
            op->A = Reg.T0;
            op->B = Reg.T1;
            op->Condition = (byte)segment;
        });
    }

    /// <summary>T0 = offset, T1 = selector, from a far pointer in memory.</summary>
    private static void FarOperand(CrackContext c, int bytes)
    {
        MicroOp* offset = MemoryEmit.Load(c, bytes, Reg.T0, 8);
        _ = offset;
        MicroOp* selector = MemoryEmit.Load(c, 2, Reg.T1, 8);
        selector->Disp += bytes;
    }

    private static void RegisterTables()
    {
        ushort load = MicroOpKinds.AddMicrocode("lgdt/lidt", &SegmentMicrocode.LoadTable);
        ushort store = MicroOpKinds.AddMicrocode("sgdt/sidt", &SegmentMicrocode.StoreTable);
        FormTable.Add(Mnemonic.Lgdt, c => LoadTable(c, load, 0));
        FormTable.Add(Mnemonic.Lidt, c => LoadTable(c, load, 1));
        FormTable.Add(Mnemonic.Sgdt, c => StoreTable(c, store, 0));
        FormTable.Add(Mnemonic.Sidt, c => StoreTable(c, store, 1));
        ushort loadSystem = MicroOpKinds.AddMicrocode("lldt/ltr", &SegmentMicrocode.LoadSystem);
        FormTable.Add(Mnemonic.Lldt, c => Privileged(c, loadSystem, 0));
        FormTable.Add(Mnemonic.Ltr, c => Privileged(c, loadSystem, 1));
        ushort storeSystem = MicroOpKinds.AddMicrocode("sldt/str/smsw", &SegmentMicrocode.StoreSystem);
        FormTable.Add(Mnemonic.Sldt, c => StoreSystem(c, storeSystem, 0));
        FormTable.Add(Mnemonic.Str, c => StoreSystem(c, storeSystem, 1));
        FormTable.Add(Mnemonic.Smsw, c => StoreSystem(c, storeSystem, 2));
        ushort inspect = MicroOpKinds.AddMicrocode("lar/lsl/verr/verw", &SegmentMicrocode.Inspect);
        FormTable.Add(Mnemonic.Lar, c => Inspect(c, inspect, 0));
        FormTable.Add(Mnemonic.Lsl, c => Inspect(c, inspect, 1));
        FormTable.Add(Mnemonic.Verr, c => FromSelector(c, inspect, 2)->FlagsWritten = FlagMask.ZF);
        FormTable.Add(Mnemonic.Verw, c => FromSelector(c, inspect, 3)->FlagsWritten = FlagMask.ZF);
        ushort arpl = MicroOpKinds.AddMicrocode("arpl", &SegmentMicrocode.AdjustLevel);
        FormTable.Add(Mnemonic.Arpl, c =>
        {
            MicroOp* op = MicrocodeEmit.EmitInline(c, arpl);
            if (c.IsMemory(0))
                c.SetMemory(op, 2);
            else
                op->A = op->Dst = c.Register(0);
            op->B = c.Register(1);
            op->FlagsWritten = FlagMask.ZF;
        });
        ushort bases = MicroOpKinds.AddMicrocode("fsgsbase", &SegmentMicrocode.BaseAccess);
        Mnemonic[] order = [Mnemonic.Rdfsbase, Mnemonic.Rdgsbase, Mnemonic.Wrfsbase, Mnemonic.Wrgsbase];
        for (int n = 0; n < order.Length; n++)
        {
            int which = n;
            FormTable.Add(order[n], c =>
            {
                MicroOp* op = MicrocodeEmit.EmitInline(c, bases);
                op->Width = (byte)c.OperandBytes(0);
                op->Dst = which < 2 ? c.Register(0) : Reg.None;
                op->A = which < 2 ? Reg.None : c.Register(0);
                op->Condition = (byte)which;
            });
        }
    }

    private static void LoadTable(CrackContext c, ushort kind, int which)
    {
        int baseBytes = c.CodeBits == 64 ? 8 : 4;
        MicroOp* op = MicrocodeEmit.Emit(c, kind);
        c.SetMemory(op, 2 + baseBytes);
        op->Condition = (byte)which;
        op->Width = (byte)(c.Instruction.Code is Code.Lgdt_m1632_16 or Code.Lidt_m1632_16 ? 2 : baseBytes);
    }

    private static void StoreTable(CrackContext c, ushort kind, int which)
    {
        MicroOp* op = MicrocodeEmit.Emit(c, kind);
        c.SetMemory(op, c.CodeBits == 64 ? 10 : 6);
        op->Marks |= MicroOpMarks.WriteIntent;
        op->Condition = (byte)which;
    }

    // The microcode reads the operand itself: above level 0 the instruction is refused before its operand is looked at, as processors do.
    private static void Privileged(CrackContext c, ushort kind, int which)
    {
        MicroOp* op = MicrocodeEmit.Emit(c, kind);
        if (c.IsMemory(0))
            c.SetMemory(op, 2);
        else
            op->A = c.Register(0);
        op->Condition = (byte)which;
    }

    private static MicroOp* FromSelector(CrackContext c, ushort kind, int which)
    {
        ushort source = c.IsMemory(0) ? AluCrack.LoadTemporary(c, 2, Reg.T0) : c.Register(0);
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        op->A = source;
        op->Condition = (byte)which;
        return op;
    }

    private static void StoreSystem(CrackContext c, ushort kind, int which)
    {
        bool memory = c.IsMemory(0);
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        op->Dst = memory ? Reg.T0 : c.Register(0);
        op->Width = (byte)(memory ? 8 : c.OperandBytes(0));
        op->Condition = (byte)which;
        if (memory)
            MemoryEmit.Store(c, 2, Reg.T0);
    }

    private static void Inspect(CrackContext c, ushort kind, int which)
    {
        ushort source = c.IsMemory(1) ? AluCrack.LoadTemporary(c, 2, Reg.T0) : c.Register(1);
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        op->A = source;
        op->Dst = c.Register(0);
        op->Width = (byte)c.OperandBytes(0);
        op->Condition = (byte)which;
        op->FlagsWritten = FlagMask.ZF;
    }

    private static void RegisterFar()
    {
        (Code Code, int Bytes)[] memory =
        [
            (Code.Jmp_m1616, 2), (Code.Jmp_m1632, 4), (Code.Jmp_m1664, 8), (Code.Call_m1616, 2), (Code.Call_m1632, 4), (Code.Call_m1664, 8),
        ];
        foreach ((Code code, int bytes) in memory)
        {
            FormTable.Add(code, c =>
            {
                FarOperand(c, bytes);
                Far(c, bytes);
            });
        }

        (Code Code, int Bytes)[] direct =
            [(Code.Jmp_ptr1616, 2), (Code.Jmp_ptr1632, 4), (Code.Call_ptr1616, 2), (Code.Call_ptr1632, 4)];
        foreach ((Code code, int bytes) in direct)
        {
            FormTable.Add(code, c =>
            {
                ulong offset = bytes == 2 ? c.Instruction.FarBranch16 : c.Instruction.FarBranch32;
                IntEmit<Mov>.Immediate(c, 8, Reg.T0, Reg.None, offset);
                IntEmit<Mov>.Immediate(c, 8, Reg.T1, Reg.None, c.Instruction.FarBranchSelector);
                Far(c, bytes);
            });
        }
    }

    private static void Far(CrackContext c, int bytes)
    {
        MicroOp* op = MicrocodeEmit.Emit(c, c.Instruction.Mnemonic == Mnemonic.Jmp ? s_farJump : s_farCall);
        op->A = Reg.T0;
        op->B = Reg.T1;
        op->Width = (byte)bytes;
    }

    private static void RegisterControl()
    {
        ushort read = MicroOpKinds.AddMicrocode("mov.from.cr", &ControlRegisterMicrocode.Read);
        ushort write = MicroOpKinds.AddMicrocode("mov.to.cr", &ControlRegisterMicrocode.Write);
        ushort readDebug = MicroOpKinds.AddMicrocode("mov.from.dr", &ControlRegisterMicrocode.ReadDebug);
        ushort writeDebug = MicroOpKinds.AddMicrocode("mov.to.dr", &ControlRegisterMicrocode.WriteDebug);
        Special(read, Code.Mov_r32_cr, Code.Mov_r64_cr, Iced.Intel.Register.CR0, toSpecial: false);
        Special(write, Code.Mov_cr_r32, Code.Mov_cr_r64, Iced.Intel.Register.CR0, toSpecial: true);
        Special(readDebug, Code.Mov_r32_dr, Code.Mov_r64_dr, Iced.Intel.Register.DR0, toSpecial: false);
        Special(writeDebug, Code.Mov_dr_r32, Code.Mov_dr_r64, Iced.Intel.Register.DR0, toSpecial: true);
        ushort lmsw = MicroOpKinds.AddMicrocode("lmsw", &ControlRegisterMicrocode.LoadStatusWord);
        FormTable.Add(Mnemonic.Lmsw, c => Privileged(c, lmsw, 0));
        ushort invlpg = MicroOpKinds.AddMicrocode("invlpg", &MiscMicrocode.InvalidatePage);
        FormTable.Add(Mnemonic.Invlpg, c => c.SetMemory(MicrocodeEmit.Emit(c, invlpg), 1));
        ushort wide = MicroOpKinds.AddMicrocode("cmpxchg.wide", &MiscMicrocode.CompareExchangeWide);
        FormTable.Add(Mnemonic.Cmpxchg8b, c => Wide(c, wide, 4));
        FormTable.Add(Mnemonic.Cmpxchg16b, c => Wide(c, wide, 8));
        ushort bound = MicroOpKinds.AddMicrocode("bound", &TransferMicrocode.Bound);
        FormTable.Add(Mnemonic.Bound, c =>
        {
            MicroOp* op = MicrocodeEmit.EmitInline(c, bound);
            op->Width = (byte)c.OperandBytes(0);
            op->A = c.Register(0);
            c.SetMemory(op, op->Width * 2);
        });
        ushort random = MicroOpKinds.AddMicrocode("rdrand", &MiscMicrocode.Random);
        FormTable.Add(Mnemonic.Rdrand, c => Random(c, random));
        FormTable.Add(Mnemonic.Rdseed, c => Random(c, random));
        ushort flush = MicroOpKinds.AddMicrocode("clflush", &CacheLineMicrocode.Flush);
        foreach (Mnemonic mnemonic in new[] { Mnemonic.Clflush, Mnemonic.Clflushopt, Mnemonic.Clwb })
            FormTable.Add(mnemonic, c => c.SetMemory(MicrocodeEmit.EmitInline(c, flush), 1));
    }

    private static void Special(ushort kind, Code form32, Code form64, Register first, bool toSpecial)
    {
        foreach (Code code in new[] { form32, form64 })
        {
            FormTable.Add(code, c =>
            {
                MicroOp* op = MicrocodeEmit.Emit(c, kind);
                op->Condition = (byte)(c.Instruction.GetOpRegister(toSpecial ? 0 : 1) - first);
                ushort general = c.Register(toSpecial ? 1 : 0);
                op->A = toSpecial ? general : Reg.None;
                op->Dst = toSpecial ? Reg.None : general;
                op->Width = (byte)(code == form64 ? 8 : 4);
            });
        }
    }

    private static void Wide(CrackContext c, ushort kind, int half)
    {
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        op->Width = (byte)half;
        c.SetMemory(op, half * 2);
        op->Marks |= MicroOpMarks.WriteIntent;
        op->FlagsWritten = FlagMask.ZF;
        if (c.Instruction.HasLockPrefix)
            op->Marks |= MicroOpMarks.Locked;
    }

    private static void Random(CrackContext c, ushort kind)
    {
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        op->Width = (byte)c.OperandBytes(0);
        op->Dst = c.Register(0);
        op->FlagsWritten = FlagMask.All;
    }
}
