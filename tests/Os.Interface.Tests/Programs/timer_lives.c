// Timers through the life of a process: what fork, threads, exec, exit, stops and signals do to POSIX timers, interval timers, alarms,
// timerfds and CPU-time clocks; timer_create(2), setitimer(2), alarm(2), timerfd_create(2), clock_getcpuclockid(3).
#include "report.h"

static volatile sig_atomic_t caught, last_code, last_value, last_overrun;

static void handler(int s, siginfo_t *i, void *c)
{
    caught++;
    last_code = i->si_code, last_value = i->si_value.sival_int, last_overrun = i->si_overrun;
}

static void install(int s, int flags)
{
    struct sigaction a = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | flags };
    sigaction(s, &a, NULL);
}

static int create(int clock, int notify, int s, int tid)
{
    struct sigevent e = { .sigev_notify = notify, .sigev_signo = s, .sigev_value.sival_int = 77 };
    e._sigev_un._tid = tid;
    int id;
    return syscall(SYS_timer_create, clock, &e, &id) ? -1 : id;
}

static int arm(int id, int flags, long long value, long long interval)
{
    struct itimerspec v = { span(interval), span(value) };
    return syscall(SYS_timer_settime, id, flags, &v, NULL);
}

static long long left(int id)
{
    struct itimerspec v = { { 0, 0 }, { 0, 0 } };
    if (syscall(SYS_timer_gettime, id, &v)) return -1;
    return v.it_value.tv_sec * SECOND + v.it_value.tv_nsec;
}

static void rest(long long ns)
{
    struct timespec t = span(now(CLOCK_MONOTONIC) + ns);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) { }
}

static int forked(void)
{
    install(SIGALRM, 0);
    install(SIGUSR1, 0);
    int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
    arm(id, 0, 60 * MS, 0);
    struct itimerval v = { { 0, 0 }, { 0, 60000 } }, o;
    setitimer(ITIMER_REAL, &v, NULL);
    int fd = timerfd_create(CLOCK_MONOTONIC, 0);
    struct itimerspec w = { { 0, 0 }, span(60 * MS) };
    timerfd_settime(fd, 0, &w, NULL);
    int pid = fork();
    if (pid == 0) {
        VALUE("a child has no timers", left(id));
        getitimer(ITIMER_REAL, &o);
        say("nor an interval timer: %ld.%06ld", o.it_value.tv_sec, o.it_value.tv_usec);
        uint64_t n;
        VALUE("but shares the timerfd", read(fd, &n, 8));
        rest(60 * MS);
        say("it catches %d", caught);
        VALUE("its first timer", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0));
        _exit(0);
    }
    rest(200 * MS);
    waitpid(pid, NULL, 0);
    say("the parent catches %d", caught);
    uint64_t n;
    fcntl(fd, F_SETFL, O_NONBLOCK);
    VALUE("the tick was taken", read(fd, &n, 8));
    return 0;
}

static int executed(void)
{
    char text[40];
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGALRM);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
    arm(id, 0, 100 * SECOND, 0);
    int second = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
    arm(second, 0, 1, 0);
    rest(20 * MS);
    struct itimerval v = { { 7, 0 }, { 1000, 0 } };
    setitimer(ITIMER_REAL, &v, NULL);
    v.it_value.tv_sec = 2000;
    setitimer(ITIMER_VIRTUAL, &v, NULL);
    setitimer(ITIMER_PROF, &v, NULL);
    int fd = timerfd_create(CLOCK_BOOTTIME, 0), closed = timerfd_create(CLOCK_BOOTTIME, TFD_CLOEXEC);
    struct itimerspec w = { span(9 * SECOND), span(3000 * SECOND) };
    timerfd_settime(fd, 0, &w, NULL);
    snprintf(text, sizeof text, "%d %d", fd, closed);
    execl("/proc/self/exe", "timer_lives", "after", text, NULL);
    return 1;
}

