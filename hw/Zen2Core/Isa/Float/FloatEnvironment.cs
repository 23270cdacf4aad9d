namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>
/// Control and status of a floating-point operation in the layout of MXCSR (AMD APM vol. 1, 4.2.2): what to do on the way in,
/// which exceptions were raised on the way out. x87 operations translate their control word to it.
/// </summary>
public struct FloatEnvironment
{
    /// <summary>Invalid operation.</summary>
    public const uint Invalid = 0x01;

    /// <summary>Denormal operand.</summary>
    public const uint Denormal = 0x02;

    /// <summary>Division by zero.</summary>
    public const uint ZeroDivide = 0x04;

    /// <summary>Overflow.</summary>
    public const uint Overflow = 0x08;

    /// <summary>Underflow.</summary>
    public const uint Underflow = 0x10;

    /// <summary>Inexact result.</summary>
    public const uint Inexact = 0x20;

    /// <summary>All six exceptions.</summary>
    public const uint AllExceptions = 0x3F;

    /// <summary>Denormal operands read as zeros.</summary>
    public const uint DenormalsAreZeros = 0x40;

    /// <summary>The six mask bits.</summary>
    public const uint AllMasked = 0x1F80;

    /// <summary>Rounding control field.</summary>
    public const uint RoundingField = 0x6000;

    /// <summary>Masked underflow gives zero.</summary>
    public const uint FlushToZero = 0x8000;

    /// <summary>MXCSR as it was before the operation.</summary>
    public uint Control;

    /// <summary>Exceptions raised by the operation (bits 0-5).</summary>
    public uint Raised;

    /// <summary>
    /// Exceptions of an instruction of several steps (dot products), six bits for each step, all lanes together; 0 for the others.
    /// </summary>
    public uint Steps;

    /// <summary>Creates an environment with nothing raised.</summary>
    /// <param name="control">MXCSR.</param>
    public FloatEnvironment(uint control) => Control = control;

    /// <summary>Rounding mode.</summary>
    public readonly RoundingMode Rounding => (RoundingMode)((Control >> 13) & 3);

    /// <summary>Exceptions that were raised and are not masked: the instruction faults when there are any.</summary>
    public readonly uint Unmasked => Raised & ~(Control >> 7) & AllExceptions;

    /// <summary>
    /// Ends an instruction of one or more lanes: when an exception that is found before computing (invalid, denormal, divide by zero)
    /// is not masked in any lane, those found after computing are not reported for any.
    /// </summary>
    public void Finish()
    {
        if (Steps == 0)
            Raised = Report(Raised);
    }

    /// <summary>
    /// Adds what one step of several raised. Each step counts as an operation of its own, and none follows one with an unmasked exception.
    /// </summary>
    /// <param name="step">0 to 3.</param>
    /// <param name="raised">Exceptions of the step in some lanes.</param>
    /// <returns>True when an exception is not masked.</returns>
    public bool AddStep(int step, uint raised)
    {
        Steps |= raised << (6 * step);
        Raised = 0;
        for (int i = 0; i < 4 && Unmasked == 0; i++)
            Raised |= Report((Steps >> (6 * i)) & AllExceptions);
        return Unmasked != 0;
    }

    private readonly uint Report(uint raised)
    {
        const uint early = Invalid | Denormal | ZeroDivide;
        return (raised & early & ~(Control >> 7)) != 0 ? raised & early : raised;
    }

    /// <summary>Whether an exception is not masked.</summary>
    /// <param name="exception">One of the exception bits.</param>
    public readonly bool Traps(uint exception) => ((Control >> 7) & exception) != exception;

    /// <summary>
    /// Raises an exception that is found before the result is computed.
    /// </summary>
    /// <returns>True when it is not masked, so that there will be no result.</returns>
    public bool RaiseEarly(uint exception)
    {
        Raised |= exception;
        return Traps(exception);
    }
}

/// <summary>Rounding modes in the encoding of MXCSR.RC and the x87 control word.</summary>
public enum RoundingMode : byte
{
    /// <summary>To nearest, ties to even.</summary>
    NearestEven = 0,

    /// <summary>Toward minus infinity.</summary>
    Down = 1,

    /// <summary>Toward plus infinity.</summary>
    Up = 2,

    /// <summary>Toward zero.</summary>
    TowardZero = 3,
}
