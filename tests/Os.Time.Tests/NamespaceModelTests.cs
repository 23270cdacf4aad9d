using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>
/// Random sequences of namespace operations of several tasks, compared step by step with a model that is the reference's
/// sections 1 to 4 in a few lines.
/// </summary>
[TestFixture]
public unsafe class NamespaceModelTests
{
    private sealed class ModelNamespace
    {
        internal long Monotonic, Boottime;
        internal bool Frozen;
    }

    private sealed class ModelTask
    {
        internal required ModelNamespace Sees, ForChildren;
        internal NsProxy** Slot;
    }

    private readonly List<ModelTask> _tasks = [];
    private readonly Dictionary<ModelNamespace, nint> _real = [];
    private readonly List<string> _history = [];

    [Test]
    public void Section1To4_RandomOperationsFollowTheModel([Values(1u, 2u, 3u, 4u, 5u, 6u)] uint seed, [Values(506_000, 601_192, 612_117)] int semantics)
    {
        TimeNamespaces.Initialise();
        TimeNamespaces.Semantics = (OsSemantics)semantics;
        UserNamespace.Initial->MaxTimeNamespaces = 15000;
        int heap = Heap.InUse, pages = PageAllocator.InUse;
        ModelNamespace initial = new() { Frozen = true };
        _tasks.Clear();
        _real.Clear();
        _history.Clear();
        TimeNamespaces.InitialProxy->Refs++;
        Adopt(TimeNamespaces.InitialProxy, initial, initial);

        SplitMix random = new(seed);
        for (int step = 0; step < 600; step++)
        {
            ModelTask task = _tasks[(int)random.Next((ulong)_tasks.Count)];
            switch (random.Next(8))
            {
                case 0: Unshare(task, random.Next(6) != 0); break;
                case 1: Clone(task, 0, random.Next(2) == 0); break;
                case 2: Clone(task, TimeNamespaces.CloneNewTime, random.Next(4) != 0); break;
                case 3: Clone(task, TimeNamespaces.CloneVm, true); break;
                case 4: Exec(task); break;
                case 5: Setns(task, _tasks[(int)random.Next((ulong)_tasks.Count)].Sees, random.Next(5) != 0, random.Next(5) != 0); break;
                case 6: Write(task, (long)random.Next(3000) - 1500, (int)random.Next(2)); break;
                default: Exit(task); break;
            }
            foreach (ModelTask t in _tasks) Compare(t, seed, step);
        }
        while (_tasks.Count > 0) Remove(_tasks[0]);
        Assert.That((Heap.InUse, PageAllocator.InUse), Is.EqualTo((heap, pages)), $"seed {seed}: leaked or freed twice\n{History}");
    }

    private string History => string.Join('\n', _history.TakeLast(12));

    private bool Moves(ModelTask t) => t.Sees != t.ForChildren;

    private void Adopt(NsProxy* proxy, ModelNamespace sees, ModelNamespace forChildren)
    {
        NsProxy** slot = (NsProxy**)NativeMemory.Alloc((nuint)sizeof(nint));
        *slot = proxy;
        _tasks.Add(new ModelTask { Sees = sees, ForChildren = forChildren, Slot = slot });
        _real[sees] = (nint)proxy->TimeNs;
        _real[forChildren] = (nint)proxy->TimeNsForChildren;
    }

    private void Expect(int result, int expected, string what)
    {
        _history.Add($"{what}: {result}");
        Assert.That(result, Is.EqualTo(expected), History);
    }

    private static ModelNamespace Copy(ModelNamespace from) => new() { Monotonic = from.Monotonic, Boottime = from.Boottime };

    private void Unshare(ModelTask t, bool may)
    {
        Expect(Creators.Unshare(t.Slot, may), may ? 0 : -Errno.EPERM, "unshare");
        if (!may) return;
        t.ForChildren = Copy(t.ForChildren);
        _real[t.ForChildren] = (nint)(*t.Slot)->TimeNsForChildren;
    }

