using CoSim.Traces.Import;

namespace CoSim.Traces.Tests.Import;

/// <summary>Forms of strace's lines (strace(1)), one by one.</summary>
public sealed class StraceImportTests
{
    [TestCase("clock_gettime(CLOCK_BOOTTIME, {tv_sec=1, tv_nsec=2}) = 0 <0.000009>", "clock_gettime thread=7 clock=7 timeout=-1 interval=0 flags=0 object=-1 result=0 duration=9000")]
    [TestCase("clock_gettime(0xfffffffe /* CLOCK_??? */, {1, 2}) = 0", "clock_gettime thread=7 clock=3 timeout=-1 interval=0 flags=0 object=-1 result=0 duration=18446744073709551615")]
    [TestCase("clock_gettime(MAKE_PROCESS_CPUCLOCK(12, CPUCLOCK_SCHED), {tv_sec=0, tv_nsec=1}) = 0 <0.1>", "clock_gettime thread=7 clock=2 timeout=-1 interval=0 flags=0 object=-1 result=0 duration=100000000")]
    [TestCase("nanosleep({tv_sec=1, tv_nsec=500000000}, NULL) = 0 <1.500061>", "nanosleep thread=7 clock=1 timeout=1500000000 interval=0 flags=10 object=-1 result=0 duration=1500061000")]
    [TestCase("nanosleep({1, 5}, 0x7ffc) = 0 <1.0>", "nanosleep thread=7 clock=1 timeout=1000000005 interval=0 flags=10 object=-1 result=0 duration=1000000000")]
    [TestCase("clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, {tv_sec=9, tv_nsec=1}, NULL) = -1 EINTR (Interrupted system call) <0.5>", "clock_nanosleep thread=7 clock=11 timeout=9000000001 interval=0 flags=19 object=-1 result=-4 duration=500000000")]
    [TestCase("select(4, [3], NULL, NULL, {tv_sec=0, tv_usec=250000}) = 1 (in [3], left {tv_sec=0, tv_usec=1}) <0.25>", "select thread=7 clock=-1 timeout=250000000 interval=0 flags=10 object=4 result=1 duration=250000000")]
    [TestCase("pselect6(1, [0], NULL, NULL, {0, 7}, {[], 8}) = 0 (Timeout) <0.1>", "pselect6 thread=7 clock=-1 timeout=7 interval=0 flags=10 object=1 result=0 duration=100000000")]
    [TestCase("poll([{fd=3, events=POLLIN}, {fd=4, events=POLLIN|POLLOUT}], 2, -1) = 1 ([{fd=3, revents=POLLIN}]) <0.1>", "poll thread=7 clock=-1 timeout=-1 interval=0 flags=10 object=2 result=1 duration=100000000")]
    [TestCase("ppoll(NULL, 0, {tv_sec=0, tv_nsec=70}, NULL, 8) = 0 (Timeout)", "ppoll thread=7 clock=-1 timeout=70 interval=0 flags=10 object=0 result=0 duration=18446744073709551615")]
    [TestCase("epoll_pwait(5</anon_inode:[eventpoll]>, [], 16, 20, NULL, 8) = 0 <0.02>", "epoll_pwait thread=7 clock=-1 timeout=20000000 interval=0 flags=10 object=5 result=0 duration=20000000")]
    [TestCase("epoll_pwait2(5, [], 16, {tv_sec=0, tv_nsec=9}, NULL, 8) = 0 <0.02>", "epoll_pwait2 thread=7 clock=-1 timeout=9 interval=0 flags=10 object=5 result=0 duration=20000000")]
    [TestCase("futex(0x7f00, FUTEX_WAIT_PRIVATE, 0, {tv_sec=0, tv_nsec=9}) = -1 ETIMEDOUT (Connection timed out) <0.02>", "futex thread=7 clock=1 timeout=9 interval=0 flags=10 object=-1 result=-110 duration=20000000")]
    [TestCase("futex(0x7f00, FUTEX_WAIT_BITSET_PRIVATE|FUTEX_CLOCK_REALTIME, 0, NULL, FUTEX_BITSET_MATCH_ANY) = 0 <0.02>", "futex thread=7 clock=0 timeout=-1 interval=0 flags=11 object=-1 result=0 duration=20000000")]
    [TestCase("futex(0x7f00, FUTEX_WAKE_PRIVATE, 1) = 1 <0.00001>", "futex thread=7 clock=-1 timeout=-1 interval=0 flags=0 object=-1 result=1 duration=10000")]
    [TestCase("timerfd_settime(3, TFD_TIMER_ABSTIME, {it_interval={tv_sec=0, tv_nsec=10}, it_value={tv_sec=2, tv_nsec=0}}, NULL) = 0 <0.1>", "timerfd_settime thread=7 clock=-1 timeout=2000000000 interval=10 flags=1 object=3 result=0 duration=100000000")]
    [TestCase("timer_create(CLOCK_MONOTONIC, {sigev_signo=SIGRTMIN, sigev_notify=SIGEV_SIGNAL}, [4]) = 0 <0.1>", "timer_create thread=7 clock=1 timeout=-1 interval=0 flags=0 object=4 result=0 duration=100000000")]
    [TestCase("setitimer(ITIMER_PROF, {it_interval={tv_sec=0, tv_usec=10}, it_value={tv_sec=0, tv_usec=20}}, NULL) = 0 <0.1>", "setitimer thread=7 clock=-1 timeout=20000 interval=10000 flags=0 object=2 result=0 duration=100000000")]
    [TestCase("alarm(3) = 0 <0.1>", "alarm thread=7 clock=-1 timeout=3000000000 interval=0 flags=0 object=-1 result=0 duration=100000000")]
    [TestCase("write(1, \"(a, \\\"b) = 3 <0.5>\\n\", 18) = 18 <0.000004>", "write thread=7 clock=-1 timeout=-1 interval=0 flags=10 object=-1 result=18 duration=4000")]
    [TestCase("exit_group(0) = ?", "exit_group thread=7 clock=-1 timeout=-1 interval=0 flags=4 object=-1 result=0 duration=18446744073709551615")]
    public void ACall(string line, string expected) => Assert.That(Recording.Call(line), Is.EqualTo("program-call call=" + expected));

