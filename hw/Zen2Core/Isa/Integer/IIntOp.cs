namespace CoSim.Hw.Zen2Core.Isa.Integer;

/// <summary>
/// An integer operation of up to three sources and one result: the one place where its meaning is written. Inputs are
/// zero-extended to 64 bits; only the low bits of the width matter in the result.
/// </summary>
internal interface IIntOp
{
    /// <summary>False for operations that only set flags (CMP, TEST, BT).</summary>
    static abstract bool WritesResult { get; }

    /// <summary>Execution class; ALU unless the operation says otherwise.</summary>
    static virtual MicroOpClass ExecutionClass => MicroOpClass.Alu;

    /// <summary>Computes the result.</summary>
    /// <param name="a">First source, usually the previous destination.</param>
    /// <param name="b">Second source or immediate.</param>
    /// <param name="c">Third source; 0 for most.</param>
    /// <param name="flags">Arithmetic flags, in and out; the operation changes only those it defines or the processor changes.</param>
    static abstract ulong Execute<W>(ulong a, ulong b, ulong c, ref uint flags)
        where W : struct, IWidth;
}

/// <summary>An operation with two results and possibly a #DE fault: multiplication and division.</summary>
internal interface IIntPairOp
{
    /// <summary>Execution class.</summary>
    static abstract MicroOpClass ExecutionClass { get; }

    /// <summary>Computes both results. Returns false for #DE.</summary>
    /// <param name="a">First source: multiplicand, or low half of the dividend.</param>
    /// <param name="b">Second source: multiplier or divisor.</param>
    /// <param name="c">High half of the dividend.</param>
    /// <param name="low">Low half of the product, or quotient.</param>
    /// <param name="high">High half of the product, or remainder.</param>
    /// <param name="flags">Arithmetic flags, in and out.</param>
    static abstract bool Execute<W>(ulong a, ulong b, ulong c, out ulong low, out ulong high, ref uint flags)
        where W : struct, IWidth;
}

/// <summary>A read-modify-write of memory in one operation, locked or not.</summary>
internal interface IAtomicOp
{
    /// <summary>Computes the new memory value and the new register value.</summary>
    /// <param name="memory">Value in memory.</param>
    /// <param name="b">Source register.</param>
    /// <param name="c">Second source register (CMPXCHG: the accumulator).</param>
    /// <param name="register">New value of the destination register.</param>
    /// <param name="flags">Arithmetic flags, in and out.</param>
    static abstract ulong Execute<W>(ulong memory, ulong b, ulong c, out ulong register, ref uint flags)
        where W : struct, IWidth;

    /// <summary>Whether the destination register is written, given the flags that came out.</summary>
    static virtual bool WritesRegister(uint flags) => true;
}
