using CoSim.Hw.Board;
using CoSim.Hw.Simulation;

namespace CoSim.Machine.Tests;

/// <summary>Whether hot code is translated shows in nothing but the time a run takes.</summary>
public sealed class TranslationTests
{
    [Test]
    public void ABootIsTheSameByteForByte([Values(1, 4)] int cores)
    {
        using Bench threaded = new(Bench.Spec(cores) with { Translate = false });
        using Bench translated = new(Bench.Spec(cores));
        if (!translated.Machine.Cores[0].Context.Code.Translates)
            Assert.Ignore("this host does not allow translated code");
        SimTime at = SimTime.Zero;
        for (int part = 1; part <= 8; part++)
        {
            at += SimDuration.FromNanoseconds(17_654_321);
            threaded.RunTo(at);
            translated.RunTo(at);
            Assert.That(translated.Machine.Save().AsSpan().SequenceEqual(threaded.Machine.Save()), $"part {part}, at {at}");
        }

        Assert.That(translated.Console, Is.EqualTo(threaded.Console));
        Assert.That(translated.Machine.Cores[0].Context.Code.Translations, Is.GreaterThan(100));
    }
}
