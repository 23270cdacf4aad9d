using System.Numerics;
using CoSim.Hw.Zen2Core.Data;
using CoSim.Hw.Zen2Core.Functional;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.Decode;
using Iced.Intel;

namespace CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;

/// <summary>Works out, once for each decoded instruction, what the pipeline must know of it.</summary>
internal sealed unsafe partial class OpInfoBuilder(InstructionTimings timings, CoreParameters p)
{
    private const byte AnyAlu = 0b1111;
    private const byte MultiplyAlu = 0b0010;
    private const byte DivideAlu = 0b0100;
    private const byte BranchAlus = 0b1001;
    private const byte AnyVectorPipe = 0b1111;
    private const uint OtherFlagBits = FlagBits.All & ~(FlagBits.CF | FlagBits.OF);
    private const FlagMask OtherFlagMask = FlagMask.All & ~(FlagMask.CF | FlagMask.OF);

    private readonly int _indexed = p.Cycles("load.latency.indexed");
    private readonly int _load = p.Cycles("load.latency.l1");
    private readonly int _vectorLoad = p.Cycles("load.latency.vector");
    private readonly int _pause = p.Cycles("cost.pause");
    private readonly int _rdtsc = p.Cycles("cost.rdtsc");
    private readonly int _rdtscp = p.Cycles("cost.rdtscp");
    private readonly int _rdpru = p.Cycles("cost.rdpru");
    private readonly int _rdpmc = p.Cycles("cost.rdpmc");
    private readonly int _atomic = p.Cycles("cost.atomic");

    /// <summary>Fills in an instruction whose micro-ops are in place.</summary>
    public void Fill(Decoded* d, int count)
    {
        d->Count = (byte)count;
        d->Length = d->Ops[0].Length;
        d->Transfers = ControlTransfers.Contains(d->Ops[0].Form);
        for (int i = 0; i < count; i++)
        {
            MicroOp* op = d->Ops + i;
            if (op->Class == MicroOpClass.AtRetire)
            {
                MakeWhole(d);
                return;
            }

            d->Branch = op->Branch != BranchKind.None ? op->Branch : d->Branch;
            d->Target = op->Branch != BranchKind.None ? op->Imm : d->Target;
            Describe(op, d->Infos + i);
        }

        Rename(d);
        Count(d);
        Occupy(d);
        MicroOp* first = d->Ops;
        if (first->Kind == FormsHints.Marker)
        {
            d->Marker = (byte)(first->Imm + 1);
        }

        Mnemonic mnemonic = ((Code)first->Form).Mnemonic();
        d->FusesWithBranch = mnemonic is Mnemonic.Cmp or Mnemonic.Test;
        d->IsLoadFence = first->Class == MicroOpClass.LoadFence;
        d->IsPause = first->Class == MicroOpClass.Pause;
    }

    /// <summary>Makes an instruction one that does nothing.</summary>
    public static void MakeNop(Decoded* d)
    {
        d->Count = 1;
        d->Infos[0] = new OpInfo { Class = MicroOpClass.Nop, Route = OpRoute.Rename };
        d->MacroOps = 1;
        d->BlocksYounger = false;
        d->Microcoded = false;
        d->Loads = d->Stores = d->AluOps = d->AddressOps = d->VectorOps = d->IntegerTargets = d->VectorTargets = 0;
    }

    /// <summary>An instruction with a microcode part runs as a whole when it is the oldest, and nothing dispatches behind it before.</summary>
    private void MakeWhole(Decoded* d)
    {
        MakeNop(d);
        d->Infos[0].Route = OpRoute.Oldest;
        d->Infos[0].Class = MicroOpClass.AtRetire;
        d->BlocksYounger = true;
        d->Microcoded = true;
        d->Branch = BranchKind.None;
        MicrocodeTiming timing = timings.Microcode((Code)d->Ops->Form, d->Ops->AccessSize != 0);
        d->MicrocodeCycles = (ushort)timing.Cycles;
        d->MicrocodeCause = timing.Cause;
        d->MicrocodeDrains = timing.Drains;
    }

    private void Describe(MicroOp* op, OpInfo* info)
    {
        *info = default;
        info->Class = op->Class;
        info->Value = MicroOpKinds.Value(op);
        info->Immediate = (op->Marks & MicroOpMarks.BIsImmediate) != 0;
        Sources(op, info);
        Targets(op, info);
        Time(op, info);
    }

