// Time namespace reference, section 5: timer_create and its family, timerfd, and epoll on them.
#include "report.h"

static const char *names[] = { "REALTIME", "MONOTONIC", "PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID", "MONOTONIC_RAW", "REALTIME_COARSE",
    "MONOTONIC_COARSE", "BOOTTIME", "REALTIME_ALARM", "BOOTTIME_ALARM", "SGI_CYCLE", "TAI", "12" };

static long create(int clock, void *event, int *id) { return syscall(SYS_timer_create, clock, event, id); }
static long arm(int id, int flags, void *value, void *old) { return syscall(SYS_timer_settime, id, flags, value, old); }

static volatile int caught, overrun, value, code, thread;
static void catch(int signal, siginfo_t *info, void *context)
{
    caught++;
    overrun = info->si_overrun;
    value = info->si_value.sival_int;
    code = info->si_code;
    thread = syscall(SYS_gettid);
}

static void install(int signal)
{
    struct sigaction a = { .sa_sigaction = catch, .sa_flags = SA_SIGINFO };
    sigaction(signal, &a, NULL);
}

static int errors(void)
{
    int id;
    for (int i = 0; i < 13; i++) {
        CALL(names[i], create(i, NULL, &id));
    }
    static const int odd[] = { -1, -2, -3, -4, -5, -6, 100 };
    for (int i = 0; i < 7; i++) {
        char text[30];
        snprintf(text, sizeof text, "clock %d", odd[i]);
        CALL(text, create(odd[i], NULL, &id));
    }
    struct sigevent e = { .sigev_notify = 9 };
    CALL("unknown notification", create(CLOCK_MONOTONIC, &e, &id));
    e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 0 };
    CALL("signal 0", create(CLOCK_MONOTONIC, &e, &id));
    e.sigev_signo = 65;
    CALL("signal 65", create(CLOCK_MONOTONIC, &e, &id));
    e.sigev_signo = 64;
    CALL("signal 64", create(CLOCK_MONOTONIC, &e, &id));
    e = (struct sigevent){ .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGUSR1 };
    e._sigev_un._tid = 30000;
    CALL("another thread", create(CLOCK_MONOTONIC, &e, &id));
    e = (struct sigevent){ .sigev_notify = SIGEV_NONE, .sigev_signo = 0 };
    CALL("none", create(CLOCK_MONOTONIC, &e, &id));
    CALL("event from a bad address", create(CLOCK_MONOTONIC, BAD, &id));
    CALL("event from a bad address for an unknown clock", create(12, BAD, &id));
    CALL("id to a bad address", create(CLOCK_MONOTONIC, NULL, BAD));
    struct itimerspec v = { { 0, 0 }, { 0, 1000000000 } };
    CALL("settime of nothing", arm(id, 0, NULL, NULL));
    CALL("settime from a bad address", arm(id, 0, BAD, NULL));
    CALL("settime of too many nanoseconds", arm(id, 0, &v, NULL));
    v = (struct itimerspec){ { -1, 0 }, { 0, 0 } };
    CALL("settime of a negative interval", arm(id, 0, &v, NULL));
    v = (struct itimerspec){ { 0, 0 }, { 100, 0 } };
    CALL("settime of an unknown timer", arm(777, 0, &v, NULL));
    CALL("settime with an unknown flag", arm(id, 8, &v, NULL));
    CALL("settime", arm(id, 0, &v, NULL));
    CALL("old value to a bad address", arm(id, 0, &v, BAD));
    CALL("gettime of an unknown timer", syscall(SYS_timer_gettime, 777, &v));
    CALL("gettime to a bad address", syscall(SYS_timer_gettime, id, BAD));
    CALL("getoverrun of an unknown timer", syscall(SYS_timer_getoverrun, 777));
    VALUE("getoverrun", syscall(SYS_timer_getoverrun, id));
    CALL("delete", syscall(SYS_timer_delete, id));
    CALL("delete again", syscall(SYS_timer_delete, id));
    CALL("delete of an unknown timer", syscall(SYS_timer_delete, 777));
    setresuid(1000, 1000, 1000);
    CALL("alarm clock by a user", create(CLOCK_BOOTTIME_ALARM, NULL, &id));
    return 0;
}

