using static CoSim.Traces.Format.Instructions.InstructionLayout;

namespace CoSim.Traces.Format.Instructions;

/// <content>Operands wait for the instruction that they belong to, and become a part of its record.</content>
internal sealed partial class InstructionEncoder
{
    private readonly ulong[] _waiting = new ulong[OperandFields];
    private bool _hasWaiting;

    /// <summary>Adds operands: core, address of the instruction, its cycle, count, addresses.</summary>
    public void AddOperands(ReadOnlySpan<ulong> values)
    {
        Reserve();
        FlushOperands();
        values[..OperandFields].CopyTo(_waiting);
        _hasWaiting = true;
        Count++;
    }

    private bool JoinsOperands(ReadOnlySpan<ulong> values, bool isDelivery) => _hasWaiting && !isDelivery && _waiting[OperandCount] != 0
        && _waiting[Core] == values[Core] && _waiting[Rip] == values[Rip] && _waiting[Cycle] == values[Cycle];

    private bool AreAsPredicted(CorePlace place, ulong rip, bool joined)
    {
        ref OperandShape shape = ref _model.OperandsOf(rip);
        if ((joined ? (int)_waiting[OperandCount] : 0) != shape.Count)
            return false;
        ulong before = place.Operand;
        for (int i = 0; i < shape.Count; i++)
        {
            if (_waiting[FirstOperand + i] != shape.Predict(i, before))
                return false;
            before = _waiting[FirstOperand + i];
        }

        return true;
    }

    private void WriteOperands(CorePlace place, ulong rip, bool joined)
    {
        ref OperandShape shape = ref _model.OperandsOf(rip);
        int count = joined ? (int)_waiting[OperandCount] : 0, mask = 0;
        ulong before = place.Operand;
        for (int i = 0; i < count; i++)
        {
            mask |= _waiting[FirstOperand + i] != shape.Predict(i, before) ? 1 << i : 0;
            before = _waiting[FirstOperand + i];
        }

        Write((byte)(count | (mask << 4)));
        before = place.Operand;
        for (int i = 0; i < count; i++)
        {
            if ((mask & (1 << i)) != 0)
                WriteNumber(ZigZag(unchecked(_waiting[FirstOperand + i] - shape.Predict(i, before))));
            before = _waiting[FirstOperand + i];
        }
    }

    private void LearnOperands(CorePlace place, ulong rip, bool joined)
    {
        ref OperandShape shape = ref _model.OperandsOf(rip);
        int count = joined ? (int)_waiting[OperandCount] : 0;
        for (int i = 0; i < count; i++)
        {
            shape.Learn(i, place.Operand, _waiting[FirstOperand + i]);
            place.Operand = _waiting[FirstOperand + i];
        }

        shape.Count = (byte)count;
        _hasWaiting &= !joined;
    }

    /// <summary>Operands whose instruction did not follow stand by themselves and teach nothing.</summary>
    private void FlushOperands()
    {
        if (!_hasWaiting)
            return;
        _hasWaiting = false;
        FlushRun();
        bool other = _waiting[Core] != _model.Core;
        if (other)
            _model.Switch((uint)_waiting[Core]);
        Write(Escape);
        Write((byte)(LoneOperands | (other ? OtherCore : 0)));
        if (other)
            WriteNumber(_waiting[Core]);
        WriteNumber(ZigZag(unchecked(_waiting[Rip] - _model.Place.Rip)));
        WriteNumber(ZigZag(unchecked(_waiting[Cycle] - _model.Place.Cycle)));
        Write((byte)_waiting[OperandCount]);
        for (int i = 0; i < (int)_waiting[OperandCount]; i++)
            WriteNumber(_waiting[FirstOperand + i]);
    }
}