    /// <summary>What options put around a line's time stamp, as strace 6.1 writes it.</summary>
    [TestCase("8663  1795388827.892506 (+     0.000079) ", TestName = "{m}(-r -ttt)")]
    [TestCase("8679  1795388827.892506 [00007f0491f1aca3] ", TestName = "{m}(-i)")]
    [TestCase("8692  1795388827.892506 [ 230] ", TestName = "{m}(-n)")]
    [TestCase("8731<sleep> 1795388827.892506 (+     0.000086438) [00007f0491f1aca3] [ 230] ", TestName = "{m}(-Y -r -i -n)")]
    [TestCase("[pid  8731<sleep>] 1795388827.892506 ", TestName = "{m}(-Y on a terminal)")]
    [TestCase("12:00:01.5 ", TestName = "{m}(-tt)")]
    [TestCase("     0.000000 ", TestName = "{m}(-r)")]
    public void OtherColumnsAreNoPartOfTheCall(string columns)
    {
        TraceImport import = Recording.Import(ImportFormat.Strace, columns + "clock_nanosleep(CLOCK_REALTIME, 0, {tv_sec=0, tv_nsec=10000000}, 0x7fffc145a740) = 0 <0.010154>", " > /usr/lib/libc.so.6(clock_nanosleep+0x23) [0xcf503]");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(Recording.Text(import.Events[^1]), Does.Match("^0 program-call call=clock_nanosleep thread=[0-9]+ clock=0 timeout=10000000 .* duration=10154000$"));
    }

    /// <summary>With -r alone a time stamp is the distance from the line before, in six columns.</summary>
    [TestCase("8644       ")]
    [TestCase("     ")]
    public void DistancesAddUp(string thread)
    {
        TraceImport import = Recording.Import(ImportFormat.Strace, thread + "0.000000 alarm(3) = 0 <0.1>", thread + "0.000092 alarm(3) = 0 <0.1>", thread[..^1] + "10.000064 alarm(3) = 0 <0.1>");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(import.Events.Where(e => e.Kind == ImportedEvents.Call).Select(e => (long)e.Time.WholeNanoseconds), Is.EqualTo(new[] { 0, 92_000, 10_000_156_000 }));
    }

    [Test]
    public void HalvesOfACallAreBroughtTogetherAcrossOtherThreads()
    {
        TraceImport import = Recording.Import(
            ImportFormat.Strace,
            "1 10.000000 nanosleep({tv_sec=0, tv_nsec=5000000},  <unfinished ...>",
            "2 10.001000 nanosleep({tv_sec=0, tv_nsec=1000000},  <unfinished ...>",
            "2 10.002100 <... nanosleep resumed>NULL) = 0 <0.001100>",
            "1 10.005200 <... nanosleep resumed>NULL) = 0");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(import.Events.Select(Recording.Text), Is.EqualTo(new[]
        {
            "0 program-call call=nanosleep thread=1 clock=1 timeout=5000000 interval=0 flags=10 object=-1 result=0 duration=5200000",
            "1000000 program-call call=nanosleep thread=2 clock=1 timeout=1000000 interval=0 flags=10 object=-1 result=0 duration=1100000",
        }));
    }

