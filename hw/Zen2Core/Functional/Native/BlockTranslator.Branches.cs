using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Branches and the ends of blocks. Each counts the instructions up to itself and looks at the limit, as its handler does.</content>
internal sealed unsafe partial class BlockTranslator
{
    private void EmitTaken()
    {
        foreach ((int jump, int k) in _taken)
        {
            _e.Bind(jump);
            EmitJump(_ops + k, _ops[k].InstructionIndex + 1);
        }
    }

    /// <summary>To a constant target, after so many instructions of the block.</summary>
    private void EmitJump(MicroOp* op, int instructions)
    {
        Count(instructions);
        if (op->Scale != BranchHandlers.Linkable)
        {
            JumpThroughCache(op->Imm);
            return;
        }

        // Adjusted when the target is known and translated.
        int limit = _e.JumpForwardIf(NotSign);
        int link = _e.JumpForward();
        _e.Bind(limit);
        _e.Bind(link);
        _e.Constant(Host.Rax, (ulong)_code.AddSite(link, _e.Position));
        _e.Constant(Host.R11, (ulong)op);
        _e.Constant(Host.R10, (ulong)(delegate*<CpuState*, MicroOp*, nint, MicroOp*>)&NativeHandlers.Take);
        _e.Jump(_code.ExitStub);
    }

    /// <summary>Whether the instruction of micro-op <paramref name="k"/> ends in a 64-bit indirect branch of this kind.</summary>
    private bool EndsInJumpRegister(int k, BranchKind branch)
    {
        while ((_ops[k].Marks & MicroOpMarks.Last) == 0)
            k++;
        return _ops[k].Branch == branch && _ops[k].Width == 8;
    }

    /// <summary>Leaves the accesses of calls and returns to their handler when the target in a register is not canonical. R10 changes.</summary>
    private void LeaveUnlessCanonical(int target, int k)
    {
        _e.Move(8, Host.R10, target);
        _e.Shift(4, 8, R10, 16);
        _e.Shift(7, 8, R10, 16);
        _e.FromOperand(0x3A, 8, Host.R10, HostOperand.Register(target));
        _valid = FlagMask.None;
        LeaveIf(NotZero, k);
    }

    private void Count(int instructions)
    {
        _e.Arithmetic((int)NativeOp.Add, 8, HostOperand.Register(Host.Counter), instructions);
    }

    /// <summary>To another page: its mapping may change, so the jump cache decides each time.</summary>
    private void JumpThroughCache(ulong target)
    {
        _e.Constant(Host.Rax, target);
        _e.Store(8, StateLayout.Rip, Host.Rax);
        _e.JumpIf(NotSign, _code.ReturnNullStub);
        _e.FromOperand(0x32, 8, Host.Rax, StateLayout.JumpSalt);
        _e.Load(8, Host.R10, StateLayout.Jumps);
        int slot = (int)JumpEntry.Slot(target) * sizeof(JumpEntry);
        _e.FromOperand(0x3A, 8, Host.Rax, HostOperand.Memory(Host.R10, slot));
        _e.JumpIf(NotZero, _code.ReturnNullStub);
        _e.Load(8, Host.R11, HostOperand.Memory(Host.R10, slot + 8));
        _e.Modrm(0xFF, 4, 4, HostOperand.Memory(Host.R11, BlockEntry.BodyOffset));
    }

    /// <summary>Through a register or temporary: the same lookup with a computed slot. What it does not find, the handler judges.</summary>
    private void EmitJumpRegister(int k)
    {
        MicroOp* op = _ops + k;
        _e.Load(8, Host.Rax, Source(op->A, Host.Rax));
        _e.Move(8, Host.R10, Host.Rax);
        _e.Shift(5, 8, R10, 11);
        _e.FromOperand(0x32, 4, Host.R10, HostOperand.Register(Host.Rax));
        _e.Arithmetic((int)NativeOp.And, 4, R10, JumpEntry.Count - 1);
        _e.Shift(4, 4, R10, 4);
        _e.FromOperand(0x02, 8, Host.R10, StateLayout.Jumps);
        _e.Move(8, Host.R11, Host.Rax);
        _e.FromOperand(0x32, 8, Host.R11, StateLayout.JumpSalt);
        _e.FromOperand(0x3A, 8, Host.R11, HostOperand.Memory(Host.R10, 0));
        LeaveIf(NotZero, k);
        Count(op->InstructionIndex + 1);
        _e.Store(8, StateLayout.Rip, Host.Rax);
        _e.JumpIf(NotSign, _code.ReturnNullStub);
        _e.Load(8, Host.R11, HostOperand.Memory(Host.R10, 8));
        _e.Modrm(0xFF, 4, 4, HostOperand.Memory(Host.R11, BlockEntry.BodyOffset));
    }
}
