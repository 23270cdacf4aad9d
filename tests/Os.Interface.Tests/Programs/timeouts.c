// How long calls with a timeout wait: never shorter than asked, rounded up, negative and huge times, what is left afterwards, which clock;
// poll(2), select(2), epoll_wait(2), nanosleep(2), rt_sigtimedwait(2), futex(2), mq_timedreceive(3), timerfd_create(2).
#include "report.h"
#include <linux/futex.h>
#include <mqueue.h>
#include <sys/select.h>

static long long began;

static void begin(void) { began = now(CLOCK_MONOTONIC); }

// Not early, and not more than 20 ms late.
static void took(const char *name, long result, long long wanted)
{
    long long took = now(CLOCK_MONOTONIC) - began;
    say("%s: %s, %s", name, result < 0 ? error_name(errno) : result == 0 ? "0" : "more", took < wanted ? "early" : took > wanted + 20 * MS ? "late" : "in time");
}

static int files(void)
{
    int p[2], e = epoll_create1(0);
    if (pipe(p)) return 1;
    struct pollfd f = { p[0], POLLIN, 0 };
    struct epoll_event v = { .events = EPOLLIN }, got;
    epoll_ctl(e, EPOLL_CTL_ADD, p[0], &v);
    static const int ms[] = { 0, 1, 2, 7, 30 };
    for (int i = 0; i < 5; i++) {
        begin();
        took("poll", poll(&f, 1, ms[i]), ms[i] * MS);
        begin();
        took("epoll_wait", epoll_wait(e, &got, 1, ms[i]), ms[i] * MS);
    }
    static const long ns[] = { 0, 1, 999, 1000, 1500000, 10000001 };
    for (int i = 0; i < 6; i++) {
        struct timespec t = { 0, ns[i] };
        begin();
        took("ppoll", ppoll(&f, 1, &t, NULL), ns[i]);
        t = (struct timespec){ 0, ns[i] };
        begin();
        took("epoll_pwait2", syscall(441, e, &got, 1, &t, NULL, 8), ns[i]);
        t = (struct timespec){ 0, ns[i] };
        begin();
        took("pselect", pselect(0, NULL, NULL, NULL, &t, NULL), ns[i]);
        struct timeval w = { 0, ns[i] / 1000 };
        begin();
        took("select", select(0, NULL, NULL, NULL, &w), w.tv_usec * 1000);
    }
    struct timeval w = { 0, 1030000 };
    begin();
    took("select of more than a million microseconds", syscall(SYS_select, 0, NULL, NULL, NULL, &w), 1030 * MS);
    say("left %ld.%06ld", w.tv_sec, w.tv_usec);
    struct timespec t = { 0, 20 * MS };
    syscall(SYS_ppoll, NULL, 0, &t, NULL, 8);
    say("left %ld.%09ld", t.tv_sec, t.tv_nsec);
    if (write(p[1], "x", 1) != 1) return 1;
    t = (struct timespec){ 5, 0 };
    VALUE("ready at once", syscall(SYS_ppoll, &f, 1, &t, NULL, 8));
    TRUTH("nearly all is left", t.tv_sec == 4 && t.tv_nsec > 900 * MS);
    fd_set s;
    FD_ZERO(&s);
    FD_SET(p[0], &s);
    w = (struct timeval){ 5, 0 };
    VALUE("select", syscall(SYS_select, p[0] + 1, &s, NULL, NULL, &w));
    TRUTH("nearly all is left", w.tv_sec == 4 && w.tv_usec > 900000);
    struct timespec *fixed = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    fixed->tv_nsec = MS;
    mprotect(fixed, 4096, PROT_READ);
    VALUE("a time that cannot be changed", syscall(SYS_ppoll, NULL, 0, fixed, NULL, 8));
    t = (struct timespec){ 0x7fffffffffffffff, 999999999 };
    VALUE("for ever, but ready", syscall(SYS_ppoll, &f, 1, &t, NULL, 8));
    t = (struct timespec){ 0x7fffffffffffffff, 0 };
    VALUE("epoll for ever, but ready", syscall(441, e, &got, 1, &t, NULL, 8));
    VALUE("the shortest int", epoll_wait(e, &got, 1, 0x80000000));
    VALUE("poll of the shortest int", poll(&f, 1, 0x80000000));
    return 0;
}

static volatile int caught;
static void count(int s) { caught++; }

static void after(int ms, int flags)
{
    struct sigaction a = { .sa_handler = count, .sa_flags = flags };
    sigaction(SIGALRM, &a, NULL);
    struct itimerval v = { { 0, 0 }, { 0, ms * 1000 } };
    setitimer(ITIMER_REAL, &v, NULL);
    begin();
}

