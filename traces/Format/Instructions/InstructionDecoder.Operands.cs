using CoSim.Hw.Simulation;
using static CoSim.Traces.Format.Instructions.InstructionLayout;

namespace CoSim.Traces.Format.Instructions;

/// <content>Operands, which stand in the record of their instruction.</content>
internal sealed partial class InstructionDecoder
{
    private static int Counted(int left, TraceEvent? operands)
    {
        left -= operands == null ? 1 : 2;
        return left >= 0 ? left : throw new TraceFormatException("instructions: operands are longer than the group");
    }

    private TraceEvent? DecodeOperands(CorePlace place, in TraceEvent instruction, bool differ)
    {
        ref OperandShape shape = ref _model.OperandsOf(instruction.Values[Rip]);
        int told = differ ? Byte() : shape.Count, count = told & 0xF, mask = told >> 4;
        if (count > MostOperands)
            throw new TraceFormatException($"instructions: {count} operands of {MostOperands}");
        TraceEvent e = new(_operands!, instruction.Time);
        for (int i = 0; i < count; i++)
        {
            ulong address = shape.Predict(i, place.Operand);
            if ((mask & (1 << i)) != 0)
                address = unchecked(address + UnZigZag(Number()));
            e.Values[FirstOperand + i] = address;
            shape.Learn(i, place.Operand, address);
            place.Operand = address;
        }

        shape.Count = (byte)count;
        if (count == 0)
            return null;
        if (_operands == null)
            throw new TraceFormatException("instructions: the header does not describe operands");
        e.Values[Core] = instruction.Values[Core];
        e.Values[Rip] = instruction.Values[Rip];
        e.Values[Cycle] = instruction.Values[Cycle];
        e.Values[OperandCount] = (ulong)count;
        return e;
    }

    private TraceEvent DecodeLoneOperands(Frequency clock)
    {
        TraceEvent e = new(_operands ?? throw new TraceFormatException("instructions: the header does not describe operands"), default);
        e.Values[Core] = _model.Core;
        e.Values[Rip] = unchecked(_model.Place.Rip + UnZigZag(Number()));
        e.Values[Cycle] = unchecked(_model.Place.Cycle + UnZigZag(Number()));
        int count = Byte();
        if (count > MostOperands)
            throw new TraceFormatException($"instructions: {count} operands of {MostOperands}");
        e.Values[OperandCount] = (ulong)count;
        for (int i = 0; i < count; i++)
            e.Values[FirstOperand + i] = Number();
        e.Time = SimTime.FromFemtoseconds(clock.SpanOf(e.Values[Cycle]));
        return e;
    }
}
