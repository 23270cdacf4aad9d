namespace CoSim.Hw.Zen2Core.Isa;

/// <summary>
/// What an instruction of the x87 and MMX registers does with them: as much as a pipeline must know to rename them and to run the
/// instruction out of order. <see cref="First"/> and <see cref="Second"/> are ST(0) and ST(i) of x87 instructions, the destination
/// and the source of MMX instructions.
/// </summary>
[Flags]
public enum StackUse
{
    /// <summary>Not described: the instruction runs alone, when it is the oldest.</summary>
    Serial = 0,

    /// <summary>Described, and nothing else.</summary>
    Known = 1,

    /// <summary>MMX: registers by number; the top of the stack becomes 0 and every register valid (AMD APM vol. 5, 2.1.2).</summary>
    Mmx = 2,

    /// <summary>Reads the first register.</summary>
    First = 4,

    /// <summary>Reads the second register.</summary>
    Second = 8,

    /// <summary>Writes the first register.</summary>
    IntoFirst = 0x10,

    /// <summary>Writes the second register.</summary>
    IntoSecond = 0x20,

    /// <summary>Its result is a new top of the stack.</summary>
    Pushes = 0x40,

    /// <summary>Pops once.</summary>
    Pops = 0x80,

    /// <summary>Pops twice.</summary>
    PopsTwice = 0x100,

    /// <summary>Empties the second register.</summary>
    FreesSecond = 0x200,

    /// <summary>TOP plus 1, tags unchanged.</summary>
    TopUp = 0x400,

    /// <summary>TOP minus 1, tags unchanged.</summary>
    TopDown = 0x800,

    /// <summary>EMMS: empties every register.</summary>
    EmptiesAll = 0x1000,

    /// <summary>First and second change places.</summary>
    Exchanges = 0x2000,

    /// <summary>Its operand in memory, if it has one, is written.</summary>
    Stores = 0x4000,

    /// <summary>Writes C0, C2 and C3.</summary>
    Compares = 0x8000,

    /// <summary>Leaves C1 alone.</summary>
    KeepsC1 = 0x1_0000,

    /// <summary>Reads arithmetic flags.</summary>
    ReadsFlags = 0x2_0000,

    /// <summary>Writes all arithmetic flags.</summary>
    WritesFlags = 0x4_0000,

    /// <summary>Leaves the pointers of the last instruction and operand alone.</summary>
    KeepsPointers = 0x8_0000,

    /// <summary>Bytes go from one place to another: no pipe is needed beside those of memory.</summary>
    Moves = 0x10_0000,

    /// <summary>A vector register that is written is read too: part of its lower half stays.</summary>
    MergesVector = 0x20_0000,
}
