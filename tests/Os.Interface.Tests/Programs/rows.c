// Time namespace reference, section 5: every row of the table of affected interfaces that no other program asks about. The namespace
// is 100000 s (monotonic) and 200000 s (boot time) ahead of the machine.
#include "report.h"
#include <sys/epoll.h>
#include <sys/klog.h>
#include <sys/sysinfo.h>

#define MONOTONIC 100000LL
#define BOOTTIME 200000LL

static const char *names[] = { "REALTIME", "MONOTONIC", "PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID", "MONOTONIC_RAW", "REALTIME_COARSE",
    "MONOTONIC_COARSE", "BOOTTIME", "REALTIME_ALARM", "BOOTTIME_ALARM", "SGI_CYCLE", "TAI" };

static long long before[12];
static long long idle_before;
static long times_before;
static int initial;

static long long library(int clock)
{
    struct timespec t;
    return clock_gettime(clock, &t) ? -1 : t.tv_sec * SECOND + t.tv_nsec;
}

static long long moved(long long since, long long until) { return about(until - since, 1000 * SECOND) / SECOND; }

static int clocks(void)
{
    for (int i = 0; i < 12; i++) {
        if (i == 10) continue;
        say("%s ahead by %lld, with the library's function by %lld", names[i], moved(before[i], now(i)), moved(before[i], library(i)));
        long long first = now(i), second = library(i), third = now(i);
        TRUTH("in order", first <= second && second <= third);
    }
    struct timeval v;
    gettimeofday(&v, NULL);
    say("gettimeofday ahead by %lld", moved(before[0], v.tv_sec * SECOND));
    say("time ahead by %lld", moved(before[0], time(NULL) * SECOND));
    for (int i = 0; i < 12; i++) {
        struct timespec a, b;
        if (i != 10) TRUTH("one resolution", !clock_getres(i, &a) && !syscall(SYS_clock_getres, i, &b) && a.tv_sec == b.tv_sec && a.tv_nsec == b.tv_nsec);
    }
    return 0;
}

static int setting(void)
{
    struct timespec t = span(now(CLOCK_MONOTONIC));
    static const int fixed[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_TAI };
    for (int i = 0; i < 6; i++) {
        struct timex x = { .modes = 0 };
        say("%s", names[fixed[i]]);
        CALL("clock_settime", syscall(SYS_clock_settime, fixed[i], &t));
        CALL("clock_adjtime", syscall(SYS_clock_adjtime, fixed[i], &x));
    }
    long long mono = now(CLOCK_MONOTONIC);
    t = span(now(CLOCK_REALTIME) + 5000 * SECOND);
    CALL("clock_settime of CLOCK_REALTIME", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    say("monotonic moved by %lld", moved(mono, now(CLOCK_MONOTONIC)));
    return 0;
}

static volatile int alarms;
static void count(int signal) { alarms++; }

static void took(const char *name, long long since) { say("%s took %lld ms", name, about(now(CLOCK_MONOTONIC) - since, 50 * MS) / MS); }

static int sleeping(void)
{
    struct sigaction a = { .sa_handler = count };
    sigaction(SIGALRM, &a, NULL);
    for (int i = 0; i < 2; i++) {
        int clock = i ? CLOCK_TAI : CLOCK_REALTIME;
        struct timespec t = span(now(clock) + 50 * MS);
        long long begin = now(CLOCK_MONOTONIC);
        CALL(names[clock], syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &t, NULL));
        took("absolute", begin);
    }
    for (int i = 0; i < 3; i++) {
        int clock = i == 0 ? CLOCK_MONOTONIC : i == 1 ? CLOCK_BOOTTIME : -1;
        struct timespec t = span(200 * MS), left = { 77, 0 };
        struct itimerval v = { { 0, 0 }, { 0, 50000 } };
        setitimer(ITIMER_REAL, &v, NULL);
        CALL(clock < 0 ? "nanosleep" : names[clock], clock < 0 ? syscall(SYS_nanosleep, &t, &left) : syscall(SYS_clock_nanosleep, clock, 0, &t, &left));
        say("remaining %lld ms", about(left.tv_sec * SECOND + left.tv_nsec, 50 * MS) / MS);
    }
    return 0;
}