    private void Clone(ModelTask t, ulong flags, bool may)
    {
        bool shares = (flags & TimeNamespaces.CloneVm) != 0, creates = (flags & TimeNamespaces.CloneNewTime) != 0;
        bool old = TimeNamespaces.Semantics < OsSemantics.Linux612;
        int expected = shares && old && Moves(t) ? -Errno.EINVAL
            : creates && TimeNamespaces.Semantics == OsSemantics.Linux56 ? -Errno.EINVAL
            : creates && !may ? -Errno.EPERM : 0;
        Expect(TimeNamespaces.Clone(flags, *t.Slot, Creators.Of(may), out NsProxy* proxy, out bool entered), expected, $"clone {flags:x}");
        if (expected != 0) return;
        ModelNamespace forChildren = creates ? Copy(t.ForChildren) : t.ForChildren;
        ModelNamespace sees = shares && !old ? t.Sees : forChildren;
        Assert.That(entered, Is.EqualTo(sees != t.Sees), "a child that enters needs new time pages");
        if (sees != t.Sees) sees.Frozen = true;
        if (_tasks.Count < 30) Adopt(proxy, sees, forChildren);
        else TimeNamespaces.PutProxy(proxy);
    }

    private void Exec(ModelTask t)
    {
        Expect(TimeNamespaces.Exec(t.Slot, out bool entered), 0, "exec");
        bool moves = Moves(t) && TimeNamespaces.Semantics == OsSemantics.Linux612;
        Assert.That(entered, Is.EqualTo(moves));
        if (!moves) return;
        t.Sees = t.ForChildren;
        t.Sees.Frozen = true;
    }

    private void Setns(ModelTask t, ModelNamespace target, bool single, bool may)
    {
        int expected = !single ? -Errno.EUSERS : !may ? -Errno.EPERM : 0;
        Expect(TimeNamespaces.Install(t.Slot, (TimeNamespace*)_real[target], single, may), expected, "setns");
        if (expected != 0) return;
        t.Sees = t.ForChildren = target;
        target.Frozen = true;
    }

    private void Write(ModelTask t, long sec, int which)
    {
        TimensRequest r = default;
        r.Count = 1;
        r.First.Clock = which == 0 ? ClockId.Monotonic : ClockId.Boottime;
        r.First.Value = new Timespec(sec, 0);
        int expected = sec < -1000 ? -Errno.ERANGE : t.ForChildren.Frozen ? -Errno.EACCES : 0;
        Timespec now = new(1000, 0);
        Expect(TimeNamespaces.SetOffsets((*t.Slot)->TimeNsForChildren, &r, true, now, now), expected, $"write {sec}");
        if (expected != 0) return;
        if (which == 0) t.ForChildren.Monotonic = sec;
        else t.ForChildren.Boottime = sec;
    }

    private void Exit(ModelTask t)
    {
        _history.Add("exit");
        if (_tasks.Count > 1) Remove(t);
    }

    private void Remove(ModelTask t)
    {
        TimeNamespaces.PutProxy(*t.Slot);
        NativeMemory.Free(t.Slot);
        _tasks.Remove(t);
    }

    private void Compare(ModelTask t, uint seed, int step)
    {
        NsProxy* proxy = *t.Slot;
        bool same = Same(t.Sees, proxy->TimeNs) && Same(t.ForChildren, proxy->TimeNsForChildren)
            && (t.Sees == t.ForChildren) == (proxy->TimeNs == proxy->TimeNsForChildren);
        if (!same) Assert.Fail($"seed {seed}, step {step}: the kernel differs from the model after\n{History}");
    }

    private static bool Same(ModelNamespace model, TimeNamespace* ns) =>
        model.Frozen == ns->Frozen && model.Monotonic == ns->Offsets.Monotonic.Sec && model.Boottime == ns->Offsets.Boottime.Sec;
}
