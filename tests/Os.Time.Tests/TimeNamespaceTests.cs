namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Time namespace reference, sections 1, 2, 4, 5 and 6.</summary>
[TestFixture]
public unsafe class TimeNamespaceTests
{
    private int _heap, _pages;
    private NsProxy* _self;

    [SetUp]
    public void Start()
    {
        TimeNamespaces.Initialise();
        TimeNamespaces.Semantics = OsSemantics.Linux61;
        UserNamespace.Initial->MaxTimeNamespaces = 15000;
        _heap = Heap.InUse;
        _pages = PageAllocator.InUse;
        _self = TimeNamespaces.InitialProxy;
        _self->Refs++;
    }

    [TearDown]
    public void NothingLeaks()
    {
        TimeNamespaces.PutProxy(_self);
        Assert.That(Heap.InUse, Is.EqualTo(_heap), "kernel objects leaked or were freed twice");
        Assert.That(PageAllocator.InUse, Is.EqualTo(_pages));
    }

    private int Unshare(bool may = true)
    {
        fixed (NsProxy** slot = &_self) return Creators.Unshare(slot, may);
    }

    private int Setns(TimeNamespace* target, bool single = true, bool may = true)
    {
        fixed (NsProxy** slot = &_self) return TimeNamespaces.Install(slot, target, single, may);
    }

    [Test]
    public void Section2_UnshareReplacesOnlyTheNamespaceOfChildren()
    {
        Assert.That(Unshare(), Is.Zero);
        Assert.That(_self->TimeNs == TimeNamespaces.Initial, Is.True);
        Assert.That(_self->TimeNsForChildren != TimeNamespaces.Initial, Is.True);
        Assert.That(_self->TimeNsForChildren->Frozen, Is.False);
    }

    [Test]
    public void Section2_UnshareWithoutCapabilityIsEperm() => Assert.That(Unshare(false), Is.EqualTo(-Errno.EPERM));

    [Test]
    public void Section2_PlainForkAfterUnshareEntersWithoutCapabilityAndFreezes()
    {
        Unshare();
        Assert.That(TimeNamespaces.Clone(0, _self, Creators.Of(false), out NsProxy* child, out bool entered), Is.Zero);
        Assert.That(entered, Is.True);
        Assert.That(child->TimeNs == _self->TimeNsForChildren, Is.True);
        Assert.That(child->TimeNs->Frozen, Is.True);
        TimeNamespaces.PutProxy(child);
    }

    [Test]
    public void Section2_ForkWithoutUnshareSharesTheProxy()
    {
        Assert.That(TimeNamespaces.Clone(0, _self, Creators.Of(false), out NsProxy* child, out bool entered), Is.Zero);
        Assert.That(child == _self && !entered, Is.True);
        TimeNamespaces.PutProxy(child);
    }

    [TestCase(601_192, TimeNamespaces_CloneVm, -Errno.EINVAL)]
    [TestCase(601_192, TimeNamespaces_CloneVm | 0x10000, -Errno.EINVAL)]
    [TestCase(612_117, TimeNamespaces_CloneVm, 0)]
    public void Section2_SharingMemoryAfterUnshare(int semantics, long flags, int expected)
    {
        TimeNamespaces.Semantics = (OsSemantics)semantics;
        Unshare();
        Assert.That(TimeNamespaces.Clone((ulong)flags, _self, Creators.Of(true), out NsProxy* child, out bool entered), Is.EqualTo(expected));
        Assert.That(entered, Is.False, "a child that shares memory stays");
        if (child != null) TimeNamespaces.PutProxy(child);
    }

    private const long TimeNamespaces_CloneVm = 0x100;

    [Test]
    public void Section2_Clone3ChildIsBornInANewFrozenNamespace()
    {
        Assert.That(TimeNamespaces.Clone(0x80, _self, Creators.Of(true), out NsProxy* child, out bool entered), Is.Zero);
        Assert.That(entered && child->TimeNs == child->TimeNsForChildren && child->TimeNs->Frozen, Is.True);
        Assert.That(_self->TimeNsForChildren == TimeNamespaces.Initial, Is.True, "the caller is not affected");
        TimeNamespaces.PutProxy(child);
        Assert.That(TimeNamespaces.Clone(0x80, _self, Creators.Of(false), out _, out _), Is.EqualTo(-Errno.EPERM));
        TimeNamespaces.Semantics = OsSemantics.Linux56;
        Assert.That(TimeNamespaces.Clone(0x80, _self, Creators.Of(true), out _, out _), Is.EqualTo(-Errno.EINVAL));
    }

    [TestCase(601_192, false)]
    [TestCase(612_117, true)]
    public void Section2_ExecMovesSince62(int semantics, bool moves)
    {
        TimeNamespaces.Semantics = (OsSemantics)semantics;
        Unshare();
        fixed (NsProxy** slot = &_self)
        {
            Assert.That(TimeNamespaces.Exec(slot, out bool entered), Is.Zero);
            Assert.That(entered, Is.EqualTo(moves));
        }
        Assert.That(_self->TimeNs == _self->TimeNsForChildren, Is.EqualTo(moves));
    }