static int after(const char *text)
{
    int fd, closed;
    sscanf(text, "%d %d", &fd, &closed);
    VALUE("exec deletes timers", left(0));
    static const int all[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
    for (int i = 0; i < 3; i++) {
        struct itimerval o;
        getitimer(all[i], &o);
        say("interval timer %d stays: %lld every %ld", all[i], about(o.it_value.tv_sec, 100), o.it_interval.tv_sec);
    }
    struct itimerspec w;
    CALL("a timerfd", timerfd_gettime(fd, &w));
    say("stays: %lld every %ld", about(w.it_value.tv_sec, 100), w.it_interval.tv_sec);
    CALL("but not one to be closed", timerfd_gettime(closed, &w));
    sigset_t set;
    sigpending(&set);
    say("pending SIGUSR1 %d SIGALRM %d", sigismember(&set, SIGUSR1), sigismember(&set, SIGALRM));
    say("alarm tells %lld", about(alarm(0), 100));
    struct timespec none = { 0, 0 };
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    say("the deleted timer's signal: %d", sigtimedwait(&set, &info, &none));
    return 0;
}

static pthread_barrier_t barrier;
static volatile int got_by[2];
static pid_t tids[2];

static void by_thread(int s) { got_by[syscall(SYS_gettid) == tids[1]]++; }

static void *second_thread(void *unused)
{
    tids[1] = syscall(SYS_gettid);
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    int id = create(CLOCK_THREAD_CPUTIME_ID, SIGEV_SIGNAL, SIGUSR2, 0);
    arm(id, 0, 100 * SECOND, 0);
    return (void *)(intptr_t)id;
}

static int threads(void)
{
    struct sigaction a = { .sa_handler = by_thread };
    sigaction(SIGUSR1, &a, NULL);
    tids[0] = syscall(SYS_gettid);
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_t t;
    pthread_create(&t, NULL, second_thread, NULL);
    pthread_barrier_wait(&barrier);
    int id = create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, tids[1]);
    VALUE("for a thread", id);
    arm(id, 0, 10 * MS, 0);
    rest(50 * MS);
    say("caught by the first %d, by the second %d", got_by[0], got_by[1]);
    VALUE("for init", create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, 1));
    VALUE("for the thread of SIGEV_SIGNAL", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 1));
    pthread_barrier_wait(&barrier);
    void *made;
    pthread_join(t, &made);
    rest(10 * MS); // it is joined before it is gone
    VALUE("the ended thread's timer", left((intptr_t)made) > 0);
    arm(id, 0, 10 * MS, 0);
    rest(50 * MS);
    say("after its end: first %d, second %d", got_by[0], got_by[1]);
    VALUE("is it still armed", left(id));
    VALUE("for the ended thread", create(CLOCK_MONOTONIC, SIGEV_THREAD_ID, SIGUSR1, tids[1]));
    int clock = (~(unsigned)tids[1] << 3) | 6;
    CALL("the ended thread's clock", syscall(SYS_clock_gettime, clock, &(struct timespec){ 0 }));
    return 0;
}

static int overruns(void)
{
    sigset_t set;
    siginfo_t info;
    struct timespec none = { 0, 0 };
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
    arm(id, 0, 10 * MS, 10 * MS);
    rest(105 * MS);
    VALUE("before the signal is fetched", syscall(SYS_timer_getoverrun, id));
    VALUE("fetched", sigtimedwait(&set, &info, &none));
    say("overrun about %lld value %d code %d", about(info.si_overrun, 3), info.si_value.sival_int, info.si_code);
    TRUTH("the same as asked", syscall(SYS_timer_getoverrun, id) == info.si_overrun);
    VALUE("no second one", sigtimedwait(&set, &info, &none));
    arm(id, TIMER_ABSTIME, 1, 10 * MS);
    rest(5 * MS);
    VALUE("begun long ago", sigtimedwait(&set, &info, &none));
    TRUTH("many", info.si_overrun > 50);
    arm(id, TIMER_ABSTIME, 1, 1);
    rest(20 * MS);
    VALUE("every nanosecond since the start", sigtimedwait(&set, &info, &none));
    say("no more than %d", info.si_overrun);
    say("asked %ld", (long)syscall(SYS_timer_getoverrun, id));
    arm(id, 0, 1, 0);
    rest(5 * MS);
    CALL("deleted with its signal pending", syscall(SYS_timer_delete, id));
    VALUE("which stays", sigtimedwait(&set, &info, &none));
    VALUE("gone", syscall(SYS_timer_getoverrun, id));
    int quiet = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
    arm(quiet, 0, 10 * MS, 10 * MS);
    rest(35 * MS);
    TRUTH("a quiet one goes on", left(quiet) > 0 && left(quiet) <= 10 * MS);
    VALUE("and counts nothing", syscall(SYS_timer_getoverrun, quiet));
    arm(quiet, 0, 5 * MS, 0);
    rest(10 * MS);
    VALUE("once over", left(quiet));
    return 0;
}

