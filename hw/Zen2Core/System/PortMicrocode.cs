using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>IN and OUT. The port is <see cref="MicroOp.Imm"/>, or DX when Marks has no immediate.</summary>
internal static unsafe class PortMicrocode
{
    /// <summary>IN.</summary>
    public static MicrocodeResult Input(CoreContext core, CpuState* s, MicroOp* op)
    {
        ushort port = Port(s, op);
        if (!PortPermission.Check(core, port, op->Width))
            return MicrocodeResult.Fault;
        if (op->Width == 1 && core.EntersIdleState(port))
        {
            *(byte*)s->Gpr = 0;
            core.EnterPortWait();
            return MicrocodeResult.Done;
        }

        core.AccessRip = op->Rip;
        core.NoteIo(op, port, input: true, isString: false);
        uint value = core.ReadPort(port, op->Width);
        core.NotePort(port, op->Width);
        switch (op->Width)
        {
            case 1: *(byte*)s->Gpr = (byte)value; break;
            case 2: *(ushort*)s->Gpr = (ushort)value; break;
            default: s->Gpr[0] = value; break;
        }

        return MicrocodeResult.Done;
    }

    /// <summary>OUT.</summary>
    public static MicrocodeResult Output(CoreContext core, CpuState* s, MicroOp* op)
    {
        ushort port = Port(s, op);
        if (!PortPermission.Check(core, port, op->Width))
            return MicrocodeResult.Fault;
        uint value = (uint)s->Gpr[0];
        core.AccessRip = op->Rip;
        core.NoteIo(op, port, input: false, isString: false);
        core.WritePort(port, op->Width, op->Width switch { 1 => (byte)value, 2 => (ushort)value, _ => value });
        core.NotePort(port, op->Width);
        return MicrocodeResult.Done;
    }

    private static ushort Port(CpuState* s, MicroOp* op) =>
        (op->Marks & MicroOpMarks.BIsImmediate) != 0 ? (ushort)op->Imm : (ushort)s->Gpr[2];
}
