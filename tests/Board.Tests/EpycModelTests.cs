using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Tests.Board;

public class EpycModelTests
{
    [TestCase("7742", 2250u)]
    [TestCase("epyc 7502", 2500u)]
    [TestCase("EPYC-7h12", 2600u)]
    public void ModelsAreFoundAsPeopleWriteThem(string name, uint megahertz) =>
        Assert.That(EpycModel.Find(name)!.BaseMegahertz, Is.EqualTo(megahertz));

    [TestCase("7763")]
    [TestCase("")]
    public void OtherModelsAreNot(string name) => Assert.That(EpycModel.Find(name), Is.Null);

    [Test]
    public void EachPStateIsSlowerThanTheOneBefore()
    {
        foreach (EpycModel model in EpycModel.All)
        {
            uint[] states = [model.BaseMegahertz, .. model.SlowerMegahertz];
            Assert.That(states, Is.EqualTo(states.Distinct().OrderDescending()), model.Name);
        }

        Assert.That(EpycModel.Find("7742")!.SlowerMegahertz, Is.EqualTo(new uint[] { 2000, 1500 }));
        Assert.That(EpycModel.Find("7502")!.SlowerMegahertz, Is.EqualTo(new uint[] { 2200, 1500 }));
        Assert.That(EpycModel.Find("7702")!.SlowerMegahertz, Is.EqualTo(new uint[] { 1500 }));
    }

    [Test]
    public void EveryClockDerivesFromItsOscillator()
    {
        ClockTree clocks = new(EpycModel.All[0], new OscillatorErrors(1000, -2000, 0), MachineQuirks.None);
        SimTime day = SimTime.Zero + SimDuration.FromSeconds(86_400);
        Assert.Multiple(() =>
        {
            Assert.That(clocks.Core.Nominal, Is.EqualTo(Frequency.FromMegahertz(2250)));
            Assert.That(clocks.Hpet.Nominal, Is.EqualTo(Frequency.FromHertz(14_318_180)));
            Assert.That(clocks.PowerManagementTimer.Nominal, Is.EqualTo(Frequency.FromHertz(3_579_545)));
            Assert.That(clocks.Core.TicksAt(day), Is.EqualTo((ulong)(86_400UL * 2_250_000_000 * (UInt128)1_000_001_000 / 1_000_000_000)));
            Assert.That(clocks.Refclk.TicksAt(day) * 45 / 2, Is.EqualTo(clocks.Core.TicksAt(day)).Within(22));
            Assert.That(clocks.Pit.TicksAt(day), Is.EqualTo(clocks.Hpet.TicksAt(day) / 12));
            Assert.That(clocks.PowerManagementTimer.TicksAt(day), Is.EqualTo(clocks.Hpet.TicksAt(day) / 4));
        });
    }
}