static int arming(void)
{
    int id;
    install(SIGALRM);
    struct itimerspec v = { { 0, 0 }, { 100, 0 } }, o;
    CALL("create", create(CLOCK_MONOTONIC, NULL, &id));
    CALL("arm", arm(id, 0, &v, NULL));
    syscall(SYS_timer_gettime, id, &o);
    say("left %ld", o.it_value.tv_sec);
    v = (struct itimerspec){ { 3, 5 }, { 50, 0 } };
    CALL("arm again", arm(id, 0, &v, &o));
    say("was %ld", o.it_value.tv_sec);
    syscall(SYS_timer_gettime, id, &o);
    say("interval %ld %ld", o.it_interval.tv_sec, o.it_interval.tv_nsec);
    v = (struct itimerspec){ { 7, 0 }, { 0, 0 } };
    CALL("disarm", arm(id, TIMER_ABSTIME, &v, &o));
    say("was %ld, interval %ld", o.it_value.tv_sec, o.it_interval.tv_sec);
    syscall(SYS_timer_gettime, id, &o);
    say("left %ld %ld, interval %ld", o.it_value.tv_sec, o.it_value.tv_nsec, o.it_interval.tv_sec);
    v = (struct itimerspec){ { 0, 0 }, { 0, 1 } };
    CALL("in the past", arm(id, TIMER_ABSTIME, &v, NULL));
    while (!caught) usleep(1000);
    say("code %d id %d overrun %d", code, value == id, overrun);
    syscall(SYS_timer_gettime, id, &o);
    say("left %ld %ld", o.it_value.tv_sec, o.it_value.tv_nsec);
    struct sigevent e = { .sigev_notify = SIGEV_NONE };
    CALL("create without notification", create(CLOCK_MONOTONIC, &e, &id));
    v = (struct itimerspec){ { 0, 0 }, { 0, 20 * MS } };
    CALL("arm", arm(id, 0, &v, NULL));
    usleep(50000);
    syscall(SYS_timer_gettime, id, &o);
    say("left %ld %ld", o.it_value.tv_sec, o.it_value.tv_nsec);
    v = (struct itimerspec){ { 0, 40 * MS }, { 0, 20 * MS } };
    CALL("arm periodic", arm(id, 0, &v, NULL));
    usleep(50000);
    syscall(SYS_timer_gettime, id, &o);
    TRUTH("counts to the next", o.it_value.tv_nsec > 0 && o.it_value.tv_nsec <= 40 * MS);
    int pid = fork();
    if (pid == 0) {
        CALL("not inherited", syscall(SYS_timer_gettime, id, &o));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static void *idle(void *argument)
{
    *(volatile int *)argument = syscall(SYS_gettid);
    usleep(100000);
    return NULL;
}

static int notifying(void)
{
    int id;
    volatile int tid = 0;
    install(SIGUSR1);
    install(SIGRTMIN);
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 4711 };
    struct itimerspec v = { { 0, 10 * MS }, { 0, 10 * MS } };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CALL("create", create(CLOCK_MONOTONIC, &e, &id));
    CALL("arm", arm(id, 0, &v, NULL));
    usleep(105000);
    VALUE("overrun before delivery", syscall(SYS_timer_getoverrun, id));
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    say("caught %d value %d code %d overrun %d", caught, value, code, overrun);
    TRUTH("getoverrun is the delivered one", syscall(SYS_timer_getoverrun, id) == overrun);
    sigprocmask(SIG_BLOCK, &set, NULL);
    usleep(35000);
    siginfo_t info;
    struct timespec t = span(0);
    VALUE("sigtimedwait", syscall(SYS_rt_sigtimedwait, &set, &info, &t, 8) == SIGUSR1);
    say("overrun %d id %d", info.si_overrun, info.si_timerid == id);
    usleep(35000);
    v = (struct itimerspec){ { 0, 0 }, { 0, 0 } };
    CALL("disarm with a signal pending", arm(id, 0, &v, NULL));
    sigset_t pending;
    sigpending(&pending);
    TRUTH("still pending", sigismember(&pending, SIGUSR1));
    caught = 0;
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    say("caught %d overrun %d", caught, overrun);
    CALL("delete", syscall(SYS_timer_delete, id));
    pthread_t thread_handle;
    pthread_create(&thread_handle, NULL, idle, (void *)&tid);
    while (!tid) usleep(1000);
    e = (struct sigevent){ .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGRTMIN, .sigev_value.sival_int = 5 };
    e._sigev_un._tid = tid;
    CALL("create for a thread", create(CLOCK_MONOTONIC, &e, &id));
    v = (struct itimerspec){ { 0, 0 }, { 0, 10 * MS } };
    caught = 0;
    CALL("arm", arm(id, 0, &v, NULL));
    pthread_join(thread_handle, NULL);
    say("caught %d in the thread %d", caught, thread == tid);
    CALL("arm after the thread's end", arm(id, 0, &v, NULL));
    usleep(30000);
    say("caught %d", caught);
    signal(SIGUSR1, SIG_IGN);
    e = (struct sigevent){ .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    create(CLOCK_MONOTONIC, &e, &id);
    v = (struct itimerspec){ { 0, 10 * MS }, { 0, 10 * MS } };
    arm(id, 0, &v, NULL);
    usleep(35000);
    caught = 0;
    install(SIGUSR1);
    usleep(30000);
    TRUTH("an ignored signal comes once it is handled", caught >= 1);
    return 0;
}

static int descriptors(void)
{
    for (int i = 0; i < 13; i++) CALL(names[i], syscall(SYS_timerfd_create, i, 0));
    CALL("unknown flags", syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 1));
    int fd = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    uint64_t n = 0;
    struct itimerspec v = { { 0, 0 }, { 0, 20 * MS } }, o;
    CALL("read of a disarmed one", read(fd, &n, 8));
    CALL("short read", read(fd, &n, 7));
    CALL("write", write(fd, &n, 8));
    CALL("settime of another file", timerfd_settime(1, 0, &v, NULL));
    CALL("settime of a bad descriptor", timerfd_settime(-1, 0, &v, NULL));
    CALL("settime with unknown flags", timerfd_settime(fd, 4, &v, NULL));
    CALL("settime from a bad address", timerfd_settime(fd, 0, BAD, NULL));
    v.it_value.tv_nsec = -1;
    CALL("settime of a bad time", timerfd_settime(fd, 0, &v, NULL));
    CALL("settime of a bad time to a bad descriptor", timerfd_settime(-1, 0, &v, NULL));
    v.it_value.tv_nsec = 20 * MS;
    CALL("old value to a bad address", timerfd_settime(fd, 0, &v, BAD));
    CALL("gettime of a bad descriptor", timerfd_gettime(-1, &o));
    CALL("gettime of another file", timerfd_gettime(0, &o));
    CALL("gettime to a bad address", timerfd_gettime(fd, BAD));
    struct pollfd p = { fd, POLLIN, 0 };
    VALUE("poll", poll(&p, 1, 1000));
    VALUE("read", read(fd, &n, 8));
    say("ticks %lu", (unsigned long)n);
    CALL("read again", read(fd, &n, 8));
    v = (struct itimerspec){ { 0, 20 * MS }, { 0, 20 * MS } };
    CALL("periodic", timerfd_settime(fd, 0, &v, NULL));
    usleep(130000);
    VALUE("read", read(fd, &n, 8));
    TRUTH("six ticks", n >= 6 && n <= 7);
    usleep(30000);
    CALL("gettime", timerfd_gettime(fd, &o));
    TRUTH("counts to the next", o.it_value.tv_nsec > 0 && o.it_value.tv_nsec <= 20 * MS && o.it_interval.tv_nsec == 20 * MS);
    VALUE("read", read(fd, &n, 8));
    v = (struct itimerspec){ { 1, 0 }, { 0, 0 } };
    CALL("disarm", timerfd_settime(fd, 0, &v, &o));
    CALL("gettime", timerfd_gettime(fd, &o));
    say("left %ld %ld interval %ld", o.it_value.tv_sec, o.it_value.tv_nsec, o.it_interval.tv_sec);
    v = (struct itimerspec){ { 0, 0 }, { 0, 1 } };
    CALL("in the past", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
    VALUE("poll", poll(&p, 1, 1000));
    VALUE("read to a bad address", read(fd, BAD, 8));
    CALL("read after that", read(fd, &n, 8));
    CALL("cancel on set of a monotonic clock", timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &v, NULL));
    return 0;
}

static int cancelling(void)
{
    int fd = syscall(SYS_timerfd_create, CLOCK_REALTIME, TFD_NONBLOCK);
    uint64_t n;
    struct timespec t;
    struct itimerspec v = { { 0, 0 }, span(now(CLOCK_REALTIME) + 1000 * SECOND) };
    struct pollfd p = { fd, POLLIN, 0 };
    CALL("arm", timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &v, NULL));
    t = span(now(CLOCK_REALTIME) + 10 * SECOND);
    CALL("set the clock", clock_settime(CLOCK_REALTIME, &t));
    VALUE("poll", poll(&p, 1, 100));
    VALUE("read", read(fd, &n, 8));
    CALL("read again", read(fd, &n, 8));
    VALUE("poll again", poll(&p, 1, 10));
    t = span(now(CLOCK_REALTIME) + 10 * SECOND);
    CALL("set the clock again", clock_settime(CLOCK_REALTIME, &t));
    v.it_value = span(now(CLOCK_REALTIME) + 1000 * SECOND);
    CALL("arm without having read", timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &v, NULL));
    CALL("read", read(fd, &n, 8));
    v.it_value = span(1000 * SECOND);
    CALL("arm relative", timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &v, NULL));
    t = span(now(CLOCK_REALTIME) + 10 * SECOND);
    CALL("set the clock", clock_settime(CLOCK_REALTIME, &t));
    CALL("read", read(fd, &n, 8));
    v.it_value = span(now(CLOCK_REALTIME) + 100 * SECOND);
    CALL("arm absolute", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
    t = span(now(CLOCK_REALTIME) + 200 * SECOND);
    CALL("set the clock beyond", clock_settime(CLOCK_REALTIME, &t));
    VALUE("poll", poll(&p, 1, 100));
    VALUE("read", read(fd, &n, 8));
    say("ticks %lu", (unsigned long)n);
    v.it_value = span(50 * MS);
    CALL("arm relative", timerfd_settime(fd, 0, &v, NULL));
    t = span(now(CLOCK_REALTIME) - 400 * SECOND);
    CALL("set the clock back", clock_settime(CLOCK_REALTIME, &t));
    VALUE("poll", poll(&p, 1, 1000));
    return 0;
}

