using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional.Native;

/// <content>Moves between memory and vector registers, which live in the state.</content>
internal sealed unsafe partial class BlockTranslator
{
    private const int Xmm0 = 0, Xmm1 = 1;

    private bool EmitVectorLoad(int k, NativeFamily family)
    {
        MicroOp* op = _ops + k;
        int size = op->AccessSize;
        bool wide = family == NativeFamily.VectorLoad256;
        if (wide ? size != 32 : size is not (4 or 8 or 16))
            return false;
        FormVectorAddress(k, write: false);
        HostOperand register = StateLayout.Register(op->Dst);
        HostOperand upper = register with { Displacement = register.Displacement + 16 };
        switch (size)
        {
            case 4:
                _e.Modrm(0x0F6E, 4, Xmm0, AtRax, prefix: 0x66);
                break;
            case 8:
                _e.Modrm(0x0F7E, 4, Xmm0, AtRax, prefix: 0xF3);
                break;
            default:
                _e.Modrm(0x0F10, 4, Xmm0, AtRax);
                break;
        }

        _e.Modrm(0x0F11, 4, Xmm0, register);
        if (wide)
            _e.Modrm(0x0F10, 4, Xmm1, HostOperand.Memory(Host.Rax, 16));
        else if (family == NativeFamily.VectorLoad128)
            _e.Modrm(0x0F57, 4, Xmm1, HostOperand.Register(Xmm1));
        else
            return true;
        _e.Modrm(0x0F11, 4, Xmm1, upper);
        return true;
    }

    private bool EmitVectorStore(int k)
    {
        MicroOp* op = _ops + k;
        int size = op->AccessSize;
        if (size is not (4 or 8 or 16 or 32))
            return false;
        FormVectorAddress(k, write: true);
        HostOperand register = StateLayout.Register(op->A);
        if (size <= 8)
        {
            _e.Load(size, Host.R10, register);
            _e.Store(size, AtRax, Host.R10);
            return true;
        }

        for (int part = 0; part < size; part += 16)
        {
            _e.Modrm(0x0F10, 4, Xmm0, register with { Displacement = register.Displacement + part });
            _e.Modrm(0x0F11, 4, Xmm0, HostOperand.Memory(Host.Rax, part));
        }

        return true;
    }

    /// <summary>As for other accesses; a misaligned address that must be aligned is the handler's business too.</summary>
    private void FormVectorAddress(int k, bool write)
    {
        MicroOp* op = _ops + k;
        FormHostAddress(k, op->AccessSize, write);
        if (op->Extra == 0)
            return;
        // A page and its place in the host are equally aligned.
        _e.TestImmediate(1, HostOperand.Register(Host.Rax), op->Extra);
        LeaveIf(NotZero, k);
    }
}
