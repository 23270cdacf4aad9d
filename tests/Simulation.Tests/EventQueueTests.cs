using CoSim.Hw.Simulation;

namespace CoSim.Tests.Simulation;

public class EventQueueTests
{
    private static SimTime At(long nanoseconds) => SimTime.Zero + SimDuration.FromNanoseconds(nanoseconds);

    [Test]
    public void TiesRunByPriorityThenInTheOrderOfScheduling()
    {
        EventQueue queue = new();
        List<string> ran = [];
        SimEvent Make(string name, int priority) => new(name, priority, () => ran.Add(name));
        queue.Schedule(Make("observer", EventPriority.Observer), At(5));
        queue.Schedule(Make("device 1", EventPriority.Device), At(5));
        queue.Schedule(Make("device 2", EventPriority.Device), At(5));
        queue.Schedule(Make("clock", EventPriority.Clock), At(5));
        queue.Schedule(Make("early", EventPriority.Observer), At(4));
        queue.RunUntil(At(5));
        Assert.That(ran, Is.EqualTo(new[] { "early", "clock", "device 1", "device 2", "observer" }));
    }

    [Test]
    public void RandomSchedulesAndCancels_RunLikeASortedList()
    {
        const int seed = 20203;
        Random random = new(seed);
        EventQueue queue = new();
        List<int> ran = [];
        SimEvent[] events = [.. Enumerable.Range(0, 200).Select(i => new SimEvent($"e{i}", random.Next(3), () => ran.Add(i)))];
        Dictionary<int, (long Time, int Priority, int Order)> model = [];
        for (int order = 0; order < 5_000; order++)
        {
            int i = random.Next(events.Length);
            if (random.Next(3) == 0)
            {
                queue.Cancel(events[i]);
                model.Remove(i);
            }
            else
            {
                long time = random.Next(50);
                queue.Schedule(events[i], At(time));
                model[i] = (time, events[i].Priority, order);
            }
        }

        queue.RunUntil(At(1000));
        Assert.That(ran, Is.EqualTo(model.OrderBy(m => m.Value).Select(m => m.Key)), $"seed {seed}");
    }

    [Test]
    public void AnEventMayScheduleItselfAgain()
    {
        EventQueue queue = new();
        int runs = 0;
        SimEvent? tick = null;
        tick = new SimEvent("tick", EventPriority.Device, () =>
        {
            runs++;
            queue.Schedule(tick!, queue.Now + SimDuration.FromNanoseconds(10));
        });
        queue.Schedule(tick, At(10));
        queue.RunUntil(At(100));
        Assert.Multiple(() =>
        {
            Assert.That(runs, Is.EqualTo(10));
            Assert.That(queue.NextTime, Is.EqualTo(At(110)));
        });
    }

    [Test]
    public void AdvanceTo_RefusesToPassAnEvent()
    {
        EventQueue queue = new();
        queue.Schedule(new SimEvent("e", 0, () => { }), At(10));
        queue.AdvanceTo(At(10));
        Assert.That(() => queue.AdvanceTo(At(11)), Throws.InvalidOperationException);
    }

    [Test]
    public void SaveAndRestore_KeepTheOrderOfTies()
    {
        List<string> ran = [];
        EventQueue queue = new();
        SimEvent a = new("a", 0, () => ran.Add("a")), b = new("b", 0, () => ran.Add("b"));
        queue.Schedule(b, At(7));
        queue.Schedule(a, At(7));
        StateWriter writer = new();
        queue.Save(writer);
        writer.Event(a);
        writer.Event(b);

        StateReader reader = new(writer.ToArray(), queue);
        queue.Restore(reader);
        reader.Event(a);
        reader.Event(b);
        queue.RunUntil(At(7));
        Assert.That(ran, Is.EqualTo(new[] { "b", "a" }));
    }
}