    [Test]
    public void Section2_SetnsErrorsAndEffect()
    {
        Unshare();
        TimeNamespace* target = _self->TimeNsForChildren;
        Assert.That(Setns(target, false, false), Is.EqualTo(-Errno.EUSERS), "EUSERS is checked before EPERM");
        Assert.That(Setns(target, true, false), Is.EqualTo(-Errno.EPERM));
        Assert.That(target->Frozen, Is.False);
        Assert.That(Setns(target), Is.Zero);
        Assert.That(_self->TimeNs == target && _self->TimeNsForChildren == target && target->Frozen, Is.True);
        Assert.That(Setns(TimeNamespaces.Initial), Is.Zero, "and back");
        Assert.That(_self->TimeNs == TimeNamespaces.Initial, Is.True);
    }

    [Test]
    public void Section1_OffsetsAreInheritedFromTheNamespaceOfChildren()
    {
        Unshare();
        TimensRequest r = default;
        r.Count = 1;
        r.First.Clock = ClockId.Boottime;
        r.First.Value = new Timespec(77, 5);
        Assert.That(TimeNamespaces.SetOffsets(_self->TimeNsForChildren, &r, true, default, default), Is.Zero);
        uint inum = _self->TimeNsForChildren->Inum;
        Unshare();
        Assert.That(_self->TimeNsForChildren->Offsets.Boottime.Sec, Is.EqualTo(77));
        Assert.That(_self->TimeNsForChildren->Inum, Is.Not.EqualTo(inum));
    }

    [Test]
    public void Section1_BeyondTheLimitIsEnospc()
    {
        UserNamespace.Initial->MaxTimeNamespaces = 1;
        Assert.That(Unshare(), Is.Zero);
        Assert.That(Unshare(), Is.EqualTo(-Errno.ENOSPC));
    }

    [Test]
    public void Section4_FrozenNamespaceRefusesOffsets()
    {
        Unshare();
        TimeNamespaces.Clone(0, _self, Creators.Of(false), out NsProxy* child, out _);
        TimensRequest r = default;
        r.Count = 1;
        r.First.Clock = ClockId.Monotonic;
        Assert.That(TimeNamespaces.SetOffsets(_self->TimeNsForChildren, &r, true, default, default), Is.EqualTo(-Errno.EACCES));
        TimeNamespaces.PutProxy(child);
    }

    [TestCase(1, 1000L, 500L, 500L)]
    [TestCase(4, 1000L, 500L, 500L)]
    [TestCase(1, 400L, 500L, 0L)]
    [TestCase(1, 400L, -100L, 500L)]
    [TestCase(1, long.MaxValue - 10, -100L, long.MaxValue)]
    [TestCase(0, 1000L, 500L, 1000L)]
    [TestCase(11, 1000L, 500L, 1000L)]
    public void Section5_DeadlineToHost(int clock, long deadline, long offset, long host)
    {
        TimensOffsets o = new() { Monotonic = Timespec.FromNsec(offset) };
        Assert.That(TimensConvert.ToHost(clock, deadline, &o, false), Is.EqualTo(host));
    }

    [Test]
    public void Section6_PageOfANamespace()
    {
        Unshare();
        TimensRequest r = default;
        r.Count = 2;
        r.First = new TimensLine { Clock = ClockId.Monotonic, Value = new Timespec(-6, 970000000) };
        r.Second = new TimensLine { Clock = ClockId.Boottime, Value = new Timespec(86400, 1) };
        TimeNamespaces.SetOffsets(_self->TimeNsForChildren, &r, true, new Timespec(100, 0), default);
        TimeNamespaces.Clone(0, _self, Creators.Of(false), out NsProxy* child, out _);
        byte* page = (byte*)child->TimeNs->VvarPage;
        for (int i = 0; i < 2; i++)
        {
            VdsoData* d = i == 0 ? VdsoData.HresCoarse(page) : VdsoData.RawData(page);
            Assert.That(d->Seq, Is.EqualTo(1));
            Assert.That(d->ClockMode, Is.EqualTo(int.MaxValue));
            foreach (int clock in new[] { 1, 4, 6 }) Assert.That((long)VdsoData.BaseTime(d, clock)->Sec, Is.EqualTo(-6), $"clock {clock}");
            foreach (int clock in new[] { 7, 9 }) Assert.That(VdsoData.BaseTime(d, clock)->Sec, Is.EqualTo(86400), $"clock {clock}");
            foreach (int clock in new[] { 0, 5, 8, 11 }) Assert.That(VdsoData.BaseTime(d, clock)->Sec, Is.Zero, $"clock {clock}");
        }
        TimeNamespaces.PutProxy(child);
    }
}
