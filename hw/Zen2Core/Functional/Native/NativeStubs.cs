using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <summary>The ways into and out of translated code, emitted once per buffer.</summary>
internal static unsafe class NativeStubs
{
    private const int Rdi = 7, Rsi = 6;

    /// <summary>Registers that the calling convention makes a callee keep and that translated code uses.</summary>
    private static ReadOnlySpan<byte> Saved => [3, 5, 12, 13, 14, 15];

    /// <summary>Emits all stubs and gives their offsets.</summary>
    public static (int Enter, int Exit, int ReturnNull, int RunHandler) Emit(HostEmitter e)
    {
        int enter = e.Position;
        Enter(e);
        int exit = e.Position;
        Spill(e);
        e.Move(8, Host.Rdx, Host.Rax);
        StoreState(e);
        e.Address(8, Rdi, HostOperand.Memory(Host.State, -Host.StateBias));
        e.Move(8, Rsi, Host.R11);
        Pop(e);
        e.Modrm(0xFF, 4, 4, HostOperand.Register(Host.R10));
        int returnNull = e.Position;
        Spill(e);
        StoreState(e);
        Pop(e);
        e.Constant(Host.Rax, 0);
        e.Byte(0xC3);
        int runHandler = e.Position;
        e.Load(8, Host.R10, HostOperand.Memory(Host.R11, 0));
        e.Jump(exit);
        return (enter, exit, returnNull, runHandler);
    }

    /// <summary>From a caller of handlers: RDI is the state; RAX was set to where to go.</summary>
    private static void Enter(HostEmitter e)
    {
        foreach (byte register in Saved)
        {
            if (register >= 8)
                e.Byte(0x41);
            e.Byte(0x50 | (register & 7));
        }

        e.Address(8, Host.State, HostOperand.Memory(Rdi, Host.StateBias));
        e.Load(8, Host.Counter, StateLayout.Executed);
        e.FromOperand(0x2A, 8, Host.Counter, StateLayout.Limit);

        // RFLAGS order to the order of LAHF and SETO.
        e.Load(4, Host.R10, StateLayout.Flags);
        e.Move(4, Host.R11, Host.R10);
        e.Shift(4, 4, HostOperand.Register(Host.R11), 8);
        e.Shift(5, 4, HostOperand.Register(Host.R10), 11);
        e.FromOperand(0x0A, 4, Host.R10, HostOperand.Register(Host.R11));
        e.Store(2, StateLayout.Overflow, Host.R10);
        for (int guest = 0; guest < Host.Pins.Length; guest++)
        {
            if (Host.Pins[guest] >= 0)
                e.Load(8, Host.Pins[guest], StateLayout.Register(Reg.Gpr(guest)));
        }

        e.Modrm(0xFF, 4, 4, HostOperand.Register(Host.Rax));
    }

    private static void Spill(HostEmitter e)
    {
        for (int guest = 0; guest < Host.Pins.Length; guest++)
        {
            if (Host.Pins[guest] >= 0)
                e.Store(8, StateLayout.Register(Reg.Gpr(guest)), Host.Pins[guest]);
        }
    }

    /// <summary>Flags and the count of instructions; RAX and RCX are free.</summary>
    private static void StoreState(HostEmitter e)
    {
        e.Load(2, Host.Rax, StateLayout.Overflow);
        e.Move(4, Host.Rcx, Host.Rax);
        e.Shift(5, 4, HostOperand.Register(Host.Rcx), 8);
        e.Arithmetic((int)NativeOp.And, 4, HostOperand.Register(Host.Rcx), (int)(FlagBits.All & 0xFF));
        e.Arithmetic((int)NativeOp.And, 4, HostOperand.Register(Host.Rax), 1);
        e.Shift(4, 4, HostOperand.Register(Host.Rax), 11);
        e.FromOperand(0x0A, 4, Host.Rax, HostOperand.Register(Host.Rcx));
        e.Store(4, StateLayout.Flags, Host.Rax);
        e.FromOperand(0x02, 8, Host.Counter, StateLayout.Limit);
        e.Store(8, StateLayout.Executed, Host.Counter);
    }

    private static void Pop(HostEmitter e)
    {
        for (int n = Saved.Length - 1; n >= 0; n--)
        {
            if (Saved[n] >= 8)
                e.Byte(0x41);
            e.Byte(0x58 | (Saved[n] & 7));
        }
    }
}
