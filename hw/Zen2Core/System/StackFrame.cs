using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>A stack being pushed to or popped from by microcode; RSP changes only by <see cref="Commit"/>.</summary>
internal unsafe ref struct StackFrame
{
    private readonly CoreContext _core;
    private readonly CpuState* _s;
    private readonly ulong _base;
    private readonly ulong _mask;

    /// <summary>The current stack.</summary>
    public StackFrame(CoreContext core)
    {
        _core = core;
        _s = core.State;
        Pointer = _s->Gpr[4];
        int bytes = ModeKeys.StackBytes(_s->ModeKey);
        _mask = bytes switch { 8 => ulong.MaxValue, 4 => uint.MaxValue, _ => 0xFFFF };
        _base = _s->Mode == CpuMode.Long64 ? 0 : CpuState.Segment(_s, SegmentIndex.Ss).Base;
    }

    /// <summary>Another stack, that of an inner privilege level.</summary>
    public StackFrame(CoreContext core, ulong pointer, ulong baseAddress, ulong mask)
    {
        _core = core;
        _s = core.State;
        Pointer = pointer;
        _base = baseAddress;
        _mask = mask;
    }

    /// <summary>The stack pointer so far.</summary>
    public ulong Pointer { get; private set; }

    /// <summary>True for accesses by the processor itself while it changes privilege.</summary>
    public bool AsSupervisor { get; init; }

    /// <summary>Pushes. False: the fault is recorded.</summary>
    public bool Push(int bytes, ulong value)
    {
        ulong pointer = Next((Pointer - (uint)bytes) & _mask);
        ulong linear = Linear(pointer);
        WriteOutcome outcome = AsSupervisor
            ? _core.Virtual.WriteSystem(linear, bytes, value)
            : _core.Virtual.Write(linear, bytes, value, 0);
        if (outcome == WriteOutcome.Fault)
            return Failed();
        Pointer = pointer;
        return true;
    }

    /// <summary>Pops, zero-extended. False: the fault is recorded.</summary>
    public bool Pop(int bytes, out ulong value)
    {
        if (!_core.Virtual.Read(Linear(Pointer & _mask), bytes, 0, out value))
            return Failed();
        Pointer = Next((Pointer + (uint)bytes) & _mask);
        return true;
    }

    /// <summary>Skips or reserves bytes.</summary>
    public void Skip(long bytes) => Pointer = Next((Pointer + (ulong)bytes) & _mask);

    /// <summary>Makes the pointer architectural.</summary>
    public readonly void Commit() => _s->Gpr[4] = Pointer;

    private readonly ulong Next(ulong masked) => (Pointer & ~_mask) | masked;

    private readonly ulong Linear(ulong pointer) =>
        _mask == ulong.MaxValue ? pointer : (uint)(_base + (pointer & _mask));

    /// <summary>Non-canonical stack addresses raise #SS (AMD APM vol. 2, 8.2.13).</summary>
    private readonly bool Failed()
    {
        if (_s->Host.FaultVector == ExceptionVector.GeneralProtection)
            _s->Host.FaultVector = ExceptionVector.Stack;
        return false;
    }
}
