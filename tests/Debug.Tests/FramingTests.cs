using System.Text;
using CoSim.Cli.Debug.Protocol;

namespace CoSim.Debug.Tests;

/// <summary>Frames of the remote protocol.</summary>
[TestFixture]
public sealed class FramingTests
{
    [TestCase("", "$#00")]
    [TestCase("OK", "$OK#9a")]
    [TestCase("g", "$g#67")]
    [TestCase("a}b", "$a}]b#9d")]
    public void PacketsAreFramedAsTheManualSays(string data, string bytes) =>
        Assert.That(Encoding.Latin1.GetString(GdbFraming.Frame(data)), Is.EqualTo(bytes));

    [Test]
    public void EveryByteComesBack()
    {
        string data = string.Concat(Enumerable.Range(0, 256).Select(c => (char)c));
        GdbFraming framing = new();
        GdbInput last = Feed(framing, GdbFraming.Frame(data));
        using (Assert.EnterMultipleScope())
        {
            Assert.That(last, Is.EqualTo(GdbInput.Packet));
            Assert.That(framing.Packet, Is.EqualTo(data));
        }
    }

    [TestCase("$g#68")]
    [TestCase("$g#6x")]
    [TestCase("$g#")]
    public void ADamagedPacketIsNone(string bytes) => Assert.That(Feed(new GdbFraming(), Encoding.Latin1.GetBytes(bytes + "0")), Is.Not.EqualTo(GdbInput.Packet));

    [Test]
    public void AnInterruptIsHeardBetweenPacketsOnly()
    {
        GdbFraming framing = new();
        using (Assert.EnterMultipleScope())
        {
            Assert.That(framing.Feed(3), Is.EqualTo(GdbInput.Interrupt));
            Assert.That(Feed(framing, GdbFraming.Frame("X1,1:\u0003")), Is.EqualTo(GdbInput.Packet));
        }
    }

    [Test]
    public void APacketWithoutEndTakesBoundedMemory()
    {
        GdbFraming framing = new();
        framing.Feed((byte)'$');
        for (int i = 0; i < 10 * GdbFraming.PacketSize; i++)
            framing.Feed((byte)'a');
        Assert.That(Feed(framing, "#00"u8.ToArray()), Is.EqualTo(GdbInput.Damaged));
        Assert.That(framing.Packet, Has.Length.LessThanOrEqualTo(2 * GdbFraming.PacketSize));
    }

    private static GdbInput Feed(GdbFraming framing, byte[] bytes)
    {
        GdbInput last = GdbInput.None;
        foreach (byte value in bytes)
            last = framing.Feed(value);
        return last;
    }
}
