using System.Runtime.CompilerServices;
using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core.Functional;

/// <summary>The slow side of handlers' memory accesses: TLB fills, page crossings, devices, faults, stores to code.</summary>
internal static unsafe class MemoryAccess
{
    /// <summary>Reads 1-8 bytes. False: the fault is recorded and the handler returns null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool Read(CpuState* s, MicroOp* op, ulong linear, int size, out ulong value)
    {
        CoreContext core = CoreContext.Of(s);
        core.AccessRip = op->Rip;
        if (core.Virtual.Read(linear, size, op->InstructionIndex, out value))
            return true;
        NoteSegment(s, op);
        Leave.AtFault(s, op);
        return false;
    }

    /// <summary>Reads 1-8 bytes that will be written next.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool ReadForWrite(CpuState* s, MicroOp* op, ulong linear, int size, out ulong value)
    {
        CoreContext core = CoreContext.Of(s);
        core.AccessRip = op->Rip;
        VirtualMemory memory = core.Virtual;
        if (memory.CheckWrite(linear, size) && memory.Read(linear, size, op->InstructionIndex, out value))
            return true;
        value = 0;
        NoteSegment(s, op);
        Leave.AtFault(s, op);
        return false;
    }

    /// <summary>Checks that a store would not fault. False: the fault is recorded and the handler returns null.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool CheckWrite(CpuState* s, MicroOp* op)
    {
        byte* registers = (byte*)s;
        if (EffectiveAddress.Linear(s, op, *(ulong*)(registers + op->Base), *(ulong*)(registers + op->Index), out ulong linear)
            && CoreContext.Of(s).Virtual.CheckWrite(linear, op->AccessSize))
        {
            return true;
        }

        NoteSegment(s, op);
        Leave.AtFault(s, op);
        return false;
    }

    /// <summary>Writes 1-8 bytes and returns what the handler returns.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static MicroOp* Write(CpuState* s, MicroOp* op, ulong linear, int size, ulong value)
    {
        CoreContext core = CoreContext.Of(s);
        core.AccessRip = op->Rip;
        ulong limit = s->Host.Limit;
        return Finish(s, op, limit, core.Virtual.Write(linear, size, value, op->InstructionIndex));
    }

    /// <summary>What a store's handler returns after the store.</summary>
    /// <param name="s">The core's state.</param>
    /// <param name="op">The store.</param>
    /// <param name="limit"><see cref="HostState.Limit"/> before it.</param>
    /// <param name="outcome">What became of it.</param>
    public static MicroOp* Finish(CpuState* s, MicroOp* op, ulong limit, WriteOutcome outcome)
    {
        switch (outcome)
        {
            // A device that the store went to may have interrupted: the code that follows may turn interrupts off. What had been asked for
            // before the store ends the block where it ends for a store that the host had translated.
            case WriteOutcome.Done when s->Host.Limit != 0 || limit == 0:
                return op + 1;
            case WriteOutcome.Done:
            case WriteOutcome.CodeChanged:
                return Leave.AfterInstruction(s, op);
            default:
                NoteSegment(s, op);
                return Leave.AtFault(s, op);
        }
    }

    /// <summary>A non-canonical address through SS raises #SS instead of #GP (AMD APM vol. 2, 8.2.13).</summary>
    public static void NoteSegment(CpuState* s, MicroOp* op)
    {
        if (s->Host.FaultVector == ExceptionVector.GeneralProtection && op->Segment == SegmentIndex.Ss)
            s->Host.FaultVector = ExceptionVector.Stack;
    }
}
