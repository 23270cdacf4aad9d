using System.Runtime.InteropServices;
using System.Text;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 1: ratings, the override, and what one-shot mode asks of a source.</summary>
[TestFixture]
public sealed unsafe class ClocksourceListTests
{
    private ClocksourceList* _list;
    private Clocksource* _sources;
    private byte* _names;
    private int _count;

    [SetUp]
    public void Empty()
    {
        _list = (ClocksourceList*)NativeMemory.AllocZeroed((nuint)sizeof(ClocksourceList));
        _sources = (Clocksource*)NativeMemory.AllocZeroed(8, (nuint)sizeof(Clocksource));
        _names = (byte*)NativeMemory.AllocZeroed(9, 32);
        _list->Override = _names + 8 * 32;
        _list->FinishedBooting = true;
        _count = 0;
    }

    [TearDown]
    public void Free()
    {
        NativeMemory.Free(_list);
        NativeMemory.Free(_sources);
        NativeMemory.Free(_names);
    }

    private Clocksource* Add(string name, int rating, ClocksourceFlags flags)
    {
        Clocksource* c = _sources + _count;
        c->Name = _names + 32 * _count++;
        Encoding.ASCII.GetBytes(name).CopyTo(new Span<byte>(c->Name, 32));
        c->Rating = rating;
        c->Flags = flags;
        ClocksourceList.Register(_list, c);
        return c;
    }

    private long Choose(string text)
    {
        fixed (byte* bytes = Encoding.ASCII.GetBytes(text + "\0")) return ClocksourceList.ParseName(bytes, (ulong)text.Length, _list->Override);
    }

    private string? Best(bool skipCurrent) => Name(ClocksourceList.Best(_list, skipCurrent, out _));

    private static string? Name(Clocksource* c) => c == null ? null : Marshal.PtrToStringAnsi((nint)c->Name);

    private void Rome()
    {
        Add("acpi_pm", 200, ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres);
        Add("tsc", 300, ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres | ClocksourceFlags.MustVerify);
        Add("jiffies", 1, ClocksourceFlags.None);
        Add("hpet", 250, ClocksourceFlags.IsContinuous | ClocksourceFlags.ValidForHres);
    }

    [Test]
    public void Section1_TheHighestRatingWinsOnceBootIsDone()
    {
        _list->FinishedBooting = false;
        Rome();
        Assert.That(Best(false), Is.Null);
        _list->FinishedBooting = true;
        Assert.That(Best(false), Is.EqualTo("tsc"));
    }

    [Test]
    public void Section1_TheOverrideWinsIfItIsThere()
    {
        Rome();
        Assert.That(Choose("acpi_pm\n"), Is.EqualTo(8));
        Assert.That(Best(false), Is.EqualTo("acpi_pm"));
        Choose("nothing");
        Assert.That(Best(false), Is.EqualTo("tsc"), "an unknown name is kept, and does nothing");
        Add("nothing", 5, ClocksourceFlags.ValidForHres);
        Assert.That(Best(false), Is.EqualTo("nothing"));
    }

    [TestCase(0)]
    [TestCase(32)]
    public void Section1_NamesThatNoSourceCanHaveAreRefused(int length)
    {
        Rome();
        Choose("hpet");
        Assert.That(Choose(new string('x', length)), Is.EqualTo(-Errno.EINVAL));
        Assert.That(Best(false), Is.EqualTo("hpet"), "the old one stays");
    }

    [Test]
    public void Section1_OneShotModeRefusesTheTickCount()
    {
        Rome();
        _list->OneShot = true;
        Choose("jiffies");
        Clocksource* best = ClocksourceList.Best(_list, false, out Clocksource* refused);
        Assert.That((Name(best), Name(refused)), Is.EqualTo(("tsc", "jiffies")));
        Assert.That(*_list->Override, Is.Not.Zero, "it may be verified yet");
        byte* text = stackalloc byte[64];
        int length = _list->FormatAvailable(text, 64);
        Assert.That(Encoding.ASCII.GetString(text, length), Is.EqualTo("tsc hpet acpi_pm \n"));
    }

    [Test]
    public void Section1_AnUnstableOverrideIsForgotten()
    {
        Rome();
        _list->OneShot = true;
        Clocksource* bad = Add("bad", 0, ClocksourceFlags.Unstable);
        Choose("bad");
        ClocksourceList.Best(_list, false, out Clocksource* refused);
        Assert.That((refused == bad, *_list->Override), Is.EqualTo((true, 0)));
    }

    [Test]
    public void Section1_AReplacementIsNeverTheOneToBeReplaced()
    {
        Rome();
        Choose("tsc");
        _list->Current = ClocksourceList.Best(_list, false, out _);
        Assert.That(Best(true), Is.EqualTo("hpet"), "not even when the user asked for it");
        ClocksourceList.Unregister(_list, _list->Current);
        Assert.That(Best(false), Is.EqualTo("hpet"));
    }

    [Test]
    public void Section7_TheWatchdogIsTheBestThatNeedsNone()
    {
        Rome();
        Clocksource* hpet = ClocksourceList.BestWatchdog(_list, null);
        Assert.That(Name(hpet), Is.EqualTo("hpet"));
        Assert.That(Name(ClocksourceList.BestWatchdog(_list, hpet)), Is.EqualTo("acpi_pm"));
    }
}
