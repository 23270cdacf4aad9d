namespace CoSim.Hw.Zen2Core.Isa.Float;

/// <summary>Propagation of NaN operands by SSE instructions (AMD APM vol. 1, 4.7.2, "NaN results").</summary>
public static class NaNs
{
    /// <summary>When an operand is a NaN: the first one that is, made quiet; signalling ones raise invalid-operation.</summary>
    /// <returns>False when neither operand is a NaN.</returns>
    public static bool Propagate<TFormat>(ulong a, ulong b, ref FloatEnvironment environment, out ulong result)
        where TFormat : struct, IFloatFormat
    {
        bool first = Format<TFormat>.IsNaN(a);
        if (!first && !Format<TFormat>.IsNaN(b))
        {
            result = 0;
            return false;
        }

        if (Format<TFormat>.IsSignalling(a) || Format<TFormat>.IsSignalling(b))
            environment.Raised |= FloatEnvironment.Invalid;
        result = (first ? a : b) | Format<TFormat>.QuietBit;
        return true;
    }
}
