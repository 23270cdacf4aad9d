using System.Text;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Time namespace reference, section 3: text, errors and their precedence.</summary>
[TestFixture]
public unsafe class TimensOffsetsTests
{
    private static readonly Timespec Now = new(1000, 0);

    private static int Parse(string text, out TimensRequest request)
    {
        byte[] bytes = Encoding.ASCII.GetBytes(text);
        fixed (byte* p = bytes)
        fixed (TimensRequest* r = &request)
        {
            return TimensText.Parse(p, bytes.Length, r, false);
        }
    }

    // The LTP's vectors and the reference's own.
    [TestCase("not an offset")]
    [TestCase("1 10")]
    [TestCase("1 10 -10")]
    [TestCase("1 10 1000000001")]
    [TestCase("0 10 0")]
    [TestCase("1 10 0\na")]
    [TestCase("")]
    [TestCase("\n")]
    [TestCase("monotonicx 1 0")]
    [TestCase("realtime 1 0")]
    [TestCase("1 x 0")]
    [TestCase("1 1 1000000000")]
    public void Section3_BadTextIsEinval(string text) => Assert.That(Parse(text, out _), Is.EqualTo(-Errno.EINVAL));

    [TestCase("monotonic 5 6", 1, 5L, 6L)]
    [TestCase("1 5 6", 1, 5L, 6L)]
    [TestCase("boottime -5 999999999", 7, -5L, 999999999L)]
    [TestCase("7 5 6\n", 7, 5L, 6L)]
    [TestCase("  monotonic\t5   6 and the rest is ignored", 1, 5L, 6L)]
    public void Section3_OneLine(string text, int clock, long sec, long nsec)
    {
        Assert.That(Parse(text, out TimensRequest r), Is.Zero);
        Assert.That((r.Count, r.First.Clock, r.First.Value.Sec, r.First.Value.Nsec), Is.EqualTo((1, clock, sec, nsec)));
        Assert.That(r.Consumed, Is.EqualTo(text.Length));
    }

    [Test]
    public void Section3_ParsingStopsAfterTwoLinesWithAShortWrite()
    {
        const string first = "monotonic 1 0\nboottime 2 0\n";
        Assert.That(Parse(first + "this is not looked at", out TimensRequest r), Is.Zero);
        Assert.That(r.Count, Is.EqualTo(2));
        Assert.That(r.Consumed, Is.EqualTo(first.Length));
        Assert.That(r.Second.Value.Sec, Is.EqualTo(2));
    }

    [Test]
    public void Section3_ReadFormat()
    {
        byte* space = stackalloc byte[200];
        TextBuffer text = new(space, 200);
        TimensOffsets offsets = new() { Monotonic = new Timespec(0, 0), Boottime = new Timespec(-6, 970000000) };
        TimensText.Format(&text, &offsets, false);
        Assert.That(Encoding.ASCII.GetString(space, text.Length),
            Is.EqualTo("monotonic           0         0\nboottime           -6 970000000\n"));
    }

    [TestCase(9223372036L, -Errno.ERANGE)]
    [TestCase(9223372037L, -Errno.ERANGE)]
    [TestCase(-9223372036L, -Errno.ERANGE)]
    [TestCase(-1001L, -Errno.ERANGE)]
    [TestCase(-1000L, 0)]
    [TestCase(4611686018L - 1000, 0)]
    [TestCase(4611686018L - 999, -Errno.ERANGE)]
    public void Section3_Range(long sec, int expected) => Assert.That(TimensText.CheckRange(new Timespec(sec, 0), Now), Is.EqualTo(expected));

    [Test]
    public void Section3_Precedence_EpermThenErangeThenEacces()
    {
        TimeNamespaces.Initialise();
        Parse("1 9223372036 0", out TimensRequest outOfRange);
        Parse("1 1 0", out TimensRequest good);
        TimeNamespace* frozen = TimeNamespaces.Initial;
        Assert.Multiple(() =>
        {
            Assert.That(Set(frozen, outOfRange, false), Is.EqualTo(-Errno.EPERM));
            Assert.That(Set(frozen, outOfRange, true), Is.EqualTo(-Errno.ERANGE));
            Assert.That(Set(frozen, good, true), Is.EqualTo(-Errno.EACCES), "the initial namespace is frozen");
        });
    }

    [Test]
    public void Section3_SecondLineForTheSameClockWins()
    {
        TimeNamespaces.Initialise();
        NsProxy* proxy = TimeNamespaces.InitialProxy;
        proxy->Refs++;
        Assert.That(Creators.Unshare(&proxy, true), Is.Zero);
        Parse("1 1 0\n1 2 0\n", out TimensRequest request);
        Assert.That(Set(proxy->TimeNsForChildren, request, true), Is.Zero);
        Assert.That(proxy->TimeNsForChildren->Offsets.Monotonic.Sec, Is.EqualTo(2));
        Parse("7 3 0\n1 9223372036 0\n", out request);
        Assert.That(Set(proxy->TimeNsForChildren, request, true), Is.EqualTo(-Errno.ERANGE));
        Assert.That(proxy->TimeNsForChildren->Offsets.Boottime.Sec, Is.Zero, "nothing of a bad write is applied");
        TimeNamespaces.PutProxy(proxy);
    }

    private static int Set(TimeNamespace* ns, TimensRequest request, bool mayTime) => TimeNamespaces.SetOffsets(ns, &request, mayTime, Now, Now);
}
