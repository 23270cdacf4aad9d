using System.Runtime.InteropServices;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>
/// Translates a decoded block to host machine code. Ten guest registers live in host registers throughout, the others in the
/// state. The host's own flags serve the instructions that read flags next; flags that anybody may see later are stored as LAHF
/// and SETO give them. Whatever has no translation, and whatever an inline lookup misses, is run by the micro-op's ordinary
/// handler, after which the translation is entered again at the next instruction.
/// </summary>
internal sealed unsafe partial class BlockTranslator
{
    private const int NotZero = 5, Zero = 4, NotSign = 9, BelowOrEqual = 6;

    private readonly NativeCode _code;
    private readonly MicroOpArena _arena;
    private readonly NativeKinds _kinds = new();
    private readonly HostEmitter _e;
    private readonly List<(int Jump, int Op)> _slow = [];
    private readonly List<(int Jump, int Op)> _taken = [];
    private readonly List<(int Op, int Position)> _resume = [];
    private FlagMask[] _live = new FlagMask[512];
    private MicroOp* _ops;
    private int _count;

    /// <summary>Guest flags that the host's flags hold at this point of the code.</summary>
    private FlagMask _valid;

    /// <summary>The present instruction may leave for a handler, so the next one must be enterable.</summary>
    private bool _leaves;

    public BlockTranslator(NativeCode code, MicroOpArena arena)
    {
        _code = code;
        _arena = arena;
        _e = code.Emitter;
    }

    /// <summary>Translates a block. False when its first instruction has no translation: nothing would be gained.</summary>
    /// <param name="block">A valid block with an entry.</param>
    /// <param name="keepAllFlags">No flag is ever dead.</param>
    public bool Translate(Block block, bool keepAllFlags)
    {
        // Alignment checks are left to the handlers' addressing.
        if (ModeKeys.CodeBits(block.Key.ModeKey) != 64 || (block.Key.ModeKey & ModeKeys.AlignmentChecks) != 0
            || _kinds.Of(block.First->Kind).Family == NativeFamily.None)
            return false;
        _count = block.Count;
        _ops = _arena.Reserve(_count);
        _arena.Commit(_count);
        NativeMemory.Copy(block.First, _ops, (nuint)(_count * sizeof(MicroOp)));
        FindLiveFlags(keepAllFlags);
        _slow.Clear();
        _taken.Clear();
        _resume.Clear();

        int body = _e.Position;
        EmitOps();
        EmitTaken();
        EmitSlow();
        EmitResume();
        int entry = _e.Position;
        _e.AddressOf(Host.Rax, body);
        _e.Jump(_code.EnterStub);
        block.SetTranslation(body, _code.AddressOf(body), _code.AddressOf(entry));
        return true;
    }

    private void EmitOps()
    {
        _valid = FlagMask.None;
        _leaves = false;
        for (int k = 0; k < _count;)
        {
            if ((_ops[k].Marks & MicroOpMarks.First) != 0 || (_ops[k].Marks & MicroOpMarks.Pseudo) != 0)
            {
                if (_leaves)
                    BeginResumable(k);
                _leaves = false;
            }

            int consumed = EmitOp(k);
            if (consumed > 0)
            {
                k += consumed;
                continue;
            }

            // The handlers run the rest of this instruction.
            Leave(k);
            _leaves = true;
            do
                k++;
            while (k < _count && (_ops[k].Marks & (MicroOpMarks.First | MicroOpMarks.Pseudo)) == 0);
        }
    }

    /// <summary>Makes an instruction enterable from handlers; not when it would leave again at once.</summary>
    private void BeginResumable(int k)
    {
        _valid = FlagMask.None;
        if (_kinds.Of(_ops[k].Kind).Family != NativeFamily.None)
            _resume.Add((k, _e.Position));
    }

    /// <summary>Emits one micro-op, or several that belong together; 0 when there is no translation.</summary>
    private int EmitOp(int k)
    {
        MicroOp* op = _ops + k;
        NativeKind kind = _kinds.Of(op->Kind);
        switch (kind.Family)
        {
            case NativeFamily.Nothing:
                return 1;
            case NativeFamily.Integer:
                return EmitInteger(k, kind.Form) ? 1 : 0;
            case NativeFamily.Pair:
                return EmitPair(k, kind.Form) ? 1 : 0;
            case NativeFamily.Atomic:
                return EmitAtomic(k, kind.Form) ? 1 : 0;
            case NativeFamily.Lea:
                EmitLea(op);
                return 1;
            case NativeFamily.Load when Addressable(op):
                return EmitLoad(k);
            case NativeFamily.LoadSigned when Addressable(op):
                EmitLoadSigned(k);
                return 1;
            case NativeFamily.Store when Addressable(op):
                EmitStore(k);
                return 1;
            case NativeFamily.StoreImmediate when Addressable(op):
                EmitStoreImmediate(k);
                return 1;
            case NativeFamily.VectorLoad or NativeFamily.VectorLoad128 or NativeFamily.VectorLoad256 when Addressable(op):
                return EmitVectorLoad(k, kind.Family) ? 1 : 0;
            case NativeFamily.VectorStore when Addressable(op):
                return EmitVectorStore(k) ? 1 : 0;
            case NativeFamily.Jump:
                EmitJump(op, op->InstructionIndex + 1);
                return 1;
            case NativeFamily.JumpIf:
                _taken.Add((_e.JumpForwardIf(Condition(op->Condition)), k));
                return 1;
            case NativeFamily.JumpRegister:
                EmitJumpRegister(k);
                return 1;
            case NativeFamily.Clock when (ClockKind)op->Condition == ClockKind.Tsc:
                EmitReadTsc(k);
                return 1;
            case NativeFamily.Pause:
                EmitPause(k);
                return 1;
            case NativeFamily.BlockEnd:
                EmitJump(op, op->InstructionIndex);
                return 1;
            default:
                return 0;
        }
    }

    /// <summary>The analysis of <see cref="DeadFlags"/>: what a handler would leave visible, the translation does too.</summary>
    private void FindLiveFlags(bool keepAllFlags)
    {
        if (_live.Length < _count)
            _live = new FlagMask[_count];
        FlagMask live = FlagMask.All;
        for (int k = _count - 1; k >= 0; k--)
        {
            MicroOp* op = _ops + k;
            _live[k] = keepAllFlags ? FlagMask.All : live;
            bool visible = op->Class is not (MicroOpClass.Alu or MicroOpClass.Mul or MicroOpClass.Lea or MicroOpClass.Nop);
            live = visible || (op->Marks & MicroOpMarks.Pseudo) != 0 ? FlagMask.All : (live & ~op->FlagsWritten) | op->FlagsRead;
        }
    }

    /// <summary>Leaves for the handler of a micro-op.</summary>
    private void Leave(int k)
    {
        _e.Constant(Host.R11, (ulong)(_ops + k));
        _e.Constant(Host.R10, (ulong)_ops[k].Handler);
        _e.Jump(_code.ExitStub);
    }

    private void EmitSlow()
    {
        for (int n = 0; n < _slow.Count;)
        {
            int k = _slow[n].Op;
            while (n < _slow.Count && _slow[n].Op == k)
                _e.Bind(_slow[n++].Jump);
            Leave(k);
        }
    }

    private void EmitResume()
    {
        foreach ((int k, int position) in _resume)
        {
            // Only now: until here the handler was needed for the way out.
            _ops[k].Handler = (delegate*<CpuState*, MicroOp*, MicroOp*>)_code.AddressOf(_e.Position);
            _e.AddressOf(Host.Rax, position);
            _e.Jump(_code.EnterStub);
        }
    }
}
