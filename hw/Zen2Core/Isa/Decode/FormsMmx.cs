using CoSim.Hw.Zen2Core.Isa.Vector;
using CoSim.Hw.Zen2Core.Isa.X87;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of MMX instructions: each is one microcode function.</summary>
internal static unsafe class FormsMmx
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        RegisterArithmetic();
        RegisterShuffles();
        RegisterShifts();
        RegisterMoves();
    }

    private static void RegisterArithmetic()
    {
        Low<PAddB>(Mnemonic.Paddb);
        Low<PAddW>(Mnemonic.Paddw);
        Low<PAddD>(Mnemonic.Paddd);
        Low<PAddQ>(Mnemonic.Paddq);
        Low<PSubB>(Mnemonic.Psubb);
        Low<PSubW>(Mnemonic.Psubw);
        Low<PSubD>(Mnemonic.Psubd);
        Low<PSubQ>(Mnemonic.Psubq);
        Low<PAddSB>(Mnemonic.Paddsb);
        Low<PAddSW>(Mnemonic.Paddsw);
        Low<PAddUsB>(Mnemonic.Paddusb);
        Low<PAddUsW>(Mnemonic.Paddusw);
        Low<PSubSB>(Mnemonic.Psubsb);
        Low<PSubSW>(Mnemonic.Psubsw);
        Low<PSubUsB>(Mnemonic.Psubusb);
        Low<PSubUsW>(Mnemonic.Psubusw);
        Low<PAvgB>(Mnemonic.Pavgb);
        Low<PAvgW>(Mnemonic.Pavgw);
        Low<PMinUB>(Mnemonic.Pminub);
        Low<PMinSW>(Mnemonic.Pminsw);
        Low<PMaxUB>(Mnemonic.Pmaxub);
        Low<PMaxSW>(Mnemonic.Pmaxsw);
        Low<PAbsB>(Mnemonic.Pabsb);
        Low<PAbsW>(Mnemonic.Pabsw);
        Low<PAbsD>(Mnemonic.Pabsd);
        Low<PSignB>(Mnemonic.Psignb);
        Low<PSignW>(Mnemonic.Psignw);
        Low<PSignD>(Mnemonic.Psignd);
        Low<PCmpEqB>(Mnemonic.Pcmpeqb);
        Low<PCmpEqW>(Mnemonic.Pcmpeqw);
        Low<PCmpEqD>(Mnemonic.Pcmpeqd);
        Low<PCmpGtB>(Mnemonic.Pcmpgtb);
        Low<PCmpGtW>(Mnemonic.Pcmpgtw);
        Low<PCmpGtD>(Mnemonic.Pcmpgtd);
        Low<PAnd>(Mnemonic.Pand);
        Low<PAndNot>(Mnemonic.Pandn);
        Low<POr>(Mnemonic.Por);
        Low<PXor>(Mnemonic.Pxor);
        Low<PMulLW>(Mnemonic.Pmullw);
        Low<PMulHW>(Mnemonic.Pmulhw);
        Low<PMulHUW>(Mnemonic.Pmulhuw);
        Low<PMulHRSW>(Mnemonic.Pmulhrsw);
        Low<PMulUDQ>(Mnemonic.Pmuludq);
        Low<PMAddWD>(Mnemonic.Pmaddwd);
        Low<PMAddUBSW>(Mnemonic.Pmaddubsw);
        Low<PSadBW>(Mnemonic.Psadbw);
    }

    private static void RegisterShuffles()
    {
        Add<MmxJoined<PackSsWB>>(Mnemonic.Packsswb);
        Add<MmxJoined<PackSsDW>>(Mnemonic.Packssdw);
        Add<MmxJoined<PackUsWB>>(Mnemonic.Packuswb);
        Add<MmxJoined<PHAddW>>(Mnemonic.Phaddw);
        Add<MmxJoined<PHAddD>>(Mnemonic.Phaddd);
        Add<MmxJoined<PHAddSW>>(Mnemonic.Phaddsw);
        Add<MmxJoined<PHSubW>>(Mnemonic.Phsubw);
        Add<MmxJoined<PHSubD>>(Mnemonic.Phsubd);
        Add<MmxJoined<PHSubSW>>(Mnemonic.Phsubsw);
        Low<PUnpckLBW>(Mnemonic.Punpcklbw);
        Low<PUnpckLWD>(Mnemonic.Punpcklwd);
        Low<PUnpckLDQ>(Mnemonic.Punpckldq);
        Add<MmxHigh<PUnpckLBW>>(Mnemonic.Punpckhbw);
        Add<MmxHigh<PUnpckLWD>>(Mnemonic.Punpckhwd);
        Add<MmxHigh<PUnpckLDQ>>(Mnemonic.Punpckhdq);
        Add<MmxShuffleBytes>(Mnemonic.Pshufb);
        Add<MmxShuffleWords>(Mnemonic.Pshufw);
        Add<MmxAlign>(Mnemonic.Palignr);
    }

    private static void RegisterShifts()
    {
        Shift<PSllW, PSllWImm>(Mnemonic.Psllw);
        Shift<PSllD, PSllDImm>(Mnemonic.Pslld);
        Shift<PSllQ, PSllQImm>(Mnemonic.Psllq);
        Shift<PSrlW, PSrlWImm>(Mnemonic.Psrlw);
        Shift<PSrlD, PSrlDImm>(Mnemonic.Psrld);
        Shift<PSrlQ, PSrlQImm>(Mnemonic.Psrlq);
        Shift<PSraW, PSraWImm>(Mnemonic.Psraw);
        Shift<PSraD, PSraDImm>(Mnemonic.Psrad);
    }

    private static void RegisterMoves()
    {
        Row(Code.Movd_mm_rm32, &MmxMicrocode.FromInt<MmxMove>);
        Row(Code.Movq_mm_rm64, &MmxMicrocode.FromInt<MmxMove>);
        Row(Code.Movd_rm32_mm, &MmxMicrocode.ToInt<MmxMove>);
        Row(Code.Movq_rm64_mm, &MmxMicrocode.ToInt<MmxMove>);
        Row(Code.Movq_mm_mmm64, &MmxMicrocode.Binary<MmxMove>);
        FormTable.Add(Code.Movq_mmm64_mm, StoreOrMove());
        Row(Code.Movntq_m64_mm, &MmxMicrocode.ToInt<MmxMove>);
        Row(Code.Pinsrw_mm_r32m16_imm8, &MmxMicrocode.FromInt<MmxInsertWord>);
        Row(Code.Pinsrw_mm_r64m16_imm8, &MmxMicrocode.FromInt<MmxInsertWord>);
        Row(Code.Pextrw_r32_mm_imm8, &MmxMicrocode.ToInt<MmxExtractWord>);
        Row(Code.Pextrw_r64_mm_imm8, &MmxMicrocode.ToInt<MmxExtractWord>);
        Row(Code.Pmovmskb_r32_mm, &MmxMicrocode.ToInt<MmxMask>);
        Row(Code.Pmovmskb_r64_mm, &MmxMicrocode.ToInt<MmxMask>);
        Row(Code.Movq2dq_xmm_mm, &MmxMicrocode.ToVector);
        Row(Code.Movdq2q_mm_xmm, &MmxMicrocode.FromVector);
        Row(Code.Cvtpi2ps_xmm_mmm64, &MmxMicrocode.ConvertToVector<CvtPI2PS>);
        Row(Code.Cvtpi2pd_xmm_mmm64, &MmxMicrocode.ConvertToVector<CvtDQ2PD>);
        Row(Code.Cvtps2pi_mm_xmmm64, &MmxMicrocode.ConvertFromVector<CvtPS2PI<RoundAsControlled>>);
        Row(Code.Cvttps2pi_mm_xmmm64, &MmxMicrocode.ConvertFromVector<CvtPS2PI<Truncate>>);
        Row(Code.Cvtpd2pi_mm_xmmm128, &MmxMicrocode.ConvertFromVector<CvtPD2DQ<RoundAsControlled>>);
        Row(Code.Cvttpd2pi_mm_xmmm128, &MmxMicrocode.ConvertFromVector<CvtPD2DQ<Truncate>>);
        Row(Code.Emms, &MmxMicrocode.Empty);
        foreach (Code code in FormTable.CodesOf(Mnemonic.Maskmovq))
            Row(code, &MmxMicrocode.MaskedStore);
        ushort masked = MicroOpKinds.AddMicrocode("maskmovdqu", &MaskedStores.StoreVector);
        FormsVector.Both(Mnemonic.Maskmovdqu, c =>
        {
            MicroOp* op = MicrocodeEmit.EmitInline(c, masked);
            SetImplicitAddress(c, op, 16);
            op->A = c.Register(1);
            op->B = c.Register(2);
        });
    }

    private static void Low<TOp>(Mnemonic mnemonic)
        where TOp : struct, IVecOp => Add<MmxLow<TOp>>(mnemonic);

    private static void Add<TOp>(Mnemonic mnemonic)
        where TOp : struct, IMmxOp
    {
        foreach (Code code in FormTable.CodesOf(mnemonic))
        {
            if (FormsVector.UsesMmx(code))
                Row(code, &MmxMicrocode.Binary<TOp>);
        }
    }

    private static void Shift<TOp, TImmediate>(Mnemonic mnemonic)
        where TOp : struct, IVecOp
        where TImmediate : struct, IVecOp
    {
        foreach (Code code in FormTable.CodesOf(mnemonic))
        {
            if (!FormsVector.UsesMmx(code))
                continue;
            if (code.ToOpCode().Op1Kind == OpCodeOperandKind.imm8)
                Row(code, &MmxMicrocode.Immediate<MmxLow<TImmediate>>);
            else
                Row(code, &MmxMicrocode.Binary<MmxLow<TOp>>);
        }
    }

    private static Cracker StoreOrMove()
    {
        ushort move = MicroOpKinds.AddMicrocode("mmx.movq", &MmxMicrocode.Binary<MmxMove>, MmxUse.Of(Code.Movq_mm_mmm64));
        ushort store = MicroOpKinds.AddMicrocode("mmx.store", &MmxMicrocode.ToInt<MmxMove>, MmxUse.Of(Code.Movq_rm64_mm));
        return c => Emit(c, c.IsMemory(0) ? store : move);
    }

    private static void Row(Code code, delegate*<CoreContext, CpuState*, MicroOp*, MicrocodeResult> function)
    {
        ushort kind = MicroOpKinds.AddMicrocode("mmx." + code.Mnemonic().ToString().ToLowerInvariant(), function, MmxUse.Of(code));
        FormTable.Add(code, c => Emit(c, kind));
    }

    private static void Emit(CrackContext c, ushort kind)
    {
        MicroOp* op = MicrocodeEmit.EmitInline(c, kind);
        Instruction instruction = c.Instruction;
        ulong control = 0, dst = 0, source = 0;
        for (int i = 0; i < instruction.OpCount; i++)
        {
            if (c.IsImmediate(i))
            {
                control = c.Immediate(i) & 0xFF;
            }
            else if (c.IsMemory(i))
            {
                c.SetMemory(op, c.OperandBytes(i));
            }
            else if (instruction.GetOpKind(i) == OpKind.Register)
            {
                Place(instruction.GetOpRegister(i), i, op, ref dst, ref source);
            }
            else
            {
                SetImplicitAddress(c, op, 8);
            }
        }

        if (instruction.Mnemonic == Mnemonic.Maskmovq)
            dst = (ulong)(instruction.GetOpRegister(1) - Iced.Intel.Register.MM0);
        op->Imm = control | (dst << 8) | (source << 12);
    }

    private static void Place(Register register, int operand, MicroOp* op, ref ulong dst, ref ulong source)
    {
        if (register.IsMM())
        {
            ulong number = (ulong)(register - Iced.Intel.Register.MM0);
            if (operand == 0)
                dst = number;
            else
                source = number;
            return;
        }

        if (operand == 0)
            op->Dst = RegisterMap.Offset(register);
        else
            op->B = RegisterMap.Offset(register);
        op->Width = (byte)register.GetSize();
    }

    // MASKMOVQ and MASKMOVDQU store to DS:[rDI], or another segment, with the address size of the instruction.
    private static void SetImplicitAddress(CrackContext c, MicroOp* op, int bytes)
    {
        op->AccessSize = (byte)bytes;
        op->Segment = RegisterMap.Segment(c.Instruction.MemorySegment);
        op->Base = Reg.Rdi;
        op->AddressWidth = c.Instruction.Op0Kind switch { OpKind.MemorySegDI => 2, OpKind.MemorySegEDI => 4, _ => 8 };
    }
}
