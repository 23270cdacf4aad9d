namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 7: finding the TSC's frequency.</summary>
[TestFixture]
[NonParallelizable]
public class CalibrationTests
{
    [SetUp]
    public void NoReference()
    {
        Hpet.Present = false;
        AcpiTables.Fadt = default;
        PmTimer.Initialise();
        Tsc.Khz = 0;
    }

    [TestCase(2_250_000UL)]
    [TestCase(2_245_780UL)]
    [TestCase(3_293_811UL)]
    [TestCase(800_000UL)]
    public void Section7_QuickCalibrationIsWithin500Ppm(ulong khz)
    {
        SimulatedPc.Reset(khz, 0);
        uint found = Calibration.Quick();
        Assert.That(found, Is.InRange(khz - khz / 2000, khz + khz / 2000));
        Assert.That(SimulatedPc.LogLines, Is.EqualTo(new[] { "tsc: Fast TSC calibration using PIT" }));
    }

    [Test]
    public void Section7_QuickCalibrationGivesUpWithAStandingPit()
    {
        SimulatedPc.Reset(2_250_000, 0);
        SimulatedPc.PitWorks = false;
        Assert.That(Calibration.Quick(), Is.Zero);
        Assert.That(SimulatedPc.LogLines, Is.EqualTo(new[] { "tsc: Fast TSC calibration failed" }));
    }

    [Test]
    public void Section7_QuickCalibrationGivesUpUnderFrequentInterruptions()
    {
        SimulatedPc.Reset(2_250_000, 150);
        Assert.That(Calibration.Quick(), Is.Zero);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Section7_SlowCalibrationUsesTheReference(bool hpet)
    {
        SimulatedPc.Reset(2_245_780, 0);
        Hpet.Present = hpet;
        AcpiTables.Fadt.PmTimerPort = 0x808;
        PmTimer.Initialise();
        SimulatedPc.LogLines.Clear();
        Assert.That(Calibration.Slow(), Is.InRange(2_245_000u, 2_246_600u));
        Assert.That(SimulatedPc.LogLines, Is.EqualTo(new[] { hpet ? "tsc: using HPET reference calibration" : "tsc: using PMTIMER reference calibration" }));
    }

    [Test]
    public void Section7_SlowCalibrationWithoutReferenceUsesThePit()
    {
        SimulatedPc.Reset(2_250_000, 0);
        Assert.That(Calibration.Slow(), Is.InRange(2_249_000u, 2_251_000u));
        Assert.That(SimulatedPc.LogLines, Is.EqualTo(new[] { "tsc: Using PIT calibration value" }));
    }

    [Test]
    public void Section7_DisturbedReferenceReadIsReported()
    {
        SimulatedPc.Reset(2_250_000, 1);
        Hpet.Present = true;
        Assert.That(Calibration.ReadWithReference(true, out _), Is.EqualTo(ulong.MaxValue));
    }

    [Test]
    public void Section7_ReferenceArithmeticAcrossTheWrap()
    {
        Hpet.Present = true;
        Assert.That(Calibration.KhzOf(2_250_000_000, true, 0xFFFFFFFF - 1000, 14_318_179 - 1001), Is.InRange(2_249_999UL, 2_250_001UL));
        Assert.That(Calibration.KhzOf(2_250_000_000, false, 0xFFFFFF - 1000, 3_579_545 - 1001), Is.InRange(2_249_999UL, 2_250_001UL));
    }

    [Test]
    public void SchedClockKeepsItsValueWhenTheFrequencyIsRefined()
    {
        SimulatedPc.Reset(2_250_000, 0);
        Tsc.Khz = 2_249_000;
        Tsc.StartSchedClock(SimulatedPc.Rdtsc());
        for (int i = 0; i < 1000; i++) SimulatedPc.Hpet();
        ulong before = Tsc.SchedClock();
        Tsc.RefineSchedClock(2_250_000);
        ulong after = Tsc.SchedClock();
        Assert.That(after - before, Is.InRange(0UL, 60UL));
    }

    [TestCase(1970u, 1u, 1u, 0L)]
    [TestCase(2000u, 3u, 1u, 951868800L)]
    [TestCase(2026u, 11u, 22u, 1795305600L)]
    [TestCase(2038u, 1u, 19u, 2147472000L)]
    public void CivilTime_SecondsSince1970(uint year, uint month, uint day, long seconds) =>
        Assert.That(CivilTime.SecondsSince1970(year, month, day, 0, 0, 0), Is.EqualTo(seconds));
}