static int ignored(void)
{
    signal(SIGUSR1, SIG_IGN);
    int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 0);
    arm(id, 0, 10 * MS, 10 * MS);
    rest(55 * MS);
    TRUTH("an ignored timer goes on", left(id) > 0 && left(id) <= 10 * MS);
    install(SIGUSR1, 0);
    caught = 0;
    rest(35 * MS);
    TRUTH("and is heard later", caught >= 2 && caught <= 5);
    say("code %d value %d", last_code, last_value);
    signal(SIGUSR1, SIG_IGN);
    arm(id, 0, 0, 0);
    VALUE("disarmed", left(id));
    signal(SIGALRM, SIG_IGN);
    struct itimerval v = { { 0, 10000 }, { 0, 10000 } }, o;
    setitimer(ITIMER_REAL, &v, NULL);
    rest(55 * MS);
    getitimer(ITIMER_REAL, &o);
    TRUTH("an ignored interval timer goes on", o.it_value.tv_usec > 0);
    return 0;
}

static int alarms(void)
{
    install(SIGALRM, 0);
    VALUE("none before", alarm(100));
    VALUE("rounded", alarm(1));
    struct itimerval v = { { 0, 0 }, { 1, 499999 } };
    setitimer(ITIMER_REAL, &v, NULL);
    VALUE("less than half is cut", alarm(0));
    v.it_value = (struct timeval){ 1, 700000 };
    setitimer(ITIMER_REAL, &v, NULL);
    VALUE("more is rounded", alarm(0));
    v.it_value = (struct timeval){ 0, 1000 };
    setitimer(ITIMER_REAL, &v, NULL);
    VALUE("never down to none", alarm(0));
    v = (struct itimerval){ { 0, 20000 }, { 0, 20000 } };
    setitimer(ITIMER_REAL, &v, NULL);
    VALUE("an alarm stops the interval", alarm(1) >= 0);
    caught = 0;
    rest(100 * MS);
    say("caught %d", caught);
    alarm(0);
    int status, pid = fork();
    if (pid == 0) {
        signal(SIGALRM, SIG_DFL);
        alarm(1);
        pause();
        _exit(0);
    }
    waitpid(pid, &status, 0);
    say("ended by signal %d", WTERMSIG(status));
    pid = fork();
    if (pid == 0) {
        alarm(1);
        raise(SIGSTOP);
        say("goes on with %d caught", caught);
        _exit(caught);
    }
    waitpid(pid, &status, WUNTRACED);
    TRUTH("stopped", WIFSTOPPED(status));
    sleep(2);
    kill(pid, SIGCONT);
    waitpid(pid, &status, 0);
    say("an alarm of a stopped process: status %d", WEXITSTATUS(status));
    return 0;
}

static int cpu_time(void)
{
    install(SIGUSR1, 0);
    install(SIGPROF, 0);
    install(SIGVTALRM, 0);
    static const int clocks[] = { CLOCK_PROCESS_CPUTIME_ID, CLOCK_THREAD_CPUTIME_ID };
    for (int i = 0; i < 2; i++) {
        int id = create(clocks[i], SIGEV_SIGNAL, SIGUSR1, 0);
        caught = 0;
        CALL("arm", arm(id, 0, 40 * MS, 0));
        rest(100 * MS);
        say("sleep takes no CPU time: caught %d", caught);
        long long begin = now(clocks[i]);
        for (int guard = 0; !caught && guard < 1000000000; guard++) { }
        TRUTH("work does", caught == 1 && now(clocks[i]) - begin >= 20 * MS);
        VALUE("over", left(id));
        arm(id, TIMER_ABSTIME, 1, 0);
        for (volatile int n = 0; n < 1000000000 && caught < 2; n++) { }
        say("a time that is over: caught %d", caught);
    }
    struct itimerval v = { { 0, 0 }, { 0, 20000 } }, o;
    caught = 0;
    setitimer(ITIMER_VIRTUAL, &v, NULL);
    for (volatile int n = 0; n < 1000000000 && !caught; n++) { }
    say("ITIMER_VIRTUAL: caught %d code %d", caught, last_code);
    caught = 0;
    setitimer(ITIMER_PROF, &v, NULL);
    for (volatile int n = 0; n < 1000000000 && !caught; n++) { }
    say("ITIMER_PROF: caught %d code %d", caught, last_code);
    getitimer(ITIMER_PROF, &o);
    say("over: %ld", o.it_value.tv_usec);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 2) return after(argv[2]);
    // Timers that began long ago have begun at least so long ago on all systems.
    struct timespec t = { 4, 0 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    say("== forked");
    in_child(forked);
    say("== executed");
    in_child(executed);
    say("== threads");
    in_child(threads);
    say("== overruns");
    in_child(overruns);
    say("== ignored");
    in_child(ignored);
    say("== alarms");
    in_child(alarms);
    say("== CPU time");
    in_child(cpu_time);
    return 0;
}
