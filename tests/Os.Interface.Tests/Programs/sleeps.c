// Time namespace reference, section 5: nanosleep, clock_nanosleep, and what a signal does to them; interval timers and alarm.
#include "report.h"

static long sleep_on(int clock, int flags, void *request, void *left) { return syscall(SYS_clock_nanosleep, clock, flags, request, left); }

static volatile int alarms;
static void count(int signal) { alarms++; }

static void handler(int flags)
{
    struct sigaction a = { .sa_handler = count, .sa_flags = flags };
    sigaction(SIGALRM, &a, NULL);
}

static void alarm_after(long long nanoseconds)
{
    struct itimerval v = { { 0, 0 }, { 0, nanoseconds / 1000 } };
    setitimer(ITIMER_REAL, &v, NULL);
}

static const char *names[] = { "REALTIME", "MONOTONIC", "PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID", "MONOTONIC_RAW", "REALTIME_COARSE",
    "MONOTONIC_COARSE", "BOOTTIME", "REALTIME_ALARM", "BOOTTIME_ALARM", "SGI_CYCLE", "TAI", "12" };

static int errors(void)
{
    struct timespec t;
    for (int i = 0; i < 13; i++) {
        char text[80];
        t = span(0);
        snprintf(text, sizeof text, "%s for nothing", names[i]);
        if (i != 2) CALL(text, sleep_on(i, 0, &t, NULL));
        snprintf(text, sizeof text, "%s from a bad address", names[i]);
        CALL(text, sleep_on(i, 0, BAD, NULL));
        t = (struct timespec){ 0, -1 };
        snprintf(text, sizeof text, "%s bad time", names[i]);
        CALL(text, sleep_on(i, 0, &t, NULL));
        t = (struct timespec){ 0, 0 };
        snprintf(text, sizeof text, "%s until the beginning", names[i]);
        CALL(text, sleep_on(i, TIMER_ABSTIME, &t, NULL));
        snprintf(text, sizeof text, "%s unknown flag", names[i]);
        t = span(0);
        if (i != 2) CALL(text, sleep_on(i, 2, &t, NULL));
    }
    static const int odd[] = { -1, -2, -3, -4, -5, -6, 100 };
    for (int i = 0; i < 7; i++) {
        char text[30];
        snprintf(text, sizeof text, "clock %d", odd[i]);
        t = (struct timespec){ 0, 1000000000 };
        CALL(text, sleep_on(odd[i], 0, &t, NULL));
    }
    t = (struct timespec){ 0, 1000000000 };
    CALL("nanosleep bad time", syscall(SYS_nanosleep, &t, NULL));
    t = (struct timespec){ -1, 0 };
    CALL("nanosleep negative", syscall(SYS_nanosleep, &t, NULL));
    CALL("nanosleep from a bad address", syscall(SYS_nanosleep, BAD, NULL));
    t = span(MS);
    CALL("nanosleep with a bad address for the rest, unused", syscall(SYS_nanosleep, &t, BAD));
    setresuid(1000, 1000, 1000);
    t = span(0);
    CALL("REALTIME_ALARM by a user", sleep_on(CLOCK_REALTIME_ALARM, 0, &t, NULL));
    CALL("unknown flag by a user", sleep_on(CLOCK_REALTIME_ALARM, 2, &t, NULL));
    return 0;
}

static void took(const char *name, long long since, long long step) { say("%s took %lld ms", name, about(now(CLOCK_MONOTONIC) - since, step) / MS); }

static int lengths(void)
{
    static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_TAI, CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM };
    for (int i = 0; i < 6; i++) {
        struct timespec t = span(50 * MS), left = { 77, 77 };
        long long begin = now(CLOCK_MONOTONIC);
        CALL(names[clocks[i]], sleep_on(clocks[i], 0, &t, &left));
        took("relative", begin, 50 * MS);
        say("rest untouched %d", left.tv_sec == 77);
        begin = now(CLOCK_MONOTONIC);
        t = span(now(clocks[i]) + 50 * MS);
        CALL(names[clocks[i]], sleep_on(clocks[i], TIMER_ABSTIME, &t, &left));
        took("absolute", begin, 50 * MS);
    }
    struct timespec t = span(50 * MS);
    long long begin = now(CLOCK_MONOTONIC);
    CALL("nanosleep", syscall(SYS_nanosleep, &t, NULL));
    took("nanosleep", begin, 50 * MS);
    return 0;
}

