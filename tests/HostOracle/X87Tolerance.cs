using Iced.Intel;

namespace CoSim.Tests.HostOracle;

/// <summary>
/// The transcendental x87 instructions: processors promise results within one unit in the last place (AMD64 APM volume 1, section
/// 6.4.5.1), so C1 and the last bits may differ; outside their argument ranges results are undefined.
/// </summary>
public static class X87Tolerance
{
    private const ushort C1 = 0x200, Inexact = 0x20;
    private const ulong UnitsAllowed = 2;

    /// <summary>Whether the instruction is one of them.</summary>
    public static bool Applies(Mnemonic mnemonic) => mnemonic is Mnemonic.F2xm1 or Mnemonic.Fyl2x or Mnemonic.Fyl2xp1 or Mnemonic.Fpatan
        or Mnemonic.Fsin or Mnemonic.Fcos or Mnemonic.Fsincos or Mnemonic.Fptan;

    /// <summary>Whether the argument in ST(0) is outside the range for which a result is defined.</summary>
    public static bool OutOfRange(Mnemonic mnemonic, in MachineImage input)
    {
        int exponent = (input.ReadFx<ushort>(40) & 0x7FFF) - 0x3FFF;
        return mnemonic switch
        {
            Mnemonic.F2xm1 => exponent >= 0,
            Mnemonic.Fyl2xp1 => exponent >= -2,
            _ => false,
        };
    }

    /// <summary>Status word bits that are compared.</summary>
    public static ushort StatusMask => unchecked((ushort)~(C1 | Inexact));

    /// <summary>Whether two results are close enough.</summary>
    /// <param name="mnemonic">The instruction.</param>
    /// <param name="input">Registers before: a large angle is reduced with the processor's own value of pi.</param>
    /// <param name="expected">The host's register, at <paramref name="at"/> in its FXSAVE image.</param>
    /// <param name="actual">The simulator's.</param>
    /// <param name="at">Byte offset of the register in the FXSAVE image.</param>
    public static bool Close(Mnemonic mnemonic, in MachineImage input, in MachineImage expected, in MachineImage actual, int at)
    {
        ulong a = expected.ReadFx<ulong>(at), b = actual.ReadFx<ulong>(at);
        ushort x = expected.ReadFx<ushort>(at + 8), y = actual.ReadFx<ushort>(at + 8);
        ulong distance = a > b ? a - b : b - a;
        if (x == y && distance <= UnitsAllowed)
            return true;

        // One binade up or down across a power of two.
        if (Math.Abs(x - y) == 1 && distance >= ulong.MaxValue / 2 - UnitsAllowed)
            return true;
        bool angle = mnemonic is Mnemonic.Fsin or Mnemonic.Fcos or Mnemonic.Fsincos or Mnemonic.Fptan;
        int exponent = (input.ReadFx<ushort>(40) & 0x7FFF) - 0x3FFF;
        if (!angle || exponent < 0)
            return false;
        if (exponent > 30)
            return (x & 0x7FFF) < 0x4000 + 63 && (y & 0x7FFF) < 0x4000 + 63;
        double difference = Math.Abs(Value(a, x) - Value(b, y));
        return difference <= Math.ScaleB(1 + (Value(a, x) * Value(a, x)), exponent - 52);
    }

    private static double Value(ulong significand, ushort signExponent)
    {
        double magnitude = Math.ScaleB(significand, (signExponent & 0x7FFF) - 0x3FFF - 63);
        return (signExponent & 0x8000) != 0 ? -magnitude : magnitude;
    }
}
