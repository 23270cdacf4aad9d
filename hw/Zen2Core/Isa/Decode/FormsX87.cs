using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Hw.Zen2Core.Isa.Integer;
using CoSim.Hw.Zen2Core.Isa.Vector;
using CoSim.Hw.Zen2Core.Isa.X87;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.Isa.Decode;

/// <summary>Rows of x87 instructions: each is one microcode function.</summary>
internal static unsafe class FormsX87
{
    /// <summary>Fills the rows.</summary>
    public static void Register()
    {
        RegisterArithmetic();
        RegisterComparisons();
        RegisterMoves();
        RegisterControl();
    }

    private static void RegisterArithmetic()
    {
        Binary<X87Add>(Mnemonic.Fadd, Mnemonic.Faddp, Mnemonic.Fiadd);
        Binary<X87Multiply>(Mnemonic.Fmul, Mnemonic.Fmulp, Mnemonic.Fimul);
        Binary<X87Subtract>(Mnemonic.Fsub, Mnemonic.Fsubp, Mnemonic.Fisub);
        Binary<X87SubtractReverse>(Mnemonic.Fsubr, Mnemonic.Fsubrp, Mnemonic.Fisubr);
        Binary<X87Divide>(Mnemonic.Fdiv, Mnemonic.Fdivp, Mnemonic.Fidiv);
        Binary<X87DivideReverse>(Mnemonic.Fdivr, Mnemonic.Fdivrp, Mnemonic.Fidivr);
        Add<X87OnTop<X87SquareRoot>>(Mnemonic.Fsqrt);
        Add<X87OnTop<X87RoundToInteger>>(Mnemonic.Frndint);
        Add<X87ScaleInstruction>(Mnemonic.Fscale);
        Add<X87Extract>(Mnemonic.Fxtract);
        Add<X87Remainder<Truncate>>(Mnemonic.Fprem);
        Add<X87Remainder<ToNearest>>(Mnemonic.Fprem1);
        Add<X87OnTop<X87Exponential>>(Mnemonic.F2xm1);
        Add<X87IntoSecond<X87Logarithm>>(Mnemonic.Fyl2x);
        Add<X87IntoSecond<X87LogarithmPlus1>>(Mnemonic.Fyl2xp1);
        Add<X87IntoSecond<X87ArcTangent>>(Mnemonic.Fpatan);
        Add<X87Trigonometric<Sine>>(Mnemonic.Fsin);
        Add<X87Trigonometric<Cosine>>(Mnemonic.Fcos);
        Add<X87Trigonometric<SineAndCosine>>(Mnemonic.Fsincos);
        Add<X87Trigonometric<Tangent>>(Mnemonic.Fptan);
        Add<X87SignChange<Negate>>(Mnemonic.Fchs);
        Add<X87SignChange<Absolute>>(Mnemonic.Fabs);
    }

    private static void RegisterComparisons()
    {
        Compare<NoPop>(Mnemonic.Fcom, Mnemonic.Ficom);
        Compare<OnePop>(Mnemonic.Fcomp, Mnemonic.Ficomp);
        Add<X87CompareStack<QuietSignals, TwoPops>>(Mnemonic.Fcompp);
        Add<X87CompareStack<QuietPasses, NoPop>>(Mnemonic.Fucom);
        Add<X87CompareStack<QuietPasses, OnePop>>(Mnemonic.Fucomp);
        Add<X87CompareStack<QuietPasses, TwoPops>>(Mnemonic.Fucompp);
        Add<X87CompareFlags<QuietSignals, NoPop>>(Mnemonic.Fcomi);
        Add<X87CompareFlags<QuietSignals, OnePop>>(Mnemonic.Fcomip);
        Add<X87CompareFlags<QuietPasses, NoPop>>(Mnemonic.Fucomi);
        Add<X87CompareFlags<QuietPasses, OnePop>>(Mnemonic.Fucomip);
        Add<X87Test>(Mnemonic.Ftst);
        Add<X87Examine>(Mnemonic.Fxam);
    }

