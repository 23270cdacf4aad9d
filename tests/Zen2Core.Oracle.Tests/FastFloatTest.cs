using CoSim.Hw.Zen2Core.Isa.Float;
using CoSim.Tests.HostOracle;

namespace CoSim.Zen2Core.Oracle.Tests;

/// <summary>
/// Host arithmetic, where it is used at all, gives what the integer code gives, exceptions included. Needs no x86 host: it is
/// the proof that results are the same on every host.
/// </summary>
[TestFixture]
public sealed class FastFloatTest
{
    private const ulong Seed = 0xF10A7;
    private const int Cases = 200_000;

    [Test]
    public void DoubleAddition() => Compare64<HostAdd>(FloatArithmetic.Add<Binary64>);

    [Test]
    public void DoubleSubtraction() => Compare64<HostSubtract>(FloatArithmetic.Subtract<Binary64>);

    [Test]
    public void DoubleMultiplication() => Compare64<HostMultiply>(FloatArithmetic.Multiply<Binary64>);

    [Test]
    public void DoubleDivision() => Compare64<HostDivide>(FloatArithmetic.Divide<Binary64>);

    [Test]
    public void DoubleSquareRoot() => Compare64<HostSquareRoot>(RootOfSecond<Binary64>);

    [Test]
    public void SingleAddition() => Compare32<HostAdd>(FloatArithmetic.Add<Binary32>);

    [Test]
    public void SingleSubtraction() => Compare32<HostSubtract>(FloatArithmetic.Subtract<Binary32>);

    [Test]
    public void SingleMultiplication() => Compare32<HostMultiply>(FloatArithmetic.Multiply<Binary32>);

    [Test]
    public void SingleDivision() => Compare32<HostDivide>(FloatArithmetic.Divide<Binary32>);

    [Test]
    public void SingleSquareRoot() => Compare32<HostSquareRoot>(RootOfSecond<Binary32>);

    private delegate ulong Exact(ulong a, ulong b, ref FloatEnvironment environment);

    private static ulong RootOfSecond<TFormat>(ulong a, ulong b, ref FloatEnvironment environment)
        where TFormat : struct, IFloatFormat => FloatArithmetic.SquareRoot<TFormat>(b, ref environment);

    private static void Compare64<TOp>(Exact exact)
        where TOp : struct, IHostFloatOp
    {
        CaseRandom random = new(Seed);
        int taken = 0;
        for (int i = 0; i < Cases; i++)
        {
            ulong a = EdgeValues.Double(random), b = EdgeValues.Double(random);
            FloatEnvironment fast = new(Control(random));
            FloatEnvironment slow = fast;
            if (!FastFloat.TryDouble<TOp>(a, b, ref fast, out ulong result))
                continue;
            taken++;
            Check(exact, a, b, result, fast, slow);
        }

        Assert.That(taken, Is.GreaterThan(Cases / 20), "the fast path was hardly taken");
    }

    private static void Compare32<TOp>(Exact exact)
        where TOp : struct, IHostFloatOp
    {
        CaseRandom random = new(Seed);
        int taken = 0;
        for (int i = 0; i < Cases; i++)
        {
            ulong a = EdgeValues.Single(random), b = EdgeValues.Single(random);
            FloatEnvironment fast = new(Control(random));
            FloatEnvironment slow = fast;
            if (!FastFloat.TrySingle<TOp>(a, b, ref fast, out ulong result))
                continue;
            taken++;
            Check(exact, a, b, result, fast, slow);
        }

        Assert.That(taken, Is.GreaterThan(Cases / 20), "the fast path was hardly taken");
    }

    // Everything masked, often a sticky inexact flag, sometimes FTZ, DAZ or another rounding mode.
    private static uint Control(CaseRandom random) => FloatEnvironment.AllMasked
        | (random.OneIn(2) ? FloatEnvironment.Inexact : 0)
        | (random.OneIn(8) ? FloatEnvironment.FlushToZero : 0)
        | (random.OneIn(8) ? FloatEnvironment.DenormalsAreZeros : 0)
        | (random.OneIn(8) ? (uint)random.Below(4) << 13 : 0);

    private static void Check(Exact exact, ulong a, ulong b, ulong result, FloatEnvironment fast, FloatEnvironment slow)
    {
        ulong expected = exact(a, b, ref slow);
        bool same = result == expected && (fast.Control | fast.Raised) == (slow.Control | slow.Raised);
        Assert.That(same, Is.True, $"seed {Seed:X}h: {a:X} {b:X} control {slow.Control:X}: fast {result:X} raised {fast.Raised:X}, exact {expected:X} raised {slow.Raised:X}");
    }
}
