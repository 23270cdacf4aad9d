using CoSim.Hw.Zen2Core.Isa.Integer;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>Operations that have a translation. The first eight are numbered like the host's ADD..CMP group.</summary>
internal enum NativeOp : byte
{
    Add, Or, Adc, Sbb, And, Sub, Xor, Cmp,
    None, Test, Mov, Inc, Dec, Neg, Not, Bswap, ZeroExtend, SignExtend, SignFill, SetIf, MoveIf,
    Shl, Shr, Sar, Rol, Ror, Imul, Bt, Bts, Btr, Btc, Bsf, Bsr, Clc, Stc, Cmc, BitOffset,
    MulWide, ImulWide, DivWide, IdivWide, Exchange, ExchangeAdd, CompareExchange,
}

/// <summary>How the operation of a micro-op kind is translated.</summary>
/// <param name="Op">The operation.</param>
/// <param name="Detail">Condition code of conditional ones, bytes of the source of extensions and bit offsets.</param>
/// <param name="KeepsFlags">A variant that leaves the flags (SHLX and its kin).</param>
internal readonly record struct NativeForm(NativeOp Op, byte Detail, bool KeepsFlags)
{
    private static readonly Dictionary<Type, NativeForm> s_forms = Build();

    /// <summary>The form of an operation type, or one with <see cref="NativeOp.None"/>.</summary>
    public static NativeForm Of(Type? operation) =>
        operation is not null && s_forms.TryGetValue(operation, out NativeForm form) ? form : new NativeForm(NativeOp.None, 0, false);

    /// <summary>Written out type by type: a generic helper would have the runtime compile an instance for each.</summary>
    private static Dictionary<Type, NativeForm> Build()
    {
        Dictionary<Type, NativeForm> forms = new()
        {
            [typeof(Add)] = new(NativeOp.Add, 0, false),
            [typeof(Locked<Add>)] = new(NativeOp.Add, 0, false),
            [typeof(Or)] = new(NativeOp.Or, 0, false),
            [typeof(Locked<Or>)] = new(NativeOp.Or, 0, false),
            [typeof(Adc)] = new(NativeOp.Adc, 0, false),
            [typeof(Locked<Adc>)] = new(NativeOp.Adc, 0, false),
            [typeof(Sbb)] = new(NativeOp.Sbb, 0, false),
            [typeof(Locked<Sbb>)] = new(NativeOp.Sbb, 0, false),
            [typeof(And)] = new(NativeOp.And, 0, false),
            [typeof(Locked<And>)] = new(NativeOp.And, 0, false),
            [typeof(Sub)] = new(NativeOp.Sub, 0, false),
            [typeof(Locked<Sub>)] = new(NativeOp.Sub, 0, false),
            [typeof(Xor)] = new(NativeOp.Xor, 0, false),
            [typeof(Locked<Xor>)] = new(NativeOp.Xor, 0, false),
            [typeof(Inc)] = new(NativeOp.Inc, 0, false),
            [typeof(Locked<Inc>)] = new(NativeOp.Inc, 0, false),
            [typeof(Dec)] = new(NativeOp.Dec, 0, false),
            [typeof(Locked<Dec>)] = new(NativeOp.Dec, 0, false),
            [typeof(Neg)] = new(NativeOp.Neg, 0, false),
            [typeof(Locked<Neg>)] = new(NativeOp.Neg, 0, false),
            [typeof(Not)] = new(NativeOp.Not, 0, false),
            [typeof(Locked<Not>)] = new(NativeOp.Not, 0, false),
            [typeof(Bts)] = new(NativeOp.Bts, 0, false),
            [typeof(Locked<Bts>)] = new(NativeOp.Bts, 0, false),
            [typeof(Btr)] = new(NativeOp.Btr, 0, false),
            [typeof(Locked<Btr>)] = new(NativeOp.Btr, 0, false),
            [typeof(Btc)] = new(NativeOp.Btc, 0, false),
            [typeof(Locked<Btc>)] = new(NativeOp.Btc, 0, false),
            [typeof(Cmp)] = new(NativeOp.Cmp, 0, false),
            [typeof(Test)] = new(NativeOp.Test, 0, false),
            [typeof(Mov)] = new(NativeOp.Mov, 0, false),
            [typeof(Bswap)] = new(NativeOp.Bswap, 0, false),
            [typeof(SignFill)] = new(NativeOp.SignFill, 0, false),
            [typeof(Imul)] = new(NativeOp.Imul, 0, false),
            [typeof(Bt)] = new(NativeOp.Bt, 0, false),
            [typeof(Bsf)] = new(NativeOp.Bsf, 8, false),
            [typeof(Bsr)] = new(NativeOp.Bsr, 8, false),
            [typeof(ScanOfLowHalf<Bsf>)] = new(NativeOp.Bsf, 4, false),
            [typeof(ScanOfLowHalf<Bsr>)] = new(NativeOp.Bsr, 4, false),
            [typeof(ClearCarry)] = new(NativeOp.Clc, 0, false),
            [typeof(SetCarry)] = new(NativeOp.Stc, 0, false),
            [typeof(ComplementCarry)] = new(NativeOp.Cmc, 0, false),
            [typeof(MulWide)] = new(NativeOp.MulWide, 0, false),
            [typeof(ImulWide)] = new(NativeOp.ImulWide, 0, false),
            [typeof(DivWide)] = new(NativeOp.DivWide, 0, false),
            [typeof(IdivWide)] = new(NativeOp.IdivWide, 0, false),
            [typeof(Exchange)] = new(NativeOp.Exchange, 0, false),
            [typeof(ExchangeAdd)] = new(NativeOp.ExchangeAdd, 0, false),
            [typeof(CompareExchange)] = new(NativeOp.CompareExchange, 0, false),
            [typeof(Rol)] = new(NativeOp.Rol, 0, false),
            [typeof(Shl)] = new(NativeOp.Shl, 0, false),
            [typeof(WithoutFlags<Shl>)] = new(NativeOp.Shl, 0, true),
            [typeof(Shr)] = new(NativeOp.Shr, 0, false),
            [typeof(WithoutFlags<Shr>)] = new(NativeOp.Shr, 0, true),
            [typeof(Sar)] = new(NativeOp.Sar, 0, false),
            [typeof(WithoutFlags<Sar>)] = new(NativeOp.Sar, 0, true),
            [typeof(Ror)] = new(NativeOp.Ror, 0, false),
            [typeof(WithoutFlags<Ror>)] = new(NativeOp.Ror, 0, true),
            [typeof(ZeroExtend<W8>)] = new(NativeOp.ZeroExtend, 1, false),
            [typeof(SignExtend<W8>)] = new(NativeOp.SignExtend, 1, false),
            [typeof(SignedBitOffset<W8>)] = new(NativeOp.BitOffset, 1, false),
            [typeof(ZeroExtend<W16>)] = new(NativeOp.ZeroExtend, 2, false),
            [typeof(SignExtend<W16>)] = new(NativeOp.SignExtend, 2, false),
            [typeof(SignedBitOffset<W16>)] = new(NativeOp.BitOffset, 2, false),
            [typeof(ZeroExtend<W32>)] = new(NativeOp.ZeroExtend, 4, false),
            [typeof(SignExtend<W32>)] = new(NativeOp.SignExtend, 4, false),
            [typeof(SignedBitOffset<W32>)] = new(NativeOp.BitOffset, 4, false),
            [typeof(ZeroExtend<W64>)] = new(NativeOp.ZeroExtend, 8, false),
            [typeof(SignExtend<W64>)] = new(NativeOp.SignExtend, 8, false),
            [typeof(SignedBitOffset<W64>)] = new(NativeOp.BitOffset, 8, false),
        };
        Type[] conditions =
        [
            typeof(CondO), typeof(CondNo), typeof(CondB), typeof(CondAe),
            typeof(CondE), typeof(CondNe), typeof(CondBe), typeof(CondA),
            typeof(CondS), typeof(CondNs), typeof(CondP), typeof(CondNp),
            typeof(CondL), typeof(CondGe), typeof(CondLe), typeof(CondG),
        ];
        for (int n = 0; n < conditions.Length; n++)
        {
            forms.Add(typeof(SetIf<>).MakeGenericType(conditions[n]), new NativeForm(NativeOp.SetIf, (byte)n, false));
            forms.Add(typeof(MoveIf<>).MakeGenericType(conditions[n]), new NativeForm(NativeOp.MoveIf, (byte)n, false));
        }

        return forms;
    }
}
