using CoSim.Cli.Workloads;
using CoSim.Os.Loader;
using CoSim.Os.Programs.Workload;
using CoSim.Traces.Format;
using CoSim.Traces.Import;

namespace CoSim.Cli.Tests.Workloads;

/// <summary>What a recording becomes: steps with gaps, timeouts and timers.</summary>
[TestFixture]
public sealed class WorkloadBuilderTests
{
    private static readonly WorkloadChoice Everything = new(null, long.MaxValue, int.MaxValue);

    private static Workload Build(WorkloadChoice choice, params string[] lines)
    {
        TraceImport import = TraceImport.Read(lines, ImportFormat.Strace);
        Assert.That(import.Report.Problems, Is.Empty);
        MemoryStream stream = new();
        import.Write(stream);
        using TraceReader trace = new(new MemoryStream(stream.ToArray()));
        return WorkloadBuilder.Build("t.trace", trace, choice);
    }

    private static Workload Build(params string[] lines) => Build(Everything, lines);

    private static (OperationKind Kind, ulong Gap) Shape(WorkloadStep step) => (step.Operation.Kind, step.Operation.Gap);

    [Test]
    public void GapsAreWhatLiesBetweenTheCallsComputationOfOtherCallsIncluded()
    {
        Workload workload = Build(
            "1 1.000000 clock_gettime(CLOCK_MONOTONIC, {1, 1}) = 0 <0.000010>",
            "1 1.000200 brk(NULL) = 0 <0.000090>",
            "1 1.001010 nanosleep({0, 2000000}, NULL) = 0 <0.002100>",
            "1 1.004110 +++ exited with 0 +++");
        WorkloadThread thread = workload.Threads.Single();
        Assert.That(thread.Steps.Select(Shape), Is.EqualTo(new[]
        {
            (OperationKind.ClockGettime, 0UL), (OperationKind.Nanosleep, 1_000_000UL), (OperationKind.End, 1_000_000UL),
        }));
        Assert.That(workload.Measured, Is.EqualTo(2));
        Assert.That(thread.Steps[1].Operation.Timeout, Is.EqualTo(2_000_000));
        Assert.That(thread.Steps[1].Row, Is.EqualTo(new WorkloadRow("nanosleep", -1, false, CallEnd.Expired)));
    }

    [Test]
    public void WaitsForOtherThingsAreWaitedAndNotComputed()
    {
        Workload workload = Build(
            "1 1.0 clock_gettime(CLOCK_MONOTONIC, {1, 1}) = 0 <0>",
            "1 2.0 read(0, \"x\", 1) = 1 <3.0>",
            "1 5.5 clock_gettime(CLOCK_MONOTONIC, {1, 1}) = 0 <0>");
        Assert.That(workload.Threads[0].Steps.Select(Shape), Is.EqualTo(new[]
        {
            (OperationKind.ClockGettime, 0UL), (OperationKind.Wait, 1_000_000_000UL), (OperationKind.ClockGettime, 500_000_000UL),
        }));
        Assert.That(workload.Threads[0].Steps[1].Operation.Timeout, Is.EqualTo(3_000_000_000));
        Workload cut = Build(Everything with { LongestGap = 1_000 }, "1 1.0 read(0, \"x\", 1) = 1 <3.0>", "1 5.5 clock_gettime(CLOCK_MONOTONIC, {1, 1}) = 0 <0>");
        Assert.That(cut.Threads[0].Steps.Select(s => (s.Operation.Gap, s.Operation.Timeout)), Is.EqualTo(new[] { (0UL, 1_000UL), (1_000UL, Operation.Never) }));
    }

    [Test]
    public void AbsoluteTimesBecomeDistancesByTheCallsThatExpired()
    {
        Workload workload = Build(
            "1 10.0 clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=501, tv_nsec=0}, NULL) = 0 <1.000060>",
            "1 12.0 clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, {tv_sec=504, tv_nsec=0}, NULL) = -1 EINTR (Interrupted) <0.25>",
            "1 13.0 futex(0x1, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, {tv_sec=1700000000, tv_nsec=0}, FUTEX_BITSET_MATCH_ANY) = 0 <0.1>");
        WorkloadStep[] steps = [.. workload.Threads[0].Steps.Where(s => s.IsMeasured)];
        Assert.That(steps.Select(s => s.Operation.Timeout), Is.EqualTo(new ulong[] { 1_000_060_000, 250_000_000 }), "the second is cut where the signal ended it");
        Assert.That(steps.Select(s => s.Operation.Flags), Is.All.EqualTo(OperationFlags.Absolute));
        Assert.That(workload.Left, Is.EqualTo(new Dictionary<string, long> { ["futex: its time or timer is not in the recording"] = 1 }));
    }

