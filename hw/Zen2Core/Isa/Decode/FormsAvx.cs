using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa.Vector;
using CoSim.Hw.Zen2Core.Isa.X87;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of AVX, AVX2 and F16C instructions that have no legacy form.</summary>
internal static unsafe class FormsAvx
{
    private static readonly ushort s_maskedLoad = MicroOpKinds.AddMicrocode("vmaskmov.load", &MaskedVectorMoves.Load);
    private static readonly ushort s_maskedStore = MicroOpKinds.AddMicrocode("vmaskmov.store", &MaskedVectorMoves.Store);
    private static readonly ushort s_zero = MicroOpKinds.AddMicrocode("vzero", &MaskedVectorMoves.Zero);

    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        RegisterPermutes();
        RegisterBroadcasts();
        RegisterShiftsAndBlends();
        RegisterConversions();
        FormsGather.Register();
        Add(Mnemonic.Vtestps, Test<TestSigns<uint>, WideTestSigns<uint>>);
        Add(Mnemonic.Vtestpd, Test<TestSigns<ulong>, WideTestSigns<ulong>>);
        Add(Mnemonic.Vmaskmovps, c => Masked(c, 4));
        Add(Mnemonic.Vmaskmovpd, c => Masked(c, 8));
        Add(Mnemonic.Vpmaskmovd, c => Masked(c, 4));
        Add(Mnemonic.Vpmaskmovq, c => Masked(c, 8));
        Add(Mnemonic.Vzeroupper, c => MicrocodeEmit.EmitInline(c, s_zero));
        Add(Mnemonic.Vzeroall, c => MicrocodeEmit.EmitInline(c, s_zero)->Imm = 1);
    }

    private static void RegisterPermutes()
    {
        Add(Mnemonic.Vpermilps, c => Permute<PermuteSingles, PShufD>(c));
        Add(Mnemonic.Vpermilpd, c => Permute<PermuteDoubles, PermuteDoublesImm>(c));
        Add(Mnemonic.Vpermd, Wide<PermuteLanes>);
        Add(Mnemonic.Vpermps, Wide<PermuteLanes>);
        Add(Mnemonic.Vpermq, Wide<PermuteQuads>);
        Add(Mnemonic.Vpermpd, Wide<PermuteQuads>);
        Add(Mnemonic.Vperm2f128, Wide<PermuteHalves>);
        Add(Mnemonic.Vperm2i128, Wide<PermuteHalves>);
        Add(Mnemonic.Vinsertf128, Wide<InsertHalf>);
        Add(Mnemonic.Vinserti128, Wide<InsertHalf>);
        Add(Mnemonic.Vextractf128, Extract);
        Add(Mnemonic.Vextracti128, Extract);
    }

    private static void RegisterBroadcasts()
    {
        Add(Mnemonic.Vbroadcastss, Spread<uint>);
        Add(Mnemonic.Vbroadcastsd, Spread<ulong>);
        Add(Mnemonic.Vpbroadcastb, Spread<byte>);
        Add(Mnemonic.Vpbroadcastw, Spread<ushort>);
        Add(Mnemonic.Vpbroadcastd, Spread<uint>);
        Add(Mnemonic.Vpbroadcastq, Spread<ulong>);
        Add(Mnemonic.Vbroadcastf128, Wide<DuplicateLow>);
        Add(Mnemonic.Vbroadcasti128, Wide<DuplicateLow>);
    }

    private static void RegisterShiftsAndBlends()
    {
        Add(Mnemonic.Vpsllvd, VecCrack.Plain<PSllVD>());
        Add(Mnemonic.Vpsllvq, VecCrack.Plain<PSllVQ>());
        Add(Mnemonic.Vpsrlvd, VecCrack.Plain<PSrlVD>());
        Add(Mnemonic.Vpsrlvq, VecCrack.Plain<PSrlVQ>());
        Add(Mnemonic.Vpsravd, VecCrack.Plain<PSraVD>());
        Add(Mnemonic.Vpblendd, VecCrack.Plain<BlendPS>());
        Add(Mnemonic.Vblendvps, Blend<BlendVPS>);
        Add(Mnemonic.Vblendvpd, Blend<BlendVPD>);
        Add(Mnemonic.Vpblendvb, Blend<PBlendVB>);
    }

    private static void RegisterConversions()
    {
        Add(Mnemonic.Vcvtps2pd, c => Convert<CvtPS2PD, Lengthen<CvtPS2PD>>(c));
        Add(Mnemonic.Vcvtdq2pd, c => Convert<CvtDQ2PD, Lengthen<CvtDQ2PD>>(c));
        Add(Mnemonic.Vcvtph2ps, c => Convert<CvtPH2PS, Lengthen<CvtPH2PS>>(c));
        Add(Mnemonic.Vcvtpd2ps, c => Convert<CvtPD2PS, Shorten<CvtPD2PS>>(c));
        Add(Mnemonic.Vcvtpd2dq, c => Convert<CvtPD2DQ<RoundAsControlled>, Shorten<CvtPD2DQ<RoundAsControlled>>>(c));
        Add(Mnemonic.Vcvttpd2dq, c => Convert<CvtPD2DQ<Truncate>, Shorten<CvtPD2DQ<Truncate>>>(c));
        Add(Mnemonic.Vcvtps2ph, ToHalf);
    }

    private static void Add(Mnemonic mnemonic, Cracker cracker) => FormTable.Add(mnemonic, EncodingKind.VEX, cracker);

    private static void Permute<TRegister, TImmediate>(CrackContext c)
        where TRegister : struct, IVecOp
        where TImmediate : struct, IVecOp
    {
        VecOperands o = VecCrack.Operands(c, unary: true);
        if (c.IsImmediate(2))
            VecCrack.EmitPlain<TImmediate>(c, o);
        else
            VecCrack.EmitPlain<TRegister>(c, o);
    }

    private static void Wide<TOp>(CrackContext c)
        where TOp : struct, IVecWideOp
    {
        VecOperands o = VecCrack.Operands(c, unary: true);
        VecEmit.Wide<TOp>(c, o.Dst, o.A, o.B, o.Control);
    }

    private static void Extract(CrackContext c)
    {
        bool memory = c.IsMemory(0);
        VecEmit.Wide<ExtractHalf>(c, memory ? VecCrack.T0 : c.Register(0), Reg.None, c.Register(1), c.Immediate(2) & 1);
        if (memory)
            VecMemoryEmit.Store(c, VecCrack.T0, 16, aligned: false);
    }

    private static void Spread<TLane>(CrackContext c)
        where TLane : unmanaged
    {
        VecOperands o = VecCrack.Operands(c, unary: true);
        if (o.Shape == VecShapeKind.Vex256)
            VecEmit.Wide<BroadcastWide<TLane>>(c, o.Dst, Reg.None, o.B, 0);
        else
            VecCrack.EmitPlain<Broadcast<TLane>>(c, o);
    }

    private static void Blend<TOp>(CrackContext c)
        where TOp : struct, IVecOp3
    {
        ushort source = VecCrack.Source(c, 2);
        VecCrack.EmitPlain3<TOp>(c, new VecOperands(c.Register(0), c.Register(1), source, 0, VecCrack.Shape(c)), c.Register(3));
    }

    private static void Convert<TNarrow, TWide>(CrackContext c)
        where TNarrow : struct, IVecFloatOp
        where TWide : struct, IVecFloatWideOp
    {
        VecOperands o = VecCrack.Operands(c, unary: true);
        if (o.Shape == VecShapeKind.Vex256)
            VecEmit.WideFloat<TWide>(c, o.Dst, o.B, o.Control);
        else
            VecCrack.EmitFloat<TNarrow>(c, o);
    }

    private static void ToHalf(CrackContext c)
    {
        bool memory = c.IsMemory(0);
        ushort dst = memory ? VecCrack.T0 : c.Register(0);
        ulong control = c.Immediate(2) & 0xFF;
        bool wide = c.Instruction.Op1Register.IsYMM();
        MicroOp* op = wide
            ? VecEmit.WideFloat<Shorten<CvtPS2PH>>(c, dst, c.Register(1), control)
            : VecEmit.Float<CvtPS2PH, Vex128Shape>(c, dst, Reg.None, c.Register(1), control);
        if (!memory)
            return;
        op->Handler = wide ? &VectorHandlers.WideFloatBeforeStore<Shorten<CvtPS2PH>> : &VectorHandlers.FloatBeforeStore<CvtPS2PH, Vex128Shape>;
        VecMemoryEmit.Store(c, VecCrack.T0, c.OperandBytes(0), aligned: false);
    }

    private static void Test<TNarrow, TWide>(CrackContext c)
        where TNarrow : struct, IVecToIntOp
        where TWide : struct, IWideToIntOp
    {
        ushort b = VecCrack.Source(c, 1);
        MicroOp* op = VecCrack.Shape(c) == VecShapeKind.Vex256
            ? VecEmit.WideToInt<TWide>(c, Reg.None, c.Register(0), b)
            : VecEmit.ToInt<TNarrow>(c, Reg.None, c.Register(0), b, 0);
        op->FlagsWritten = FlagMask.All;
    }

    private static void Masked(CrackContext c, ulong element)
    {
        bool store = c.IsMemory(0);
        MicroOp* op = MicrocodeEmit.EmitInline(c, store ? s_maskedStore : s_maskedLoad);
        int width = c.OperandBytes(store ? 0 : 2);
        c.SetMemory(op, width);
        if (store)
            op->Marks |= MicroOpMarks.WriteIntent;
        op->Width = (byte)width;
        op->Imm = element;
        op->A = c.Register(1);
        if (store)
            op->B = c.Register(2);
        else
            op->Dst = c.Register(0);
    }
}
