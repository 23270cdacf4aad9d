using CoSim.Hw.Zen2Core.Isa.Float;

namespace CoSim.Hw.Zen2Core.Isa.X87;

/// <summary>
/// The x87 register stack and its exceptions during one instruction. Operations run in order, when they are the oldest
/// instruction, and change the state directly.
/// </summary>
internal unsafe ref struct X87Unit
{
    public const ushort StackFaultBit = 0x40;
    public const ushort SummaryBit = 0x80;
    public const ushort C0 = 0x100, C1 = 0x200, C2 = 0x400, C3 = 0x4000, BusyBit = 0x8000;
    public const ushort Conditions = C0 | C1 | C2 | C3;

    private readonly CoreContext _core;
    private readonly CpuState* _s;
    private readonly MicroOp* _op;

    /// <summary>Control in MXCSR layout, exceptions raised so far.</summary>
    public FloatEnvironment Environment;

    public X87Unit(CoreContext core, CpuState* s, MicroOp* op)
    {
        _core = core;
        _s = s;
        _op = op;
        uint control = s->X87.Control;
        Environment = new FloatEnvironment(((control & 0x3F) << 7) | ((control & 0xC00) << 3));
    }

    public readonly CoreContext Core => _core;

    public readonly CpuState* State => _s;

    public readonly MicroOp* Op => _op;

    /// <summary>The status word.</summary>
    public readonly ushort StatusWord => _s->X87.Status;

    /// <summary>Number of the physical register that is ST(0).</summary>
    public readonly int Top => (_s->X87.Status >> 11) & 7;

    /// <summary>Precision of arithmetic results in bits (PC field; the reserved encoding acts as extended).</summary>
    public readonly int Precision => ((_s->X87.Control >> 8) & 3) switch { 0 => 24, 2 => 53, _ => 64 };

    /// <summary>The instruction's stack register operand.</summary>
    public readonly int Operand => (int)(_op->Imm & 7);

    /// <summary>Whether an exception that prevents the result was raised and is not masked.</summary>
    public readonly bool Aborted =>
        (Environment.Unmasked & (FloatEnvironment.Invalid | FloatEnvironment.Denormal | FloatEnvironment.ZeroDivide)) != 0;

    public readonly bool IsEmpty(int i) => ((_s->X87.Tag >> (2 * ((Top + i) & 7))) & 3) == 3;

    public readonly X87Value Read(int i)
    {
        int physical = (Top + i) & 7;
        return new X87Value(_s->X87.Registers[physical * 2], (ushort)_s->X87.Registers[(physical * 2) + 1]);
    }

    public readonly void Write(int i, X87Value value)
    {
        int physical = (Top + i) & 7;
        _s->X87.Registers[physical * 2] = value.Significand;
        _s->X87.Registers[(physical * 2) + 1] = value.SignExponent;
        _s->X87.Tag &= (ushort)~(3 << (2 * physical));
    }

    public readonly void Free(int i) => _s->X87.Tag |= (ushort)(3 << (2 * ((Top + i) & 7)));

    public readonly void Rotate(int by) =>
        _s->X87.Status = (ushort)((_s->X87.Status & ~0x3800) | (((Top + by) & 7) << 11));

    public readonly void Pop()
    {
        Free(0);
        Rotate(1);
    }

    public readonly void Pop(int count)
    {
        for (; count > 0; count--)
            Pop();
    }

    /// <summary>Sets C1 to a value.</summary>
    public readonly void SetC1(bool value) => SetConditions(C1, value ? C1 : (ushort)0);

    /// <summary>Replaces some condition bits.</summary>
    public readonly void SetConditions(ushort mask, ushort value) => _s->X87.Status = (ushort)((_s->X87.Status & ~mask) | value);

    /// <summary>Raises a stack fault: C1 tells overflow (true) from underflow.</summary>
    /// <returns>True when invalid-operation is masked, so that the default result is delivered.</returns>
    public bool StackFault(bool overflow)
    {
        Environment.Raised |= FloatEnvironment.Invalid;
        _s->X87.Status |= StackFaultBit;
        SetC1(overflow);
        return !Environment.Traps(FloatEnvironment.Invalid);
    }

    /// <summary>Pushes a result; a full stack is a stack fault with a NaN as its masked result.</summary>
    public void Push(X87Value value)
    {
        if (!IsEmpty(7))
        {
            if (!StackFault(overflow: true))
                return;
            value = X87Value.DefaultNaN;
        }

        if (Aborted)
            return;
        Rotate(-1);
        Write(0, value);
    }

    /// <summary>Enters raised exceptions into the status word; ES and B follow unmasked ones.</summary>
    public readonly void Commit()
    {
        uint status = _s->X87.Status | Environment.Raised;
        bool pending = (status & ~(uint)_s->X87.Control & 0x3F) != 0;
        status = pending ? status | SummaryBit | BusyBit : status & ~(uint)(SummaryBit | BusyBit);
        _s->X87.Status = (ushort)status;
    }

    /// <summary>Linear address of the memory operand. False: a fault is recorded.</summary>
    public readonly bool Address(out ulong linear)
    {
        byte* registers = (byte*)_s;
        return EffectiveAddress.Linear(_s, _op, *(ulong*)(registers + _op->Base), *(ulong*)(registers + _op->Index), out linear);
    }

    /// <summary>Reads the memory operand. False: a fault is recorded.</summary>
    public readonly bool ReadMemory(Span<byte> bytes) => MicrocodeMemory.ReadOperand(_core, _s, _op, bytes);

    /// <summary>Writes the memory operand. False: a fault is recorded.</summary>
    public readonly bool WriteMemory(ReadOnlySpan<byte> bytes) => MicrocodeMemory.WriteOperand(_core, _s, _op, bytes);
}