static int timers(void)
{
    static const int all[] = { CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_BOOTTIME_ALARM, CLOCK_REALTIME_ALARM, CLOCK_TAI };
    for (int i = 0; i < 6; i++) {
        int clock = all[i], id, fd = syscall(SYS_timerfd_create, clock, 0);
        struct sigevent e = { .sigev_notify = SIGEV_NONE };
        struct itimerspec v = { { 0, 0 }, span(now(clock) + 1000 * SECOND) }, o, off = { { 0, 0 }, { 0, 0 } };
        say("%s", names[clock]);
        CALL("create", syscall(SYS_timer_create, clock, &e, &id));
        CALL("settime", syscall(SYS_timer_settime, id, TIMER_ABSTIME, &v, NULL));
        syscall(SYS_timer_gettime, id, &o);
        say("remaining %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        v.it_value = span(now(clock) + 2000 * SECOND);
        CALL("settime", syscall(SYS_timer_settime, id, TIMER_ABSTIME, &v, &o));
        say("old value %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        CALL("disarm", syscall(SYS_timer_settime, id, TIMER_ABSTIME, &off, &o));
        say("old value %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        syscall(SYS_timer_gettime, id, &o);
        // A timer that tells nobody keeps its end when it is disarmed.
        say("remaining %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        if (fd < 0) {
            say("no timerfd");
            continue;
        }
        CALL("timerfd", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
        timerfd_gettime(fd, &o);
        say("remaining %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        CALL("disarm", timerfd_settime(fd, TFD_TIMER_ABSTIME, &off, &o));
        say("old value %lld", about(o.it_value.tv_sec * SECOND, 50 * SECOND) / SECOND);
        // The moment at which the namespace's clock would have been 0 on the machine's: over, not disarmed.
        v.it_value = (struct timespec){ clock == CLOCK_MONOTONIC ? MONOTONIC : BOOTTIME, 0 };
        CALL("timerfd for the machine's zero", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
        struct pollfd p = { fd, POLLIN, 0 };
        VALUE("poll", poll(&p, 1, 100));
    }
    return 0;
}

static int relative(void)
{
    struct sigaction a = { .sa_handler = count };
    struct itimerval v = { { 0, 0 }, { 0, 50000 } };
    struct timespec t = span(50 * MS);
    struct epoll_event event;
    sigset_t none;
    sigaction(SIGALRM, &a, NULL);
    long long begin = now(CLOCK_MONOTONIC);
    setitimer(ITIMER_REAL, &v, NULL);
    pause();
    took("setitimer", begin);
    begin = now(CLOCK_MONOTONIC);
    alarm(1);
    pause();
    say("alarm took %lld ms", about(now(CLOCK_MONOTONIC) - begin, 500 * MS) / MS);
    begin = now(CLOCK_MONOTONIC);
    VALUE("poll", poll(NULL, 0, 50));
    took("poll", begin);
    begin = now(CLOCK_MONOTONIC);
    VALUE("ppoll", ppoll(NULL, 0, &t, NULL));
    took("ppoll", begin);
    begin = now(CLOCK_MONOTONIC);
    VALUE("select", select(0, NULL, NULL, NULL, &v.it_value));
    took("select", begin);
    begin = now(CLOCK_MONOTONIC);
    VALUE("pselect", pselect(0, NULL, NULL, NULL, &t, NULL));
    took("pselect", begin);
    int e = epoll_create1(0);
    begin = now(CLOCK_MONOTONIC);
    VALUE("epoll_wait", epoll_wait(e, &event, 1, 50));
    took("epoll_wait", begin);
    begin = now(CLOCK_MONOTONIC);
    VALUE("epoll_pwait2", syscall(441, e, &event, 1, &t, NULL, 8));
    took("epoll_pwait2", begin);
    sigemptyset(&none);
    sigaddset(&none, SIGUSR1);
    begin = now(CLOCK_MONOTONIC);
    CALL("sigtimedwait", sigtimedwait(&none, NULL, &t));
    took("sigtimedwait", begin);
    return 0;
}

static unsigned long long start_of(const char *path)
{
    char text[1000];
    if (read_text(path, text, sizeof text) <= 0) return 0;
    char *p = strrchr(text, ')') + 2;
    for (int i = 3; i < 22; i++) p = strchr(p, ' ') + 1;
    return strtoull(p, NULL, 10);
}

static int shown(void)
{
    char text[200000];
    struct sysinfo s;
    struct tms m;
    sysinfo(&s);
    say("sysinfo ahead by %lld", moved(before[7], s.uptime * SECOND));
    read_text("/proc/uptime", text, sizeof text);
    say("/proc/uptime ahead by %lld", moved(before[7], atoll(text) * SECOND));
    say("its second field ahead by %lld", moved(idle_before * SECOND, atoll(strchr(text, ' ') + 1) * SECOND));
    read_text("/proc/stat", text, sizeof text);
    char *b = strstr(text, "btime ");
    say("btime against realtime less boot time: %lld", b ? moved(now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME), atoll(b + 6) * SECOND) : -1);
    say("start of the first process ahead by %lld", moved(0, start_of("/proc/1/stat") * 10 * MS));
    say("times ahead by %ld", (times(&m) - times_before) / 1000 * 10);
    int fd = open("/proc/timer_list", O_RDONLY);
    int n = 0, more;
    while (n < 2000 && (more = read(fd, text + n, 4000)) > 0) n += more;
    text[n] = 0;
    char *at = strstr(text, "now at ");
    say("/proc/timer_list ahead by %lld", at ? moved(before[1], atoll(at + 7)) : -1);
    n = klogctl(3, text, sizeof text - 1);
    text[n < 0 ? 0 : n] = 0;
    at = strrchr(text, '[');
    TRUTH("dmesg has the machine's time", at && atoll(at + 1) < 10000);
    return 0;
}

// In a namespace a second behind, what started in the machine's first second started before the namespace's clock began.
static int underflow(void)
{
    while (now(CLOCK_BOOTTIME) < 3 * SECOND) usleep(50000);
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic -2 0\nboottime -2 0"));
    int pid = fork();
    if (pid == 0) {
        TRUTH("the first process's start wraps", start_of("/proc/1/stat") > 1000000000000ULL);
        TRUTH("one's own does not", start_of("/proc/self/stat") < 100000000ULL);
        struct timespec t = span(now(CLOCK_MONOTONIC) + 50 * MS);
        long long begin = now(CLOCK_MONOTONIC);
        CALL("absolute sleep", syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL));
        took("absolute", begin);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int armed(void)
{
    struct sigaction a = { .sa_handler = count };
    sigaction(SIGALRM, &a, NULL);
    int id;
    struct itimerspec v = { { 0, 0 }, span(now(CLOCK_BOOTTIME) + 100 * MS) };
    long long begin = now(CLOCK_REALTIME);
    alarms = 0;
    CALL("create", syscall(SYS_timer_create, CLOCK_BOOTTIME, NULL, &id));
    CALL("settime", syscall(SYS_timer_settime, id, TIMER_ABSTIME, &v, NULL));
    CALL("setns", syscall(SYS_setns, initial, CLONE_NEWTIME));
    while (!alarms && now(CLOCK_REALTIME) - begin < 2 * SECOND) usleep(1000);
    say("an armed timer came after %lld ms", about(now(CLOCK_REALTIME) - begin, 50 * MS) / MS);
    say("boot time ahead by %lld", moved(before[7], now(CLOCK_BOOTTIME)));
    say("with the library's function by %lld", moved(before[7], library(CLOCK_BOOTTIME)));
    return 0;
}

static void row(const char *name, int (*function)(void))
{
    say("== %s", name);
    in_child(function);
}

int main(void)
{
    char text[100];
    struct tms m;
    for (int i = 0; i < 12; i++) before[i] = now(i);
    times_before = times(&m);
    initial = open("/proc/self/ns/time", O_RDONLY);
    read_text("/proc/uptime", text, sizeof text);
    idle_before = atoll(strchr(text, ' ') + 1);
    row("underflow", underflow);
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 100000 0\nboottime 200000 0"));
    row("clocks", clocks);
    row("sleeping", sleeping);
    row("timers", timers);
    row("relative timeouts", relative);
    row("shown", shown);
    row("armed before setns", armed);
    row("setting", setting);
    say("realtime is set for all: ahead by %lld", moved(before[0], now(CLOCK_REALTIME)));
    return 0;
}
