using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>Instructions that compute nothing: hints, fences, PAUSE, markers.</summary>
internal static unsafe class HintHandlers
{
    /// <summary>Cycles that PAUSE holds a Zen 2 core (uops.info, InstLatX64: 65.0-65.7).</summary>
    internal const ulong PauseCycles = 65;

    /// <summary>Does nothing.</summary>
    public static MicroOp* Nothing(CpuState* s, MicroOp* op) => op + 1;

    /// <summary>
    /// PAUSE. It ends the block, so that a core's turn can end here, where a spinning core spends its time: a lock that is given up before
    /// PAUSE and taken again behind it would otherwise never be seen free by the other cores.
    /// </summary>
    public static MicroOp* Pause(CpuState* s, MicroOp* op)
    {
        CoreContext.Of(s).Engine?.Stall(PauseCycles - 1);
        s->Executed += (uint)op->InstructionIndex + 1;
        s->Rip = op->NextRip & ModeKeys.InstructionPointerMask(op->Extra);
        return null;
    }

    /// <summary>A marker retires like a NOP, then the probe hears of it.</summary>
    public static MicroOp* Marker(CpuState* s, MicroOp* op)
    {
        s->Executed += (uint)op->InstructionIndex + 1;
        s->Rip = op->NextRip & ModeKeys.InstructionPointerMask(op->Extra);
        CoreContext core = CoreContext.Of(s);
        core.Probe.OnMarker(core, (byte)op->Imm, s->Gpr[0]);
        return null;
    }

    /// <summary>Value function of all of them.</summary>
    public static void Value(ExecArgs* e, MicroOp* op)
    {
    }
}
