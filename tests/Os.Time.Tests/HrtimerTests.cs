using System.Runtime.InteropServices;

namespace CoSim.Os.Timekeeping.Tests;

/// <summary>Timekeeping reference, section 6: ordering of timers.</summary>
[TestFixture]
public unsafe class HrtimerTests
{
    [Test]
    public void Section6_TimersComeOutInOrderAndTiesFirstComeFirstServed([Values(1u, 2u, 3u, 4u)] uint seed)
    {
        const int count = 400;
        SplitMix random = new(seed);
        HrtimerCpu* cpu = (HrtimerCpu*)NativeMemory.AllocZeroed((nuint)sizeof(HrtimerCpu));
        Hrtimer* timers = (Hrtimer*)NativeMemory.AllocZeroed(count, (nuint)sizeof(Hrtimer));
        List<int> model = [];
        List<long> order = [];
        for (int step = 0; step < 20_000; step++)
        {
            int i = (int)random.Next(count);
            Hrtimer* t = timers + i;
            if (t->Queued)
            {
                HrtimerCpu.Dequeue(cpu, t);
                model.Remove(i);
            }
            else if (random.Next(3) != 0)
            {
                t->Expires = (long)random.Next(500);
                HrtimerCpu.Enqueue(cpu, t);
                model.Add(i);
            }
            else if (model.Count > 0)
            {
                Hrtimer* first = HrtimerCpu.FirstExpired(cpu, TimeUnits.KtimeMax);
                int expected = model.OrderBy(k => timers[k].Expires).ThenBy(k => timers[k].Sequence).First();
                Assert.That((int)(first - timers), Is.EqualTo(expected), $"seed {seed}, step {step}");
                Assert.That(HrtimerCpu.NextExpiry(cpu), Is.EqualTo(first->Expires));
                HrtimerCpu.Dequeue(cpu, first);
                model.Remove(expected);
            }
        }
        NativeMemory.Free(timers);
        NativeMemory.Free(cpu);
    }

    [Test]
    public void Section6_ExpiryIsComparedInTheClockOfTheBase()
    {
        HrtimerCpu cpu = default;
        cpu.Realtime.Offset = 1_000_000;
        Hrtimer wall = new() { Expires = 1_000_500, Base = HrtimerBase.Realtime };
        Hrtimer mono = new() { Expires = 600, Base = HrtimerBase.Monotonic };
        HrtimerCpu.Enqueue(&cpu, &wall);
        HrtimerCpu.Enqueue(&cpu, &mono);
        Assert.That(HrtimerCpu.NextExpiry(&cpu), Is.EqualTo(500));
        Assert.That(HrtimerCpu.FirstExpired(&cpu, 499) == null, Is.True);
        Assert.That(HrtimerCpu.FirstExpired(&cpu, 500) == &wall, Is.True);
        cpu.Realtime.Offset = 900_000;
        Assert.That(HrtimerCpu.NextExpiry(&cpu), Is.EqualTo(600), "the wall clock was set back: only the wall timer moved");
    }

    [TestCase(100L, 99L, 10L, 0, 100L)]
    [TestCase(100L, 100L, 10L, 1, 110L)]
    [TestCase(100L, 145L, 10L, 5, 150L)]
    public void Section6_ForwardCountsOverruns(long expires, long now, long interval, int overruns, long next)
    {
        Hrtimer t = new() { Expires = expires };
        Assert.That(Hrtimer.Forward(&t, now, interval), Is.EqualTo((ulong)overruns));
        Assert.That(t.Expires, Is.EqualTo(next));
    }

    /// <summary>What /proc/timer_list shows: the earliest timers in order, however the heap has grown.</summary>
    [Test]
    public void Section6_CollectedInOrderOfExpiry([Values(1u, 2u, 3u)] uint seed)
    {
        const int Timers = 200, Shown = 32;
        SplitMix random = new(seed);
        Hrtimer* all = stackalloc Hrtimer[Timers];
        HrtimerQueue queue = default;
        HrtimerSnapshot* shown = stackalloc HrtimerSnapshot[Shown];
        List<(long Expires, ulong Sequence)> model = [];
        for (int i = 0; i < Timers; i++)
        {
            all[i] = default;
            all[i].Expires = (long)random.Next(50);
            all[i].Sequence = (ulong)i;
            HrtimerQueue.Add(&queue, all + i);
            model.Add((all[i].Expires, (ulong)i));
            if (random.Next(3) == 0)
            {
                int victim = (int)random.Next((ulong)i + 1);
                if (all[victim].Queued)
                {
                    HrtimerQueue.Remove(&queue, all + victim);
                    model.Remove((all[victim].Expires, (ulong)victim));
                }
            }

            int count = HrtimerQueue.Collect(&queue, shown, Shown);
            List<(long, ulong)> found = [];
            for (int k = 0; k < count; k++) found.Add((shown[k].Expires, shown[k].Sequence));
            Assert.That(found, Is.EqualTo(model.Order().Take(Shown)), $"seed {seed}, step {i}");
        }
    }
}