    [Test]
    public void ARestartedCallIsOneCall()
    {
        TraceImport import = Recording.Import(
            ImportFormat.Strace,
            "10.0 poll([{fd=3, events=POLLIN}], 1, 1000) = ? ERESTART_RESTARTBLOCK (Interrupted by signal) <0.4>",
            "10.4 --- SIGCONT {si_signo=SIGCONT} ---",
            "10.5 restart_syscall(<... resuming interrupted poll ...>) = ? ERESTART_RESTARTBLOCK (Interrupted by signal) <0.1>",
            "10.7 restart_syscall(<... resuming interrupted poll ...>) = 0 <0.3>");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(import.Events.Select(Recording.Text), Is.EqualTo(new[]
        {
            "0 program-call call=poll thread=0 clock=-1 timeout=1000000000 interval=0 flags=50 object=1 result=0 duration=1000000000",
            "400000000 program-signal thread=0 signal=SIGCONT",
        }));
    }

    [Test]
    public void CallsThatNeverReturnAreKept()
    {
        TraceImport import = Recording.Import(
            ImportFormat.Strace,
            "[pid  5] 1.5 nanosleep({tv_sec=9, tv_nsec=0},  <unfinished ...>",
            "[pid  6] 1.6 epoll_wait(3,  <unfinished ...>",
            "[pid  5] 1.7 +++ killed by SIGKILL (core dumped) +++");
        Assert.That(import.Report.Problems, Is.Empty);
        Assert.That(import.Events.Select(Recording.Text), Is.EqualTo(new[]
        {
            "0 program-call call=nanosleep thread=5 clock=1 timeout=9000000000 interval=0 flags=14 object=-1 result=0 duration=18446744073709551615",
            "100000000 program-call call=epoll_wait thread=6 clock=-1 timeout=-1 interval=0 flags=4 object=-1 result=0 duration=18446744073709551615",
            "200000000 program-exit thread=5 status=-1 how=killed by SIGKILL",
        }));
    }

    [Test]
    public void TimesOfDayGoOnAfterMidnight()
    {
        TraceImport import = Recording.Import(ImportFormat.Strace, "23:59:59.900000 alarm(1) = 0 <0.1>", "00:00:00.200000 alarm(0) = 1 <0.1>");
        Assert.That(import.Events[1].Time.WholeNanoseconds, Is.EqualTo((UInt128)300_000_000));
    }

    [TestCase("alarm(1) = 0", "no time stamp (record with strace -f -ttt -T)")]
    [TestCase("1 2.0 alarm(1", "the call has no end")]
    [TestCase("1 2.0 write(1, \"abc) = 3", "a string does not end")]
    [TestCase("1 2.0 write(1, [}, 3) = 3", "'}' without its beginning")]
    [TestCase("1 2.0 alarm(1) 0", "no result behind the call")]
    [TestCase("1 2.0 alarm(1) = zero", "the result is not a number")]
    [TestCase("1 2.0 poll(0x7ff, 1) = 0", "an argument is missing")]
    [TestCase("1 2.0 nanosleep(0x7ffc0, NULL) = 0", "a time is not shown as a structure")]
    [TestCase("1 2.0 clock_gettime(CLOCK_NOWHERE, 0x1) = -1 EINVAL (Invalid argument)", "no such clock")]
    [TestCase("1 2.0 <... poll resumed>) = 0", "a call is resumed that has not begun")]
    [TestCase("1 2.1.0 alarm(1) = 0", "time stamp is not a number of seconds")]
    [TestCase("1 25:00:00 alarm(1) = 0", "time stamp is not a time of day")]
    [TestCase("1 2.0 +++ +++", "no end of a thread")]
    public void ALineThatIsNotUnderstoodIsNamed(string line, string cause)
    {
        ImportReport report = Recording.Import(ImportFormat.Strace, "1 1.0 alarm(1) = 0", "", line).Report;
        Assert.That((report.Lines, report.Understood, report.Silent, report.NotUnderstood), Is.EqualTo((3, 1, 1, 1)));
        Assert.That(report.Problems, Is.EqualTo(new[] { new LineProblem(3, cause, line) }));
        Assert.That(report.Causes[cause], Is.EqualTo(1));
    }
}
