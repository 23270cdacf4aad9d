using CoSim.Hw.Zen2Core.Isa;
using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Hw.Zen2Core;

/// <summary>The I/O instruction executed last, as an SMI that follows it describes it.</summary>
/// <param name="Executed">Instructions retired before it.</param>
/// <param name="Rip">Its instruction pointer.</param>
/// <param name="Rcx">RCX before it.</param>
/// <param name="Rsi">RSI before it.</param>
/// <param name="Rdi">RDI before it.</param>
/// <param name="Trap">The SMM I/O trap doubleword: direction 0, valid 1, string 2, REP 3, size 4-6, port 16-31 (AMD APM vol. 2, 10.2.4).</param>
internal readonly record struct IoInstruction(ulong Executed, ulong Rip, ulong Rcx, ulong Rsi, ulong Rdi, uint Trap);

/// <summary>System management mode as the rest of the core sees it: which memory there is, and what waits until RSM.</summary>
public sealed unsafe partial class CoreContext
{
    private const ulong LegacySegment = 0xA_0000, LegacySegmentEnd = 0xC_0000;
    private const ulong LegacyValid = 1, TopValid = 2;
    private const ulong RangeMask = 0xFFFF_FFFE_0000;

    private bool _legacyHidden, _topHidden;
    private ulong _topBase, _topMask;

    /// <summary>The I/O instruction executed last.</summary>
    internal IoInstruction LastIo { get; private set; } = new(ulong.MaxValue, 0, 0, 0, 0, 0);

    /// <summary>Calls back when memory appears or disappears for this core: SMRAM outside SMM.</summary>
    internal event Action? MemoryViewChanged;

    /// <summary>Some memory is hidden from this core now.</summary>
    internal bool HidesMemory { get; private set; }

    /// <summary>Whether a physical address is SMRAM that code outside SMM does not reach (SMMAddr and SMMMask, AMD APM vol. 2, 10.2.5).</summary>
    internal bool Hides(ulong physical) => HidesMemory
        && ((_topHidden && ((physical ^ _topBase) & _topMask) == 0)
            || (_legacyHidden && physical is >= LegacySegment and < LegacySegmentEnd));

    /// <summary>Works out anew what is hidden: SMM was entered or left, or its registers changed.</summary>
    internal void ChangeMemoryView()
    {
        ulong mask = MsrTable.Value(State, MsrNumbers.SmmMask);
        bool outside = State->InSmm == 0;
        _topHidden = outside && (mask & TopValid) != 0;
        _legacyHidden = outside && (mask & LegacyValid) != 0;
        _topMask = mask & RangeMask;
        _topBase = MsrTable.Value(State, MsrNumbers.SmmAddress) & RangeMask;
        HidesMemory = _topHidden || _legacyHidden;
        MemoryViewChanged?.Invoke();
        Virtual.Flush();
    }

    /// <summary>Notes an I/O instruction before it touches its port.</summary>
    internal void NoteIo(MicroOp* op, ushort port, bool input, bool isString)
    {
        const uint valid = 2, stringBit = 4, repeatBit = 8;
        uint trap = (input ? 1u : 0) | valid | ((uint)op->Width << 4) | ((uint)port << 16);
        if (isString)
            trap |= stringBit | (op->Condition != 0 ? repeatBit : 0);
        LastIo = new IoInstruction(State->Executed, op->Rip, State->Gpr[1], State->Gpr[6], State->Gpr[7], trap);
    }
}
