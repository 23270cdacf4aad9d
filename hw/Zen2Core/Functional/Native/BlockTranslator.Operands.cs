using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Guest registers as host operands.</content>
internal sealed unsafe partial class BlockTranslator
{
    private static HostOperand R10 => HostOperand.Register(Host.R10);

    private static HostOperand R11 => HostOperand.Register(Host.R11);

    /// <summary>The host register that holds a guest register, or -1: in the state, or AH to BH.</summary>
    private static int Pin(ushort register) => register < 16 * 8 && (register & 1) == 0 ? Host.Pins[register >> 3] : -1;

    /// <summary>The pinned register that AH to BH are part of.</summary>
    private static int HighPin(ushort register) => Host.Pins[register >> 3];

    /// <summary>A source operand of at most 8 bytes, read-only; AH to BH come in the scratch register, which costs the host's flags.</summary>
    private HostOperand Source(ushort register, int scratch)
    {
        int pin = Pin(register);
        if (pin >= 0)
            return HostOperand.Register(pin);
        if (!Reg.IsHighByte(register))
            return StateLayout.Register(register);
        _e.Load(2, scratch, HostOperand.Register(HighPin(register)));
        _e.Shift(5, 4, HostOperand.Register(scratch), 8);
        _valid = FlagMask.None;
        return HostOperand.Register(scratch);
    }

    /// <summary>A source in a host register: the pinned one, or the scratch register, zero-extended.</summary>
    private int SourceRegister(ushort register, int size, int scratch)
    {
        HostOperand source = Source(register, scratch);
        if (!source.IsMemory)
            return source.Base;
        _e.Load(size, scratch, source);
        return scratch;
    }

    /// <summary>Writes a guest register as its width says: 4 bytes clear the upper half, fewer merge.</summary>
    /// <param name="register">The guest register.</param>
    /// <param name="size">1, 2, 4 or 8.</param>
    /// <param name="source">Host register; for 4 bytes its upper half is zero when it is not a pinned one.</param>
    private void WriteRegister(ushort register, int size, int source)
    {
        int pin = Pin(register);
        if (pin >= 0)
        {
            if (pin != source || size == 4)
                _e.Move(size, pin, source);
        }
        else if (!Reg.IsHighByte(register))
        {
            if (size == 4 && source != Host.R10 && source != Host.R11)
            {
                _e.Move(4, Host.R11, source);
                source = Host.R11;
            }

            _e.Store(size == 4 ? 8 : size, StateLayout.Register(register), source);
        }
        else
        {
            HostOperand whole = HostOperand.Register(HighPin(register));
            if (source == whole.Base)
            {
                // MOV CH, CL: the rotation would carry the source away.
                _e.Move(8, Host.R11, source);
                source = Host.R11;
            }

            _e.Shift(1, 8, whole, 8);
            _e.Move(1, whole.Base, source);
            _e.Shift(0, 8, whole, 8);
            _valid = FlagMask.None;
        }
    }

    /// <summary>An immediate as the width sees it, sign-extended.</summary>
    private static long Immediate(MicroOp* op, int size) => size switch
    {
        1 => (sbyte)op->Imm,
        2 => (short)op->Imm,
        4 => (int)op->Imm,
        _ => (long)op->Imm,
    };
}