    private static void Sources(MicroOp* op, OpInfo* info)
    {
        if (op->Class == MicroOpClass.Lea)
        {
            // Its value function takes the address registers as plain operands.
            Add(info, SourceRole.A, op->Base);
            Add(info, SourceRole.B, op->Index);
        }
        else
        {
            if (op->Class is not (MicroOpClass.Load or MicroOpClass.Atomic or MicroOpClass.Prefetch))
            {
                Add(info, SourceRole.A, op->A);
            }

            if (!info->Immediate)
            {
                Add(info, SourceRole.B, op->B);
            }

            if (op->AccessSize != 0)
            {
                Add(info, SourceRole.Base, op->Base);
                Add(info, SourceRole.Index, op->Index);
            }
        }

        Add(info, SourceRole.C, op->C);
        if ((op->Marks & MicroOpMarks.MergesDst) != 0 && !HoldsHalf(op))
        {
            Add(info, SourceRole.Old, op->Dst);
        }

        FlagMask read = op->FlagsRead;
        FlagMask written = op->FlagsWritten;
        // What is renamed as a group is written as a group.
        FlagMask others = written & OtherFlagMask;
        if (others != FlagMask.None && others != OtherFlagMask)
        {
            read |= OtherFlagMask;
        }

        AddFlags(info, read);
    }

    /// <summary>A temporary that keeps a short operand of an exchange: nobody reads what is above it.</summary>
    private static bool HoldsHalf(MicroOp* op) =>
        op->Dst is >= Reg.T0 and <= Reg.T3 && ((Code)op->Form).Mnemonic() is Mnemonic.Xchg or Mnemonic.Xadd or Mnemonic.Cmpxchg;

    private static void AddFlags(OpInfo* info, FlagMask read)
    {
        if ((read & FlagMask.CF) != 0)
        {
            info->Sources |= 1 << SourceRole.Carry;
            info->Source[SourceRole.Carry] = Renamed.Carry;
        }

        if ((read & FlagMask.OF) != 0)
        {
            info->Sources |= 1 << SourceRole.Overflow;
            info->Source[SourceRole.Overflow] = Renamed.Overflow;
        }

        if ((read & OtherFlagMask) != 0)
        {
            info->Sources |= 1 << SourceRole.OtherFlags;
            info->Source[SourceRole.OtherFlags] = Renamed.OtherFlags;
        }
    }

    private static void Add(OpInfo* info, int role, ushort register)
    {
        if (register is Reg.None or Reg.Zero)
        {
            return;
        }

        info->Sources |= (ushort)(1 << role);
        info->Source[role] = (byte)Reg.Number(register);
        info->VectorSource |= Reg.IsVector(register);
    }

    private static void Targets(MicroOp* op, OpInfo* info)
    {
        if (op->Dst is not (Reg.None or Reg.Zero) && op->Class is not MicroOpClass.Store)
        {
            info->Targets |= 1 << TargetRole.First;
            info->Target[TargetRole.First] = (byte)Reg.Number(op->Dst);
            info->VectorTarget = Reg.IsVector(op->Dst);
        }

        if (op->Dst2 is not (Reg.None or Reg.Zero))
        {
            info->Targets |= 1 << TargetRole.Second;
            info->Target[TargetRole.Second] = (byte)Reg.Number(op->Dst2);
        }

        AddFlagTarget(info, op->FlagsWritten & FlagMask.CF, TargetRole.Carry, Renamed.Carry, FlagBits.CF);
        AddFlagTarget(info, op->FlagsWritten & FlagMask.OF, TargetRole.Overflow, Renamed.Overflow, FlagBits.OF);
        AddFlagTarget(info, op->FlagsWritten & OtherFlagMask, TargetRole.OtherFlags, Renamed.OtherFlags, OtherFlagBits);
    }

    private static void AddFlagTarget(OpInfo* info, FlagMask written, int role, int name, uint bits)
    {
        if (written != FlagMask.None)
        {
            info->Targets |= (byte)(1 << role);
            info->Target[role] = (byte)name;
            info->FlagTargets |= bits;
        }
    }