static int signals(void)
{
    struct timespec t, left;
    for (int flags = 0; flags <= SA_RESTART; flags += SA_RESTART) {
        say("with %s", flags ? "SA_RESTART" : "no flag");
        handler(flags);
        alarm_after(40 * MS);
        t = span(100 * MS);
        left = span(0);
        CALL("relative", sleep_on(CLOCK_MONOTONIC, 0, &t, &left));
        say("left %lld ms", about(left.tv_nsec, 20 * MS) / MS);
        alarm_after(40 * MS);
        left = (struct timespec){ 77, 77 };
        t = span(now(CLOCK_MONOTONIC) + 100 * MS);
        CALL("absolute", sleep_on(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, &left));
        say("rest untouched %d", left.tv_sec == 77);
        alarm_after(40 * MS);
        t = span(100 * MS);
        CALL("rest to a bad address", sleep_on(CLOCK_MONOTONIC, 0, &t, BAD));
        alarm_after(40 * MS);
        CALL("boot time", sleep_on(CLOCK_BOOTTIME, 0, &t, &left));
        say("left %lld ms", about(left.tv_nsec, 20 * MS) / MS);
        alarm_after(40 * MS);
        CALL("alarm clock", sleep_on(CLOCK_BOOTTIME_ALARM, 0, &t, &left));
        say("left %lld ms", about(left.tv_nsec, 20 * MS) / MS);
        alarm_after(40 * MS);
        CALL("nanosleep", syscall(SYS_nanosleep, &t, &left));
        say("left %lld ms", about(left.tv_nsec, 20 * MS) / MS);
        alarm_after(40 * MS);
        CALL("poll", poll(NULL, 0, 100));
        alarm_after(40 * MS);
        CALL("pause", pause());
        sigset_t none;
        sigemptyset(&none);
        alarm_after(40 * MS);
        CALL("ppoll", syscall(SYS_ppoll, NULL, 0, &t, &none, 8));
        alarm_after(40 * MS);
        struct timeval v = { 0, 100000 };
        CALL("select", syscall(SYS_select, 0, NULL, NULL, NULL, &v));
        say("left %lld ms", about(v.tv_usec * 1000LL, 20 * MS) / MS);
    }
    say("alarms %d", alarms);
    CALL("restart_syscall by hand", syscall(SYS_restart_syscall));
    return 0;
}

static int stopped(const char *name, int clock, int absolute)
{
    int pid = fork();
    if (pid == 0) {
        struct timespec t = span(absolute ? now(clock) + 300 * MS : 300 * MS), left = { 77, 0 };
        long long begin = now(CLOCK_MONOTONIC);
        CALL(name, sleep_on(clock, absolute, &t, &left));
        took(name, begin, 100 * MS);
        say("rest %ld", left.tv_sec);
        _exit(0);
    }
    usleep(80000);
    kill(pid, SIGSTOP);
    usleep(80000);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
    return 0;
}

static int continued(void)
{
    stopped("stopped relative", CLOCK_MONOTONIC, 0);
    stopped("stopped absolute", CLOCK_MONOTONIC, TIMER_ABSTIME);
    stopped("stopped in real time", CLOCK_REALTIME, TIMER_ABSTIME);
    stopped("stopped alarm clock", CLOCK_BOOTTIME_ALARM, 0);
    return 0;
}

