using System.Numerics;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// Timekeeping reference, section 4, against an independent model: the rules of RFC 1589 written down in integers without bounds, and
/// the states that a leap second goes through, second by second.
/// </summary>
[TestFixture]
public unsafe class NtpModelTests
{
    private static readonly BigInteger Unit = BigInteger.One << 32;

    /// <summary>The discipline as arithmetic: frequency in ns/s and phase in ns per tick, both times 2^32.</summary>
    private sealed class Model
    {
        internal BigInteger Frequency, Phase, TickUsec = 10_000;
        internal int Constant = 2;
        internal long Reference;

        internal BigInteger TickLength => BigInteger.Divide(TickUsec * 100_000 * Unit + Frequency, 250);

        internal void Offset(long nsec, long now, bool frequencyLocked)
        {
            nsec = Math.Clamp(nsec, -500_000_000, 500_000_000);
            long elapsed = now - Reference;
            Reference = now;
            if (elapsed >= 256 && (frequencyLocked || elapsed > 2048)) Frequency += BigInteger.Divide(nsec * (Unit / 4), elapsed);
            elapsed = Math.Min(elapsed, 1L << (3 + Constant));
            Frequency += nsec * (BigInteger)elapsed * Unit / (BigInteger.One << (2 * (4 + Constant)));
            Limit();
            Phase = BigInteger.Divide(nsec * Unit, 250);
        }

        internal void Limit() => Frequency = BigInteger.Max(-500_000 * Unit, BigInteger.Min(500_000 * Unit, Frequency));

        internal BigInteger Second()
        {
            BigInteger chunk = BigInteger.Divide(Phase, BigInteger.One << (2 + Constant));
            Phase -= chunk;
            return TickLength + chunk;
        }
    }

    [Test]
    public void Section4_PllFllTickAndFrequencyFollowTheModel([Values(1u, 2u, 3u, 4u, 5u, 6u)] uint seed)
    {
        SplitMix random = new(seed);
        Ntp ntp;
        Ntp.Initialise(&ntp);
        Model model = new();
        long now = 1_700_000_000;
        int tai = 0;
        bool fll = seed % 2 == 0;
        Timex start = default;
        start.Modes = AdjModes.Status | AdjModes.Nano;
        start.Status = (int)(NtpStatus.Pll | (fll ? NtpStatus.Fll : 0));
        Adjtimex.Apply(&ntp, &start, new Timespec(now, 0), &tai);
        model.Reference = now;
        for (int i = 0; i < 2000; i++)
        {
            Timex t = default;
            switch (random.Next(4))
            {
                case 0:
                    t.Modes = AdjModes.Offset;
                    t.Offset = (long)random.Next(1_200_000_000) - 600_000_000;
                    model.Offset(t.Offset, now, fll);
                    break;
                case 1:
                    t.Modes = AdjModes.Frequency;
                    t.Freq = (long)random.Next(1100UL << 16) - (550 << 16);
                    model.Frequency = t.Freq * (BigInteger)1000 * 65536;
                    model.Limit();
                    break;
                case 2:
                    t.Modes = AdjModes.Tick;
                    t.Tick = 9000 + (long)random.Next(2001);
                    model.TickUsec = t.Tick;
                    break;
                default:
                    t.Modes = AdjModes.TimeConst;
                    t.Constant = (long)random.Next(11);
                    model.Constant = (int)t.Constant;
                    break;
            }

            Assert.That(Adjtimex.Validate(&t, true), Is.Zero);
            Adjtimex.Apply(&ntp, &t, new Timespec(now, 0), &tai);
            string where = $"seed {seed}, step {i}";
            Assert.That((BigInteger)ntp.TimeFreq, Is.EqualTo(model.Frequency), where);
            Assert.That((BigInteger)ntp.TickLengthBase, Is.EqualTo(model.TickLength), where);
            for (ulong seconds = random.Next(4); seconds != 0; seconds--)
            {
                Ntp.SecondOverflow(&ntp, ++now);
                Assert.That((BigInteger)ntp.TickLength, Is.EqualTo(model.Second()), where);
                Assert.That((BigInteger)ntp.TimeOffset, Is.EqualTo(model.Phase), where);
            }

            // Long pauses reach the frequency-locked loop.
            if (random.Next(5) == 0) now += (long)random.Next(4000);
        }
    }

    [Test]
    public void Section4_AnInsertedSecondIsSeenOnceAsTimeOop()
    {
        const long Midnight = 86400L * 20001;
        using FakeClock clock = new(2_250_000, 1000, ulong.MaxValue);
        clock.Start(Midnight - 3);
        Timex set = default;
        // The error estimate is set too: at its limit the clock would call itself unsynchronised a second later.
        set.Modes = AdjModes.Status | AdjModes.Tai | AdjModes.MaxError;
        set.Status = (int)NtpStatus.Ins;
        set.Constant = 37;
        Timekeeper.AdjTimex(clock.Tk, &set, true, out _);
        List<(long, NtpState, int)> seen = [];
        for (int i = 0; i < 250 * 6; i++)
        {
            clock.Counter += 9_000_000;
            Timekeeper.Advance(clock.Tk);
            Timex read = default;
            NtpState state = (NtpState)Timekeeper.AdjTimex(clock.Tk, &read, false, out _);
            (long, NtpState, int) now = (read.TimeSec - Midnight, state, read.Tai);
            if (seen.Count == 0 || seen[^1] != now) seen.Add(now);
        }

        Assert.That(seen, Is.EqualTo(new[]
        {
            (-3L, NtpState.Ok, 37), (-2L, NtpState.Ins, 37), (-1L, NtpState.Ins, 37), (-1L, NtpState.Oop, 38), (0L, NtpState.Wait, 38), (1L, NtpState.Wait, 38),
        }));
    }
}