    private void Time(MicroOp* op, OpInfo* info)
    {
        Code code = (Code)op->Form;
        info->Latency = 1;
        info->Busy = Hundred;
        switch (op->Class)
        {
            case MicroOpClass.Alu:
                info->Route = OpRoute.Alu;
                info->Pipes = AnyAlu;
                if (timings.TryGet(code, false, out FormTiming alu) && alu.MacroOps > 1 && alu.Latency is > 0 and < 20)
                {
                    // Microcoded in one operation here: BSF, BT with a register in memory and their like.
                    info->Latency = (byte)alu.Latency;
                }
                else if (code.Mnemonic() == Mnemonic.Crc32 && alu.Latency > 1)
                {
                    // One a cycle with the latency of a multiplication: the multiplier's pipe.
                    info->Pipes = MultiplyAlu;
                    info->Latency = (byte)alu.Latency;
                }

                break;
            case MicroOpClass.Lea:
                info->Route = OpRoute.Alu;
                info->Pipes = AnyAlu;
                bool slow = op->Scale != 0 || (op->Disp != 0 && op->Base != Reg.Zero && op->Index != Reg.Zero);
                info->Latency = (byte)((slow ? 2 : 1) + (op->Width == 2 ? 1 : 0));

                // Two of the four ALUs do the slow ones (uops.info ZEN2: 0.5 a cycle); a 16-bit result is an operation more.
                info->Busy = (ushort)((slow ? 2 : 1) * (op->Width == 2 ? 2 : 1) * Hundred);
                break;
            case MicroOpClass.Mul:
                info->Route = OpRoute.Alu;
                info->Pipes = MultiplyAlu;
                info->Latency = timings.TryGet(code, false, out FormTiming multiply) && multiply.Latency > 0 ? (byte)multiply.Latency : (byte)3;
                break;
            case MicroOpClass.Div:
                info->Route = OpRoute.Alu;
                info->Pipes = DivideAlu;
                info->Latency = 12;
                info->Busy = 12 * Hundred;
                break;
            case MicroOpClass.Branch:
                info->Route = OpRoute.Alu;
                info->Pipes = BranchAlus;
                break;
            case MicroOpClass.Load:
                info->Route = OpRoute.Load;
                int extra = op->Index != Reg.Zero || (op->AccessSize < 4 && !info->VectorTarget) ? _indexed : 0;
                info->Latency = (byte)(info->VectorTarget ? extra + _vectorLoad : extra);
                break;
            case MicroOpClass.Prefetch:
                info->Route = OpRoute.Load;
                break;
            case MicroOpClass.Store:
                info->Route = OpRoute.Store;
                break;
            case MicroOpClass.Vector:
                info->Route = OpRoute.Vector;
                bool known = timings.TryGet(code, false, out FormTiming vector);
                info->Latency = (byte)(known && vector.Latency > 0 ? vector.Latency : 3);
                if (known && vector.FromMemory && info->Stack == StackUse.Serial)
                    info->Latency = WithoutLoad(vector.Latency);
                info->Pipes = known && vector.VectorPipes != 0 ? (byte)vector.VectorPipes : AnyVectorPipe;
                if (BitOperations.PopCount((uint)info->Pipes) == 1 && known)
                    info->Busy = Occupancy(vector.Throughput);
                break;
            case MicroOpClass.ReadClock:
                TimeClock(code, info);
                break;
            case MicroOpClass.Pause:
                info->Route = OpRoute.Rename;
                info->Hold = (ushort)_pause;
                break;
            case MicroOpClass.Atomic:
                info->Route = OpRoute.Oldest;
                info->Latency = (byte)((op->Marks & MicroOpMarks.Locked) != 0 ? _atomic - 1 : 1);
                break;
            case MicroOpClass.LoadFence:
            case MicroOpClass.FullFence:
                info->Route = OpRoute.Oldest;
                break;
            default:
                info->Route = OpRoute.Rename;
                info->Latency = 0;
                break;
        }
    }

    private void TimeClock(Code code, OpInfo* info)
    {
        int cycles = code.Mnemonic() switch
        {
            Mnemonic.Rdtscp => _rdtscp,
            Mnemonic.Rdpru => _rdpru,
            Mnemonic.Rdpmc => _rdpmc,
            _ => _rdtsc,
        };

        // RDTSCP waits until everything older has executed (AMD APM volume 3); the others may go ahead.
        info->Route = code.Mnemonic() == Mnemonic.Rdtscp ? OpRoute.Oldest : OpRoute.Alu;
        info->Pipes = AnyAlu;
        info->Latency = (byte)(info->Route == OpRoute.Oldest ? _rdtsc : cycles);
        info->Hold = (ushort)cycles;
    }

