namespace CoSim.Traces.Format.Instructions;

/// <summary>Bits of the records in a packed group of instructions, and the places of their values in an event.</summary>
internal static class InstructionLayout
{
    /// <summary>Kind number of a packed group in a block; no kind has it.</summary>
    public const byte Group = EventKind.MaxId - 1;

    /// <summary>Places of the values of `retire` and `deliver`.</summary>
    public const int Core = 0, Rip = 1, Cycle = 2, FirstCause = 3;

    /// <summary>Places of the values of `micro-op`; the stages' cycles stand from fetch to retire.</summary>
    public const int OpIndex = 2, Fetch = 3, Retire = 9, Port = 10, Slots = 11, MicroOpFields = 12;

    /// <summary>In a head byte: a run of up to 128 instructions that went as the model says.</summary>
    public const byte Run = 0x80, LongestRun = 128;

    /// <summary>In a head byte: a micro-op, not an instruction.</summary>
    public const byte MicroOp = 0x40;

    /// <summary>In a head byte: another byte with <see cref="Delivered"/> and <see cref="OtherCore"/> follows.</summary>
    public const byte Escape = 0x20;

    /// <summary>In a head byte: the address is not the predicted one; its signed distance from the last one follows.</summary>
    public const byte OtherRip = 0x01;

    /// <summary>In the head byte of an instruction: how its cycles are told.</summary>
    public const byte CyclesMask = 0x06, CyclesOfCauses = 0x00, CyclesAsBefore = 0x02, CyclesFollow = 0x04;

    /// <summary>In the head byte of an instruction: how its causes are told.</summary>
    public const byte CausesMask = 0x18, CausesAsBefore = 0x00, CausesNone = 0x08, CausesNumber = 0x10, CausesFollow = 0x18;

    /// <summary>In the head byte of a micro-op: its place in the instruction follows.</summary>
    public const byte OtherIndex = 0x02;

    /// <summary>In the head byte of a micro-op: a mask of the numbers of its shape that changed, and these, follow.</summary>
    public const byte OtherShape = 0x04;

    /// <summary>In the head byte of a micro-op: the signed distance from the last micro-op's fetch follows.</summary>
    public const byte OtherFetch = 0x08;

    /// <summary>In an escape byte: an interrupt or exception was delivered, no instruction retired.</summary>
    public const byte Delivered = 0x01;

    /// <summary>In an escape byte: the number of another core follows.</summary>
    public const byte OtherCore = 0x02;

    /// <summary>In an escape byte: the operands are other than predicted. A byte with their count (low bits) and a mask of those that differ, and their signed distances from the prediction, end the record.</summary>
    public const byte OtherOperands = 0x04;

    /// <summary>In an escape byte: operands without their instruction; signed distances of address and cycle, count and addresses follow.</summary>
    public const byte LoneOperands = 0x08;

    /// <summary>Places of the values of `operands`, and the most of them.</summary>
    public const int OperandCount = 3, FirstOperand = 4, MostOperands = 4, OperandFields = FirstOperand + MostOperands;

    /// <summary>Signed numbers with small magnitudes as small unsigned ones: 0, -1, 1, -2, ...</summary>
    public static ulong ZigZag(ulong difference) => unchecked((difference << 1) ^ (ulong)((long)difference >> 63));

    /// <summary>The inverse of <see cref="ZigZag"/>.</summary>
    public static ulong UnZigZag(ulong value) => unchecked((value >> 1) ^ (ulong)-(long)(value & 1));
}