    [Test]
    public void PollsThatSomethingEndedAreEndedAtTheSameTime()
    {
        Workload workload = Build(
            "1 1.0 poll([{fd=3, events=POLLIN}], 1, 1000) = 1 ([{fd=3, revents=POLLIN}]) <0.3>",
            "1 2.0 epoll_wait(4, [], 8, -1) = 1 <0.000005>",
            "1 3.0 select(0, NULL, NULL, NULL, {tv_sec=0, tv_usec=5}) = 0 (Timeout) <0.000080>");
        Assert.That(workload.Threads[0].Steps.Select(s => (s.Operation.Timeout, s.Operation.Woken, s.Row.End)), Is.EqualTo(new[]
        {
            (1_000_000_000UL, 300_000_000UL, CallEnd.Woken), (Operation.Never, 0UL, CallEnd.Woken), (5_000UL, Operation.Never, CallEnd.Expired),
        }));
    }

    [Test]
    public void TimersBelongToTheProcessAndAreMadeInEachThreadThatUsesThem()
    {
        Workload workload = Build(
            "1 1.0 timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC) = 5 <0.00001>",
            "1 1.1 clone(child_stack=0x7f, flags=CLONE_VM|CLONE_FILES|CLONE_THREAD) = 2 <0.00001>",
            "2 1.2 timerfd_settime(5, 0, {it_interval={tv_sec=0, tv_nsec=7}, it_value={tv_sec=1, tv_nsec=0}}, NULL) = 0 <0.00001>",
            "2 1.3 read(5, \"\\1\\0\\0\\0\\0\\0\\0\\0\", 8) = 8 <0.9>",
            "1 3.0 close(5) = 0 <0.00001>",
            "1 3.1 read(5, \"12345678\", 8) = 8 <0.00001>");
        Assert.That(workload.Threads.Select(t => t.Id), Is.EqualTo(new[] { 1UL, 2UL }));
        Assert.That(workload.Threads[0].Steps.Select(s => s.Operation.Kind), Is.EqualTo(new[] { OperationKind.TimerfdCreate, OperationKind.TimerfdClose }));
        WorkloadStep[] second = [.. workload.Threads[1].Steps];
        Assert.That(second.Select(s => (s.Operation.Kind, s.IsMeasured)), Is.EqualTo(new[]
        {
            (OperationKind.TimerfdCreate, false), (OperationKind.TimerfdSettime, true), (OperationKind.TimerfdRead, true),
        }));
        Assert.That((second[1].Operation.Timeout, second[1].Operation.Interval, second[1].Operation.Clock), Is.EqualTo((1_000_000_000UL, 7UL, (short)7)));
    }

    [Test]
    public void FailedAndUnknownCallsAreLeftOutAndNamed()
    {
        Workload workload = Build(
            "1 1.0 clock_gettime(CLOCK_MONOTONIC, 0x1) = -1 EFAULT (Bad address) <0.00001>",
            "1 1.1 clock_settime(CLOCK_REALTIME, {1, 1}) = 0 <0.00001>",
            "1 1.2 time(NULL) = 5 <0.00001>",
            "1 1.3 nanosleep({9, 0},  <unfinished ...>");
        Assert.That(workload.Measured, Is.EqualTo(1));
        Assert.That(workload.Left.Keys, Is.EqualTo(new[] { "clock_gettime: failed", "clock_settime: its time or timer is not in the recording", "nanosleep: did not return" }));
    }

    [Test]
    public void PathOfTheUserReplacesTheRecordedOne()
    {
        string[] lines = ["1 1.0 clock_gettime(CLOCK_MONOTONIC, {1, 1}) = 0 <0>", "1 2.0 nanosleep({0, 1}, NULL) = 0 <0.0001>"];
        Assert.That(Build(lines).Threads[0].Steps.Select(s => s.Row.Library), Is.EqualTo(new[] { false, false }));
        Assert.That(Build(Everything with { Path = Study.CallPath.Vdso }, lines).Threads[0].Steps.Select(s => s.Row.Library), Is.EqualTo(new[] { true, false }));
    }

    [Test]
    public void TableHasTheRowsOfAllThreads()
    {
        Workload workload = Build("1 1.0 alarm(3) = 0 <0.00001>", "2 1.5 alarm(4) = 0 <0.00001>", "2 1.6 alarm(0) = 4 <0.00001>");
        byte[] table = workload.Table(2250);
        Assert.That(table, Has.Length.EqualTo(TableHeader.Size + 2 * ThreadHeader.Size + 3 * Operation.Size));
        Assert.That(System.Text.Encoding.ASCII.GetString(table, 0, 8), Is.EqualTo("CoSimWL1"));
        Assert.That(BitConverter.ToUInt64(table, TableHeader.Size + ThreadHeader.Size), Is.EqualTo(500_000_000), "the second thread's start");
        Assert.That(BitConverter.ToUInt64(table, table.Length - Operation.Size), Is.EqualTo(99_990_000), "the last row's gap");
    }

    [Test]
    public void AProgramWithoutSuchCallsIsRefused()
    {
        BadInputException? error = Assert.Throws<BadInputException>(() => Build("1 1.0 brk(NULL) = 0 <0.1>"));
        Assert.That(error!.Message, Is.EqualTo("t.trace: no call on a clock or timer that can be replayed"));
    }
}