    /// <summary>Moves between registers and zero idioms never see a scheduler.</summary>
    private static void Rename(Decoded* d)
    {
        MicroOp* op = d->Ops;
        OpInfo* info = d->Infos;
        Mnemonic mnemonic = ((Code)op->Form).Mnemonic();
        if (d->Count != 1)
        {
            if (mnemonic is Mnemonic.Xchg or Mnemonic.Xadd)
                Exchange(d);
            return;
        }

        bool wholeRegister = op->Width >= 4 && ((op->Marks & MicroOpMarks.MergesDst) == 0 || Reg.IsVector(op->Dst));
        bool move = mnemonic is Mnemonic.Mov or Mnemonic.Movaps or Mnemonic.Movups or Mnemonic.Movapd or Mnemonic.Movupd or Mnemonic.Movdqa
            or Mnemonic.Movdqu;
        if (op->Class is MicroOpClass.Alu or MicroOpClass.Vector && move && wholeRegister && !info->Immediate && op->AccessSize == 0)
        {
            info->Route = OpRoute.Rename;
            info->Latency = 0;
        }

        bool idiom = mnemonic is Mnemonic.Xor or Mnemonic.Sub or Mnemonic.Pxor or Mnemonic.Xorps or Mnemonic.Xorpd;
        if (op->Class is MicroOpClass.Alu && idiom && wholeRegister && !info->Immediate && op->A == op->B && op->A != Reg.None)
        {
            info->Route = OpRoute.Rename;
            info->Latency = 0;
            info->Sources = 0;
        }

        if (op->Class is MicroOpClass.Vector && op->A == op->B && Reg.IsVector(op->Dst) && IsVectorZeroIdiom(mnemonic))
        {
            info->Route = OpRoute.Rename;
            info->Latency = 0;
            info->Sources = 0;
            info->Value = &VecAccess.ZeroIdiomValue;
            if (((Code)op->Form).Encoding() == EncodingKind.Legacy)
            {
                Add(info, SourceRole.Old, op->Dst);
            }
        }
    }

    /// <summary>The moves of XCHG and XADD between whole registers are renaming too (uops.info ZEN2: three a cycle, no latency).</summary>
    private static void Exchange(Decoded* d)
    {
        for (int i = 0; i < d->Count; i++)
        {
            MicroOp* op = d->Ops + i;
            if (op->Class != MicroOpClass.Alu || op->A != Reg.None || (op->Width < 4 && !HoldsHalf(op)))
                continue;
            d->Infos[i].Route = OpRoute.Rename;
            d->Infos[i].Latency = 0;
        }
    }

    private static bool IsVectorZeroIdiom(Mnemonic mnemonic) => mnemonic is Mnemonic.Pxor or Mnemonic.Xorps or Mnemonic.Xorpd
        or Mnemonic.Psubb or Mnemonic.Psubw or Mnemonic.Psubd or Mnemonic.Psubq
        or Mnemonic.Pcmpgtb or Mnemonic.Pcmpgtw or Mnemonic.Pcmpgtd
        or Mnemonic.Vpxor or Mnemonic.Vxorps or Mnemonic.Vxorpd
        or Mnemonic.Vpsubb or Mnemonic.Vpsubw or Mnemonic.Vpsubd or Mnemonic.Vpsubq
        or Mnemonic.Vpcmpgtb or Mnemonic.Vpcmpgtw or Mnemonic.Vpcmpgtd;

    private void Count(Decoded* d)
    {
        int heuristic = 0;
        bool memory = false;
        for (int i = 0; i < d->Count; i++)
        {
            OpInfo* info = d->Infos + i;
            switch (info->Route)
            {
                case OpRoute.Load:
                    d->Loads++;
                    d->AddressOps++;
                    memory = true;
                    break;
                case OpRoute.Store:
                    d->Stores++;
                    d->AddressOps++;
                    memory = true;
                    break;
                case OpRoute.Alu:
                    d->AluOps++;
                    heuristic++;
                    break;
                case OpRoute.Vector:
                    d->VectorOps++;
                    heuristic++;
                    break;
                default:
                    memory |= info->Class == MicroOpClass.Atomic;
                    heuristic++;
                    break;
            }

            if (info->VectorTarget)
            {
                d->VectorTargets++;
            }
            else
            {
                d->IntegerTargets += (byte)BitOperations.PopCount((uint)info->Targets & 3);
            }
        }

        int macroOps = timings.TryGet((Code)d->Ops->Form, memory, out FormTiming timing) && timing.MacroOps > 0 ? timing.MacroOps : heuristic;
        d->MacroOps = (byte)Math.Clamp(macroOps, 1, 64);
    }
}