static int interrupted(void)
{
    for (int restart = 0; restart < 2; restart++) {
        int flags = restart ? SA_RESTART : 0;
        say(restart ? "restarting" : "not restarting");
        struct timespec t = span(60 * MS), left = { 9, 9 };
        after(20, flags);
        took("nanosleep", syscall(SYS_nanosleep, &t, &left), 20 * MS);
        say("left %lld", about(left.tv_sec * SECOND + left.tv_nsec, 20 * MS) / MS);
        after(20, flags);
        took("poll", poll(NULL, 0, 60), 20 * MS);
        after(20, flags);
        t = span(60 * MS);
        took("ppoll", syscall(SYS_ppoll, NULL, 0, &t, NULL, 8), 20 * MS);
        say("left %lld", about(t.tv_sec * SECOND + t.tv_nsec, 20 * MS) / MS);
        struct timeval w = { 0, 60000 };
        after(20, flags);
        took("select", syscall(SYS_select, 0, NULL, NULL, NULL, &w), 20 * MS);
        say("left %lld", about(w.tv_usec * 1000, 20 * MS) / MS);
        int e = epoll_create1(0);
        struct epoll_event got;
        after(20, flags);
        took("epoll_wait", epoll_wait(e, &got, 1, 60), 20 * MS);
        uint32_t word = 0;
        t = span(60 * MS);
        after(20, flags);
        took("FUTEX_WAIT", syscall(SYS_futex, &word, FUTEX_WAIT, 0, &t, NULL, 0), restart ? 60 * MS : 20 * MS);
        t = span(now(CLOCK_MONOTONIC) + 60 * MS);
        after(20, flags);
        took("FUTEX_WAIT_BITSET", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 0, &t, NULL, -1), restart ? 60 * MS : 20 * MS);
        after(20, flags);
        int fd = timerfd_create(CLOCK_MONOTONIC, 0);
        struct itimerspec v = { { 0, 0 }, span(60 * MS) };
        uint64_t n;
        timerfd_settime(fd, 0, &v, NULL);
        took("read of a timerfd", read(fd, &n, 8), restart ? 60 * MS : 20 * MS);
        sigset_t usr;
        sigemptyset(&usr);
        sigaddset(&usr, SIGUSR1);
        sigprocmask(SIG_BLOCK, &usr, NULL);
        t = span(60 * MS);
        after(20, flags);
        took("sigtimedwait", sigtimedwait(&usr, NULL, &t), 20 * MS);
        struct mq_attr a = { .mq_maxmsg = 2, .mq_msgsize = 8 };
        mqd_t q = mq_open("/timeouts", O_RDWR | O_CREAT, 0600, &a);
        char message[8];
        t = span(now(CLOCK_REALTIME) + 60 * MS);
        after(20, flags);
        took("mq_timedreceive", mq_timedreceive(q, message, 8, NULL, &t), restart ? 60 * MS : 20 * MS);
        mq_unlink("/timeouts");
        t = span(now(CLOCK_MONOTONIC) + 60 * MS);
        after(20, flags);
        took("clock_nanosleep until", syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL), 20 * MS);
        t = span(60 * MS);
        after(20, flags);
        took("clock_nanosleep for", syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &t, &left), 20 * MS);
        say("left %lld", about(left.tv_sec * SECOND + left.tv_nsec, 20 * MS) / MS);
        int pid = fork();
        if (pid == 0) {
            usleep(60000);
            _exit(0);
        }
        int status;
        after(20, flags);
        took("wait", waitpid(pid, &status, 0) > 0 ? 0 : -1, restart ? 60 * MS : 20 * MS);
        while (waitpid(-1, &status, 0) > 0) { }
    }
    say("caught %d", caught);
    return 0;
}

static int stopped(void)
{
    static const char *names[] = { "nanosleep", "poll", "epoll_wait", "futex", "clock_nanosleep", "sigtimedwait", "select" };
    for (int i = 0; i < 7; i++) {
        int pid = fork();
        if (pid == 0) {
            struct timespec t = span(100 * MS);
            struct timeval w = { 0, 100000 };
            struct epoll_event got;
            uint32_t word = 0;
            sigset_t usr;
            sigemptyset(&usr);
            sigaddset(&usr, SIGUSR1);
            long r = 0;
            begin();
            switch (i) {
            case 0: r = syscall(SYS_nanosleep, &t, NULL); break;
            case 1: r = poll(NULL, 0, 100); break;
            case 2: r = epoll_wait(epoll_create1(0), &got, 1, 100); break;
            case 3: r = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &t, NULL, 0); break;
            case 4: t = span(now(CLOCK_MONOTONIC) + 100 * MS), r = syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL); break;
            case 5: r = sigtimedwait(&usr, NULL, &t); break;
            case 6: r = syscall(SYS_select, 0, NULL, NULL, NULL, &w); break;
            }
            say("%s: %s after %lld", names[i], r < 0 ? error_name(errno) : r == 0 ? "0" : "more", about(now(CLOCK_MONOTONIC) - began, 20 * MS) / MS);
            _exit(0);
        }
        int status;
        usleep(20000);
        kill(pid, SIGSTOP);
        waitpid(pid, &status, WUNTRACED);
        usleep(20000);
        kill(pid, SIGCONT);
        waitpid(pid, &status, 0);
    }
    return 0;
}

int main(void)
{
    struct timespec t = { 2, 0 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    say("== files");
    in_child(files);
    say("== interrupted");
    in_child(interrupted);
    say("== stopped");
    in_child(stopped);
    return 0;
}
