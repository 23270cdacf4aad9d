using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>Values: sources from producers or the state, one call of the value function, completion and wake-up.</content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    /// <summary>Runs every event of this cycle.</summary>
    private void TakeEvents()
    {
        while (_wheel.Take(_now, out int slot, out uint stamp))
        {
            RobEntry* e = _rob + slot;
            if (e->Stamp != stamp)
            {
                continue;
            }

            _active = true;
            switch ((Stage)e->Stage)
            {
                case Stage.Complete:
                    Complete(slot, e);
                    break;
                case Stage.LoadArrives:
                    PerformLoad(slot, e);
                    break;
                case Stage.LoadAgain:
                    SendLoad(slot, e);
                    break;
                default:
                    ContinueOldest(slot, e);
                    break;
            }
        }
    }

    private enum Stage : byte
    {
        /// <summary>The result is there.</summary>
        Complete,

        /// <summary>A load's data comes from its cache.</summary>
        LoadArrives,

        /// <summary>A load may try its cache again.</summary>
        LoadAgain,

        /// <summary>A device answers.</summary>
        Device,

        /// <summary>A locked operation has its line.</summary>
        Atomic,

        /// <summary>Microcode ends.</summary>
        Microcode,
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void At(ulong cycle, int slot, RobEntry* e, Stage stage)
    {
        e->Stage = (byte)stage;
        e->State = OpState.Executing;
        _wheel.Add(cycle, _now, slot, e->Stamp);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ulong General(long producer, int name)
    {
        long sequence = producer >> 1;
        if (sequence < _head)
        {
            return _state->Gpr[name];
        }

        RobEntry* p = _rob + (sequence & Mask);
        return (producer & 1) != 0 ? p->Result2 : p->Result;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Vector256<ulong> Wide(long producer, int name)
    {
        long sequence = producer >> 1;
        if (sequence >= _head)
            return _vector[sequence & Mask];
        return name < Renamed.Stack
            ? Vector256.Load(_state->Vec + ((name - Reg.FirstVectorNumber) * 4))
            : Vector256.Create(Vector128.Load(_state->X87.Registers + ((name - Renamed.Stack) * 2)), Vector128<ulong>.Zero);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private uint FlagGroup(long producer, uint mask)
    {
        long sequence = producer >> 1;
        return (sequence < _head ? _state->Flags : _rob[sequence & Mask].Flags) & mask;
    }

    /// <summary>Collects the register sources of a micro-op for its value function.</summary>
    private void Gather(RobEntry* e, ExecArgs* args)
    {
        OpInfo* info = e->Info;
        MicroOp* op = e->Op;
        int sources = info->Sources;
        args->A = 0;
        args->B = info->Immediate ? op->Imm : 0;
        args->C = 0;
        args->Old = 0;
        args->Fault = 0;
        args->Flags = 0;
        args->Mxcsr = _state->Mxcsr;
        int data = sources & 0xF;
        while (data != 0)
        {
            int role = BitOperations.TrailingZeroCount(data);
            data &= data - 1;
            int name = info->Source[role];
            long producer = e->Producer[role];
            if (name >= Reg.FirstVectorNumber)
            {
                (&args->VA)[role] = Wide(producer, Physical(e, name));
            }
            else
            {
                (&args->A)[role] = General(producer, name);
            }
        }

        if ((sources & SourceRole.FlagsMask) != 0)
        {
            uint flags = 0;
            if ((sources & (1 << SourceRole.Carry)) != 0)
            {
                flags = FlagGroup(e->Producer[SourceRole.Carry], FlagBits.CF);
            }

            if ((sources & (1 << SourceRole.Overflow)) != 0)
            {
                flags |= FlagGroup(e->Producer[SourceRole.Overflow], FlagBits.OF);
            }

            if ((sources & (1 << SourceRole.OtherFlags)) != 0)
            {
                flags |= FlagGroup(e->Producer[SourceRole.OtherFlags], FlagBits.All & ~(FlagBits.CF | FlagBits.OF));
            }

            args->Flags = flags;
        }
    }

    /// <summary>Calls the value function and keeps what it gives.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Evaluate(int slot, RobEntry* e, ExecArgs* args)
    {
        OpInfo* info = e->Info;
        if (info->Value == null)
        {
            return;
        }

        uint mxcsr = args->Mxcsr;
        info->Value(args, e->Op);
        e->Result = args->Result;
        e->Result2 = args->Result2;
        e->Flags = args->Flags;
        e->Mxcsr = args->Mxcsr & ~mxcsr;
        if (info->VectorTarget)
        {
            _vector[slot] = args->VResult;
        }

        if (args->Fault != 0)
        {
            e->FaultVector = args->Fault == ExecArgs.AssistBit ? RobEntry.Assist : args->Fault & 0xFF;
            e->FaultError = args->ErrorCode;
        }
    }

    /// <summary>Executes what needs registers only, now; the result is there after its latency.</summary>
    private void Execute(int slot, RobEntry* e)
    {
        if (!TProbe.FollowsRecording)
        {
            Gather(e, _args);
            if (e->Info->Class == MicroOpClass.ReadClock)
            {
                ReadClock(e, _args);
            }
            else if (e->Info->Stack != StackUse.Serial)
            {
                EvaluateStack(slot, e);
            }
            else
            {
                Evaluate(slot, e, _args);
            }
        }

        e->Issued = _now;
        if (e->Info->Class == MicroOpClass.Div)
        {
            int cycles = _p.Divide + QuotientSteps(e);
            _aluFreeAt[e->Scheduler] = (_now + (ulong)cycles - 1) * Hundred;
            At(_now + (ulong)cycles, slot, e, Stage.Complete);
        }
        else if (e->Info->Latency == 0)
        {
            Complete(slot, e);
        }
        else
        {
            At(_now + e->Info->Latency, slot, e, Stage.Complete);
        }
    }

    /// <summary>The divider takes two quotient bits a cycle.</summary>
    private int QuotientSteps(RobEntry* e) => TProbe.FollowsRecording ? _path.Divide(e->Step) : (64 - BitOperations.LeadingZeroCount(e->Result)) / 2;

    /// <summary>Reads a clock at this very cycle, ahead of older instructions if nothing has held it back.</summary>
    private void ReadClock(RobEntry* e, ExecArgs* args)
    {
        uint fault = ClockReads.Read(_context, e->Op, NowCycles, args->C, out ulong value);
        e->Result = (uint)value;
        e->Result2 = value >> 32;
        if (fault != 0)
        {
            e->FaultVector = fault & 0xFF;
            e->FaultError = 0;
        }
    }

    /// <summary>A result is there: wakes who waits for it, and finds out about mispredicted branches.</summary>
    private void Complete(int slot, RobEntry* e)
    {
        e->State = OpState.Done;
        e->Completed = _now;
        int waiter = e->FirstWaiter;
        e->FirstWaiter = -1;
        while (waiter >= 0)
        {
            int next = _nextWaiter[waiter];
            Wake(waiter >> RoleShift, waiter & ((1 << RoleShift) - 1));
            waiter = next;
        }

        if (e->Info->Class == MicroOpClass.Branch)
        {
            ResolveBranch(slot, e);
        }
    }

    private void Wake(int slot, int role)
    {
        RobEntry* e = _rob + slot;
        if (((1 << role) & SourceRole.AddressMask) != 0)
        {
            e->AddressWaits--;
        }
        else
        {
            e->OtherWaits--;
        }

        SourcesChanged(slot, e);
    }

    /// <summary>Moves a micro-op on when the sources it needs for its next step are there.</summary>
    private void SourcesChanged(int slot, RobEntry* e)
    {
        switch (e->Info->Route)
        {
            case OpRoute.Store:
                if (e->OtherWaits == 0 && !e->DataReady)
                {
                    TakeStoreData(slot, e);
                }

                if (e->AddressWaits == 0 && e->State == OpState.Waiting)
                {
                    e->State = OpState.Ready;
                    e->ReadyAt = _now;
                    _storesReady.Add(slot);
                }

                break;
            case OpRoute.Load:
                if (e->AddressWaits == 0 && e->State == OpState.Waiting)
                {
                    e->State = OpState.Ready;
                    e->ReadyAt = _now;
                    _loadsReady.Add(slot);
                }
                else if (e->OtherWaits == 0 && e->State == OpState.Merging)
                {
                    PerformLoad(slot, e);
                }

                break;
            case OpRoute.Alu:
                if (e->OtherWaits + e->AddressWaits == 0)
                {
                    e->State = OpState.Ready;
                    e->ReadyAt = _now;
                    AluReady(e->Scheduler).Add(slot);
                }

                break;
            case OpRoute.Vector:
                if (e->OtherWaits + e->AddressWaits == 0)
                {
                    e->State = OpState.Ready;
                    e->ReadyAt = _now;
                    _vectorReady.Add(slot);
                }

                break;
            case OpRoute.Rename:
                if (e->OtherWaits + e->AddressWaits == 0)
                {
                    e->ReadyAt = _now;
                    Execute(slot, e);
                }

                break;
            default:
                break;
        }
    }
}