static int in_namespace(void)
{
    syscall(SYS_unshare, CLONE_NEWTIME);
    write_text("/proc/self/timens_offsets", "monotonic 864000 0\nboottime 1728000 0");
    int pid = fork();
    if (pid == 0) {
        install(SIGALRM);
        for (int i = 0; i < 3; i++) {
            int clock = i == 0 ? CLOCK_MONOTONIC : i == 1 ? CLOCK_BOOTTIME : CLOCK_BOOTTIME_ALARM, id;
            int fd = syscall(SYS_timerfd_create, clock, 0);
            uint64_t n;
            long long begin = now(CLOCK_MONOTONIC);
            struct itimerspec v = { { 0, 0 }, span(now(clock) + 50 * MS) }, o;
            CALL("timerfd", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
            timerfd_gettime(fd, &o);
            TRUTH("remaining", o.it_value.tv_sec == 0 && o.it_value.tv_nsec > 0);
            VALUE("read", read(fd, &n, 8));
            say("took %lld", about(now(CLOCK_MONOTONIC) - begin, 50 * MS) / MS);
            v.it_value = (struct timespec){ 0, 1 };
            CALL("timerfd before the namespace", timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL));
            VALUE("read", read(fd, &n, 8));
            CALL("create", create(clock, NULL, &id));
            v.it_value = span(now(clock) + 50 * MS);
            begin = now(CLOCK_MONOTONIC);
            caught = 0;
            CALL("timer", arm(id, TIMER_ABSTIME, &v, NULL));
            while (!caught) usleep(1000);
            say("took %lld", about(now(CLOCK_MONOTONIC) - begin, 50 * MS) / MS);
            v.it_value = (struct timespec){ 0, 1 };
            caught = 0;
            CALL("timer before the namespace", arm(id, TIMER_ABSTIME, &v, NULL));
            for (int k = 0; k < 100 && !caught; k++) usleep(1000);
            say("caught %d", caught);
        }
        int initial = open("/proc/1/ns/time", O_RDONLY);
        int fd = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
        struct itimerspec v = { { 0, 0 }, span(now(CLOCK_MONOTONIC) + 50 * MS) };
        uint64_t n;
        timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL);
        CALL("setns", syscall(SYS_setns, initial, CLONE_NEWTIME));
        VALUE("an armed timer keeps its end", read(fd, &n, 8));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int waits(void)
{
    int e = epoll_create1(EPOLL_CLOEXEC), p[2];
    struct epoll_event v = { .events = EPOLLIN | EPOLLET, .data.u64 = 42 }, got[4];
    if (pipe(p)) return 1;
    CALL("add", epoll_ctl(e, EPOLL_CTL_ADD, p[0], &v));
    CALL("add again", epoll_ctl(e, EPOLL_CTL_ADD, p[0], &v));
    CALL("add of itself", epoll_ctl(e, EPOLL_CTL_ADD, e, &v));
    CALL("add of a bad descriptor", epoll_ctl(e, EPOLL_CTL_ADD, 99, &v));
    CALL("add to another file", epoll_ctl(p[0], EPOLL_CTL_ADD, p[1], &v));
    CALL("modify of what is not there", epoll_ctl(e, EPOLL_CTL_MOD, p[1], &v));
    CALL("delete of what is not there", epoll_ctl(e, EPOLL_CTL_DEL, p[1], &v));
    CALL("unknown operation", epoll_ctl(e, 9, p[0], &v));
    CALL("wait for none", epoll_wait(e, got, 0, 0));
    CALL("wait at another file", epoll_wait(p[0], got, 1, 0));
    VALUE("nothing", epoll_wait(e, got, 4, 0));
    if (write(p[1], "ab", 2) != 2) return 1;
    VALUE("edge", epoll_wait(e, got, 4, 0));
    say("data %lu events %x", (unsigned long)got[0].data.u64, got[0].events);
    VALUE("no second edge", epoll_wait(e, got, 4, 10));
    char c;
    if (read(p[0], &c, 1) != 1) return 1;
    VALUE("reading is no edge", epoll_wait(e, got, 4, 10));
    if (write(p[1], "c", 1) != 1) return 1;
    VALUE("a new edge", epoll_wait(e, got, 4, 10));
    CALL("modify", epoll_ctl(e, EPOLL_CTL_MOD, p[0], &v));
    VALUE("modifying looks anew", epoll_wait(e, got, 4, 10));
    v.events = EPOLLIN;
    epoll_ctl(e, EPOLL_CTL_MOD, p[0], &v);
    VALUE("level", epoll_wait(e, got, 4, 10));
    VALUE("level again", epoll_wait(e, got, 4, 10));
    v.events = EPOLLIN | EPOLLONESHOT;
    epoll_ctl(e, EPOLL_CTL_MOD, p[0], &v);
    VALUE("one shot", epoll_wait(e, got, 4, 10));
    VALUE("no second shot", epoll_wait(e, got, 4, 10));
    close(p[1]);
    v.events = EPOLLIN | EPOLLET;
    epoll_ctl(e, EPOLL_CTL_MOD, p[0], &v);
    VALUE("hung up", epoll_wait(e, got, 4, 10));
    say("events %x", got[0].events);
    VALUE("only once", epoll_wait(e, got, 4, 10));
    CALL("delete", epoll_ctl(e, EPOLL_CTL_DEL, p[0], NULL));
    int fd = syscall(SYS_timerfd_create, CLOCK_MONOTONIC, 0);
    epoll_ctl(e, EPOLL_CTL_ADD, fd, &v);
    struct itimerspec t = { { 0, 20 * MS }, { 0, 20 * MS } };
    timerfd_settime(fd, 0, &t, NULL);
    VALUE("timer's edge", epoll_wait(e, got, 4, 1000));
    VALUE("unread, a periodic timer makes no more", epoll_wait(e, got, 4, 50));
    uint64_t n;
    if (read(fd, &n, 8) != 8) return 1;
    VALUE("after a read it does", epoll_wait(e, got, 4, 1000));
    long long begin = now(CLOCK_MONOTONIC);
    close(fd);
    VALUE("time out", epoll_wait(e, got, 4, 50));
    say("took %lld", about(now(CLOCK_MONOTONIC) - begin, 50 * MS) / MS);
    struct timespec two = span(50 * MS);
    begin = now(CLOCK_MONOTONIC);
    VALUE("epoll_pwait2", syscall(441, e, got, 4, &two, NULL, 8));
    say("took %lld", about(now(CLOCK_MONOTONIC) - begin, 50 * MS) / MS);
    begin = now(CLOCK_MONOTONIC);
    VALUE("poll", poll(NULL, 0, 50));
    VALUE("ppoll", ppoll(NULL, 0, &two, NULL));
    struct timeval v2 = { 0, 50000 };
    VALUE("select", select(0, NULL, NULL, NULL, &v2));
    say("left %ld", v2.tv_usec);
    VALUE("pselect", pselect(0, NULL, NULL, NULL, &two, NULL));
    say("took %lld", about(now(CLOCK_MONOTONIC) - begin, 50 * MS) / MS);
    two = (struct timespec){ 0, -1 };
    CALL("ppoll bad time", syscall(SYS_ppoll, NULL, 0, &two, NULL, 8));
    CALL("pselect bad time", syscall(SYS_pselect6, 0, NULL, NULL, NULL, &two, NULL));
    CALL("ppoll from a bad address", syscall(SYS_ppoll, NULL, 0, BAD, NULL, 8));
    CALL("select from a bad address", syscall(SYS_select, 0, NULL, NULL, NULL, BAD));
    CALL("select of negative", syscall(SYS_select, -1, NULL, NULL, NULL, &v2));
    v2 = (struct timeval){ -1, 0 };
    CALL("select bad time", syscall(SYS_select, 0, NULL, NULL, NULL, &v2));
    CALL("epoll_pwait with a mask of a wrong size", syscall(SYS_epoll_pwait, e, got, 4, 0, &two, 7));
    return 0;
}

static void show(const char *what, int fd)
{
    char path[40], text[400], *line, *rest = text;
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    read_text(path, text, sizeof text);
    say("%s", what);
    while ((line = strsep(&rest, "\n")) && *line) {
        unsigned long long s, ns;
        // Numbers of mounts and inodes are each kernel's own; what is left differs by how long the calls take.
        if (!strncmp(line, "mnt_id:", 7) || !strncmp(line, "ino:", 4)) continue;
        if (sscanf(line, "it_value: (%llu, %llu)", &s, &ns) == 2) say("it_value: %llu", (s * SECOND + ns + SECOND / 2) / SECOND);
        else say("%s", line);
    }
}

static int information(void)
{
    struct itimerspec v = { { 7, 8 }, { 3000, 0 } };
    int t = timerfd_create(CLOCK_REALTIME, TFD_CLOEXEC | TFD_NONBLOCK);
    show("new", t);
    timerfd_settime(t, 0, &v, NULL);
    show("relative", t);
    v.it_value = span(now(CLOCK_REALTIME) + 5000 * SECOND);
    timerfd_settime(t, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &v, NULL);
    show("absolute, cancelled on set", t);
    v.it_value = span(1);
    timerfd_settime(t, TFD_TIMER_ABSTIME, &v, NULL);
    struct pollfd p = { t, POLLIN, 0 };
    poll(&p, 1, 1000);
    show("expired", t);
    int file = open("/proc/self/fdinfo/1", O_RDONLY);
    char c[4];
    read(file, c, 4);
    show("a file", file);
    CALL("info of nothing", open("/proc/self/fdinfo/99", O_RDONLY));
    CALL("to write", open("/proc/self/fdinfo/1", O_WRONLY));
    return 0;
}

int main(void)
{
    say("== errors");
    in_child(errors);
    say("== arming");
    in_child(arming);
    say("== notifying");
    in_child(notifying);
    say("== descriptors");
    in_child(descriptors);
    say("== cancelling");
    in_child(cancelling);
    say("== in a namespace");
    in_child(in_namespace);
    say("== information");
    in_child(information);
    say("== waits");
    in_child(waits);
    return 0;
}