static int in_namespace(void)
{
    syscall(SYS_unshare, CLONE_NEWTIME);
    write_text("/proc/self/timens_offsets", "monotonic 864000 0\nboottime -0 500000000");
    int pid = fork();
    if (pid == 0) {
        for (int i = 0; i < 3; i++) {
            int clock = i == 0 ? CLOCK_MONOTONIC : i == 1 ? CLOCK_BOOTTIME : CLOCK_BOOTTIME_ALARM;
            long long begin = now(CLOCK_MONOTONIC);
            struct timespec t = span(now(clock) + 50 * MS);
            CALL(names[clock], sleep_on(clock, TIMER_ABSTIME, &t, NULL));
            took("absolute", begin, 50 * MS);
            begin = now(CLOCK_MONOTONIC);
            t = span(50 * MS);
            CALL(names[clock], sleep_on(clock, 0, &t, NULL));
            took("relative", begin, 50 * MS);
        }
        struct timespec t = { 863000, 0 };
        CALL("before the namespace began", sleep_on(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return stopped("stopped in a namespace", CLOCK_MONOTONIC, TIMER_ABSTIME);
}

static int intervals(void)
{
    struct itimerval v, o;
    handler(0);
    CALL("getitimer of an unknown timer", syscall(SYS_getitimer, 3, &o));
    CALL("setitimer of an unknown timer", syscall(SYS_setitimer, 3, &v, NULL));
    CALL("getitimer to a bad address", syscall(SYS_getitimer, 0, BAD));
    CALL("setitimer from a bad address", syscall(SYS_setitimer, 0, BAD, NULL));
    v = (struct itimerval){ { 0, 0 }, { 0, 1000000 } };
    CALL("too many microseconds", syscall(SYS_setitimer, 0, &v, NULL));
    v = (struct itimerval){ { -1, 0 }, { 0, 1 } };
    CALL("negative interval", syscall(SYS_setitimer, 0, &v, NULL));
    v = (struct itimerval){ { 0, 1000000 }, { 0, 0 } };
    CALL("bad interval of an unknown timer", syscall(SYS_setitimer, 3, &v, NULL));
    v = (struct itimerval){ { 0, 0 }, { 5, 0 } };
    CALL("five seconds", syscall(SYS_setitimer, 0, &v, NULL));
    CALL("get", syscall(SYS_getitimer, 0, &o));
    say("left %ld, interval %ld", o.it_value.tv_sec * 1000 + about(o.it_value.tv_usec, 100000) / 1000, o.it_interval.tv_sec);
    VALUE("alarm", alarm(10));
    VALUE("alarm", alarm(0));
    v = (struct itimerval){ { 0, 0 }, { 0, 400000 } };
    syscall(SYS_setitimer, 0, &v, NULL);
    VALUE("alarm with less than half a second left", alarm(0));
    v = (struct itimerval){ { 7, 0 }, { 3, 0 } };
    CALL("old value", syscall(SYS_setitimer, 0, &v, &o));
    say("was %ld %ld", o.it_value.tv_sec, o.it_value.tv_usec);
    CALL("null value", syscall(SYS_setitimer, 0, NULL, &o));
    say("was %ld.%ld interval %ld", o.it_value.tv_sec + (o.it_value.tv_usec > 500000), o.it_value.tv_usec > 500000 ? 0L : o.it_value.tv_usec, o.it_interval.tv_sec);
    v = (struct itimerval){ { 0, 20000 }, { 0, 20000 } };
    alarms = 0;
    syscall(SYS_setitimer, 0, &v, NULL);
    while (alarms < 5) pause();
    say("five periods");
    v = (struct itimerval){ { 0, 0 }, { 0, 0 } };
    syscall(SYS_setitimer, 0, &v, NULL);
    int pid = fork();
    if (pid == 0) {
        VALUE("alarm in a child", alarm(0));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    struct sigaction a = { .sa_handler = count };
    sigaction(SIGVTALRM, &a, NULL);
    sigaction(SIGPROF, &a, NULL);
    alarms = 0;
    v = (struct itimerval){ { 0, 0 }, { 0, 30000 } };
    syscall(SYS_setitimer, ITIMER_VIRTUAL, &v, NULL);
    while (!alarms) { }
    say("virtual");
    syscall(SYS_setitimer, ITIMER_PROF, &v, NULL);
    while (alarms < 2) getppid();
    say("profile");
    return 0;
}

static int slack(void)
{
    VALUE("slack", prctl(PR_GET_TIMERSLACK));
    CALL("set", prctl(PR_SET_TIMERSLACK, 1000000));
    VALUE("slack", prctl(PR_GET_TIMERSLACK));
    int pid = fork();
    if (pid == 0) {
        VALUE("inherited", prctl(PR_GET_TIMERSLACK));
        CALL("set", prctl(PR_SET_TIMERSLACK, 5));
        CALL("default", prctl(PR_SET_TIMERSLACK, 0));
        VALUE("is the parent's", prctl(PR_GET_TIMERSLACK));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CALL("default", prctl(PR_SET_TIMERSLACK, 0));
    VALUE("slack", prctl(PR_GET_TIMERSLACK));
    return 0;
}

int main(void)
{
    say("== errors");
    in_child(errors);
    say("== lengths");
    in_child(lengths);
    say("== signals");
    in_child(signals);
    say("== continued");
    in_child(continued);
    say("== in a namespace");
    in_child(in_namespace);
    say("== intervals");
    in_child(intervals);
    say("== slack");
    in_child(slack);
    return 0;
}