    private static void RegisterMoves()
    {
        Ordinary(Mnemonic.Fld, code => code switch
        {
            Code.Fld_m32fp => Row<X87Load<SourceSingle>>(),
            Code.Fld_m64fp => Row<X87Load<SourceDouble>>(),
            Code.Fld_m80fp => Row<X87LoadExtended>(),
            _ => Row<X87LoadStack>(),
        });
        Ordinary(Mnemonic.Fild, code => code switch
        {
            Code.Fild_m16int => Row<X87Load<SourceInt16>>(),
            Code.Fild_m32int => Row<X87Load<SourceInt32>>(),
            _ => Row<X87Load<SourceInt64>>(),
        });
        Ordinary(Mnemonic.Fst, code => code switch
        {
            Code.Fst_m32fp => Row<X87Store<Binary32, NoPop>>(),
            Code.Fst_m64fp => Row<X87Store<Binary64, NoPop>>(),
            _ => Row<X87StoreStack<NoPop>>(),
        });
        Ordinary(Mnemonic.Fstp, code => code switch
        {
            Code.Fstp_m32fp => Row<X87Store<Binary32, OnePop>>(),
            Code.Fstp_m64fp => Row<X87Store<Binary64, OnePop>>(),
            Code.Fstp_m80fp => Row<X87StoreExtended>(),
            _ => Row<X87StoreStack<OnePop>>(),
        });
        Add<X87StoreUnchecked>(Mnemonic.Fstpnce);
        Add<X87StoreInteger<RoundAsControlled, NoPop>>(Mnemonic.Fist);
        Add<X87StoreInteger<RoundAsControlled, OnePop>>(Mnemonic.Fistp);
        Add<X87StoreInteger<Truncate, OnePop>>(Mnemonic.Fisttp);
        Add<X87LoadDecimal>(Mnemonic.Fbld);
        Add<X87StoreDecimal>(Mnemonic.Fbstp);
        Mnemonic[] constants = [Mnemonic.Fld1, Mnemonic.Fldl2t, Mnemonic.Fldl2e, Mnemonic.Fldpi, Mnemonic.Fldlg2, Mnemonic.Fldln2, Mnemonic.Fldz];
        foreach (Mnemonic constant in constants)
            Add<X87LoadConstant>(constant);
        Add<X87Exchange>(Mnemonic.Fxch);
        Add<X87MoveIf<CondB>>(Mnemonic.Fcmovb);
        Add<X87MoveIf<CondE>>(Mnemonic.Fcmove);
        Add<X87MoveIf<CondBe>>(Mnemonic.Fcmovbe);
        Add<X87MoveIf<CondP>>(Mnemonic.Fcmovu);
        Add<X87MoveIf<CondAe>>(Mnemonic.Fcmovnb);
        Add<X87MoveIf<CondNe>>(Mnemonic.Fcmovne);
        Add<X87MoveIf<CondA>>(Mnemonic.Fcmovnbe);
        Add<X87MoveIf<CondNp>>(Mnemonic.Fcmovnu);
        Add<X87Free<NoPop>>(Mnemonic.Ffree);
        Add<X87Free<OnePop>>(Mnemonic.Ffreep);
        Add<X87IncrementTop>(Mnemonic.Fincstp);
        Add<X87DecrementTop>(Mnemonic.Fdecstp);
    }

    private static void RegisterControl()
    {
        Add<X87Nop>(Mnemonic.Fnop);
        ushort wait = MicroOpKinds.AddMicrocode("fwait", &X87Microcode.Wait, StackUse.Known | StackUse.KeepsC1 | StackUse.KeepsPointers | StackUse.Moves);
        FormTable.Add(Mnemonic.Wait, c => MicrocodeEmit.EmitInline(c, wait));
        Add<X87QuietNop>(Mnemonic.Fneni);
        Add<X87QuietNop>(Mnemonic.Fndisi);
        Add<X87QuietNop>(Mnemonic.Fnsetpm);
        Add<X87Initialise>(Mnemonic.Fninit);
        Add<X87ClearExceptions>(Mnemonic.Fnclex);
        Add<X87StoreControl>(Mnemonic.Fnstcw);
        Add<X87LoadControl>(Mnemonic.Fldcw);
        Add<X87StoreEnvironment>(Mnemonic.Fnstenv);
        Add<X87LoadEnvironment>(Mnemonic.Fldenv);
        Add<X87Save>(Mnemonic.Fnsave);
        Add<X87Restore>(Mnemonic.Frstor);
        Ordinary(Mnemonic.Fnstsw, code => code == Code.Fnstsw_AX ? Row<X87StoreStatusAx>() : Row<X87StoreStatus>());
    }

