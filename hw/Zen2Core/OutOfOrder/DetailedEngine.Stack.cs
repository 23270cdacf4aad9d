using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Isa.X87;
using CoSim.Hw.Zen2Core.OutOfOrder.Pipeline;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.OutOfOrder;

/// <content>
/// The x87 and MMX registers. Dispatch follows the top of the stack and the tags, so that ST(i) names a physical register there;
/// what it cannot foresee is found when the instruction executes, and then it is fetched again to run as a whole: an assist.
/// </content>
public sealed unsafe partial class DetailedEngine<TProbe>
{
    private const int TopShift = 11;
    private const int TopMask = 7 << TopShift;
    private const int ExceptionFlags = 0x3F;

    /// <summary>Physical register that is ST(0), and the tag word, for the next instruction to dispatch.</summary>
    private byte _stackTop;
    private ushort _stackTags;

    /// <summary>The instruction at <see cref="_wholeRip"/>, if it is the next to dispatch, runs as a whole.</summary>
    private bool _wholeNext;
    private ulong _wholeRip;

    /// <summary>The instruction that runs as a whole was tried before.</summary>
    private bool _assisted;

    /// <summary>Takes over the architectural stack. Nothing that changes it is in flight.</summary>
    private void SyncStack()
    {
        if (TProbe.FollowsRecording)
            return;
        _stackTop = (byte)((_state->X87.Status >> TopShift) & 7);
        _stackTags = _state->X87.Tag;
    }

    /// <summary>Whether an instruction of these registers cannot go as micro-ops: they are switched off, or an exception is pending.</summary>
    private bool RunsWhole(Decoded* d)
    {
        if (_wholeNext && d->Rip == _wholeRip)
            return true;
        return !TProbe.FollowsRecording
            && ((_state->Cr0 & (ControlBits.Cr0Emulation | ControlBits.Cr0TaskSwitched)) != 0 || (_state->X87.Status & X87Unit.SummaryBit) != 0);
    }

    /// <summary>The physical name behind the name of a register of the stack; any other name as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Physical(RobEntry* e, int name) => name < Renamed.Stack ? name : Renamed.Stack + ((name - Renamed.Stack + e->Top) & 7);

    /// <summary>An operation of these registers dispatches: what is the top of the stack, and what is empty, behind it.</summary>
    private void AdvanceStack(RobEntry* e, StackUse use)
    {
        e->TopBefore = _stackTop;
        e->TagsBefore = _stackTags;
        if ((use & StackUse.Mmx) != 0)
        {
            _stackTop = 0;
            _stackTags = (use & StackUse.EmptiesAll) != 0 ? ushort.MaxValue : (ushort)0;
        }
        else
        {
            int second = _stackTop + (int)(e->Op->Imm & 7);
            if ((use & (StackUse.IntoFirst | StackUse.Exchanges)) != 0)
                SetTag(_stackTop, empty: false);
            if ((use & (StackUse.IntoSecond | StackUse.Exchanges)) != 0)
                SetTag(second, empty: false);
            if ((use & StackUse.FreesSecond) != 0)
                SetTag(second, empty: true);
            for (int pops = (use & StackUse.PopsTwice) != 0 ? 2 : (use & StackUse.Pops) != 0 ? 1 : 0; pops > 0; pops--)
            {
                SetTag(_stackTop, empty: true);
                MoveTop(1);
            }

            MoveTop((use & StackUse.TopUp) != 0 ? 1 : (use & (StackUse.TopDown | StackUse.Pushes)) != 0 ? -1 : 0);
            if ((use & StackUse.Pushes) != 0)
                SetTag(_stackTop, empty: false);
        }

        e->TopAfter = _stackTop;
        e->TagsAfter = _stackTags;
        if (TProbe.FollowsRecording && !_wholeNext && IsAssisted(e->Step))
            e->FaultVector = RobEntry.Assist;
    }

    private void SetTag(int register, bool empty)
    {
        const int tag = 3;
        int shift = 2 * (register & 7);
        _stackTags = (ushort)(empty ? _stackTags | (tag << shift) : _stackTags & ~(tag << shift));
    }

    private void MoveTop(int by) => _stackTop = (byte)((_stackTop + by) & 7);

    private bool IsAssisted(long step) => step >= 0 && _path[step].Details is { Microcode: { Count: > 0 } runs } && (runs[0].Flags & MicrocodeFlags.Assisted) != 0;

    /// <summary>An operation of these registers executes.</summary>
    private void EvaluateStack(int slot, RobEntry* e)
    {
        _args->StackTop = e->Top;
        _args->StackTags = e->TagsBefore;
        Evaluate(slot, e, _args);
        e->StackStatus = _args->StackStatus;
    }

    /// <summary>An operation of these registers retires: status, tags, pointers.</summary>
    private void CommitStack(RobEntry* e, StackUse use)
    {
        X87State* x = &_state->X87;
        int conditions = (use & StackUse.Compares) != 0 ? X87Unit.Conditions : (use & StackUse.KeepsC1) != 0 ? 0 : X87Unit.C1;
        x->Status = (ushort)((x->Status & ~(TopMask | conditions)) | (e->StackStatus & (conditions | ExceptionFlags)) | (e->TopAfter << TopShift));
        x->Tag = e->TagsAfter;
        if ((use & StackUse.KeepsPointers) == 0)
            X87Microcode.NotePointers(_state, e->Op);
    }

    /// <summary>A result for a vector register or one of these becomes architectural.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void CommitVector(RobEntry* e, int name)
    {
        Vector256<ulong> value = _vector[e - _rob];
        if (name < Renamed.Stack)
            value.Store(_state->Vec + ((name - Reg.FirstVectorNumber) * 4));
        else
            value.GetLower().Store(_state->X87.Registers + ((Physical(e, name) - Renamed.Stack) * 2));
    }

    /// <summary>The oldest instruction turned out to need more than micro-ops: it is fetched again and runs as a whole.</summary>
    private void BeginAssist(RobEntry* first)
    {
        ulong rip = first->Op->Rip;
        Squash(_head);
        Redirect(rip, CycleCause.Microcode, 0);
        _wholeNext = true;
        _wholeRip = rip;
        if (TProbe.FollowsRecording)
            FollowFrom(_retireStep);
        _active = true;
    }
}