    private static void Binary<TOp>(Mnemonic plain, Mnemonic pop, Mnemonic integer)
        where TOp : struct, IX87Binary
    {
        Ordinary(plain, code => code.ToOpCode() switch
        {
            { OpCount: 1 } info => info.MemorySize == MemorySize.Float32 ? Row<X87Memory<TOp, SourceSingle>>() : Row<X87Memory<TOp, SourceDouble>>(),
            { Op0Kind: OpCodeOperandKind.st0 } => Row<X87ToTop<TOp>>(),
            _ => Row<X87FromTop<TOp>>(),
        });
        Add<X87FromTopPop<TOp>>(pop);
        Ordinary(integer, code => code.ToOpCode().MemorySize == MemorySize.Int16 ? Row<X87Memory<TOp, SourceInt16>>() : Row<X87Memory<TOp, SourceInt32>>());
    }

    private static void Compare<TPops>(Mnemonic plain, Mnemonic integer)
        where TPops : struct, IX87Pops
    {
        Ordinary(plain, code => code.ToOpCode() switch
        {
            { OpCount: 1 } info => info.MemorySize == MemorySize.Float32
                ? Row<X87CompareMemory<SourceSingle, TPops>>()
                : Row<X87CompareMemory<SourceDouble, TPops>>(),
            _ => Row<X87CompareStack<QuietSignals, TPops>>(),
        });
        Ordinary(integer, code => code.ToOpCode().MemorySize == MemorySize.Int16
            ? Row<X87CompareMemory<SourceInt16, TPops>>()
            : Row<X87CompareMemory<SourceInt32, TPops>>());
    }

    private static void Ordinary(Mnemonic mnemonic, Func<Code, Cracker> row)
    {
        foreach (Code code in FormTable.CodesOf(mnemonic))
            FormTable.Add(code, row(code));
    }

    private static void Add<TInstruction>(Mnemonic mnemonic)
        where TInstruction : struct, IX87Instruction => FormTable.Add(mnemonic, Row<TInstruction>());

    /// <summary>A row of one microcode micro-op. Its immediate has the stack register or constant number in bits 0-2 and the opcode above.</summary>
    private static Cracker Row<TInstruction>()
        where TInstruction : struct, IX87Instruction => c =>
        {
            MicroOp* op = MicrocodeEmit.EmitInline(c, Kind<TInstruction>.Number);
            bool memory = c.Instruction.OpCount > 0 && c.IsMemory(0);
            if (memory)
                c.SetMemory(op, c.Instruction.MemorySize.GetSize());
            op->Imm = StackOperand(c) | (ErrorOpcode(c.Bytes) << 8);
        };

    private static ulong StackOperand(CrackContext c)
    {
        Instruction instruction = c.Instruction;
        for (int i = instruction.OpCount - 1; i >= 0; i--)
        {
            if (instruction.GetOpKind(i) != OpKind.Register || !instruction.GetOpRegister(i).IsST())
                continue;

            // "ST(0), ST(i)" and "ST(i), ST(0)": the one that may differ from ST(0).
            ulong number = (ulong)(instruction.GetOpRegister(i) - Iced.Intel.Register.ST0);
            if (number != 0)
                return number;
        }

        return instruction.OpCount == 0 ? instruction.Code.ToOpCode().OpCode & 7 : 0;
    }

    // What the processor keeps as the last opcode: three bits of D8h-DFh above the ModRM byte (AMD APM vol. 1, 6.2.6).
    private static ulong ErrorOpcode(ReadOnlySpan<byte> bytes)
    {
        // No prefix lies in the range of x87 opcodes.
        int at = 0;
        while (at < bytes.Length - 2 && bytes[at] is < 0xD8 or > 0xDF)
            at++;
        return ((ulong)(bytes[at] & 7) << 8) | bytes[at + 1];
    }

    private static class Kind<TInstruction>
        where TInstruction : struct, IX87Instruction
    {
        public static readonly ushort Number = MicroOpKinds.AddMicrocode(Name(typeof(TInstruction)), &X87Microcode.Run<TInstruction>, TInstruction.Use);

        private static string Name(Type type) =>
            type.IsGenericType
                ? type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)].ToLowerInvariant() + "." + string.Join('.', type.GetGenericArguments().Select(t => t.Name))
                : type.Name.ToLowerInvariant();
    }
}
