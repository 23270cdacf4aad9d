// Random calls: clocks, sleeps and timers.
static int timer_ids[4] = { 0, 1, 77, -1 };
static int timer_kinds;
static int descriptors[6] = { -1, 1, 99, -1, -1, -1 };

static int any_timer(void)
{
    int id = PICK(timer_ids);
    tell(" id %d", id);
    return id;
}

static int any_descriptor(void)
{
    unsigned i = below(COUNT(descriptors));
    tell(" fd %d", descriptors[i]);
    return descriptors[i];
}

// Keeps a descriptor for later calls.
static void keep(int fd)
{
    if (fd < 0) return;
    unsigned i = 3 + below(3);
    if (descriptors[i] > 2) close(descriptors[i]);
    descriptors[i] = fd;
}

static void clock_read(void)
{
    int clock = any_clock();
    struct timespec t = { 77, 77 };
    void *p = place(&t, sizeof t);
    result("clock_gettime", syscall(SYS_clock_gettime, clock, p), 0, "");
}

static void clock_resolution(void)
{
    int clock = any_clock();
    struct timespec t = { 77, 77 };
    struct timespec *p = place(&t, sizeof t);
    long r = syscall(SYS_clock_getres, clock, p);
    if (is_plain(p)) t = *p;
    result("clock_getres", r, 0, " %ld.%ld", t.tv_sec, t.tv_nsec);
}

static void clock_set(void)
{
    int clock = any_clock();
    struct timespec t = any_time(clock == 0 || clock == 11 ? clock : -1);
    void *p = place(&t, sizeof t);
    result("clock_settime", syscall(SYS_clock_settime, clock, p), 0, "");
}

static void clock_adjust(void)
{
    static const uint64_t modes[] = { ADJ_OFFSET, ADJ_FREQUENCY, ADJ_MAXERROR, ADJ_ESTERROR, ADJ_STATUS, ADJ_TIMECONST, ADJ_TAI, ADJ_SETOFFSET, ADJ_MICRO, ADJ_NANO, ADJ_TICK };
    static const unsigned single[] = { 0x8001, 0xa001, 0x8000, 0xa000, 0x8003, 0xc001 };
    static const long long values[] = { 0, 0, 1, -1, 37, 10, 500, 100000, 10001, 9000, 11000, 8999, 11001, 500000001, -600000, 32768000, 0x7fffffffffffffff, (long long)0x8000000000000000, 140739635838000, 140739635839000, -140739635839000 };
    struct timex x = { 0 };
    x.modes = one_in(5) ? PICK(single) : one_in(3) ? 1u << below(16) : some_of(modes, COUNT(modes));
    x.offset = PICK(values), x.freq = PICK(values), x.maxerror = PICK(values), x.esterror = PICK(values), x.constant = PICK(values), x.tick = one_in(2) ? 10000 : PICK(values);
    x.status = one_in(3) ? 1 << below(16) : below(4) ? 0 : random64();
    x.time.tv_sec = one_in(3) ? PICK(values) : below(3) - 1, x.time.tv_usec = PICK(values);
    tell(" modes %x offset %lld freq %lld maxerror %lld constant %lld tick %lld status %x time %lld.%lld", x.modes, (long long)x.offset, (long long)x.freq, (long long)x.maxerror,
        (long long)x.constant, (long long)x.tick, x.status, (long long)x.time.tv_sec, (long long)x.time.tv_usec);
    struct timex *p = place(&x, sizeof x);
    long r;
    if (one_in(3)) {
        int clock = any_clock();
        r = syscall(SYS_clock_adjtime, clock, p);
    } else r = syscall(SYS_adjtimex, p);
    if (is_plain(p)) x = *p;
    result("adjtimex", r, 1, " tick %ld freq %ld constant %ld tai %d status %x precision %ld tolerance %ld", x.tick, x.freq, x.constant, x.tai, x.status, x.precision, x.tolerance);
    // The next scenarios begin with the clock as it was.
    x = (struct timex){ .modes = ADJ_STATUS | ADJ_FREQUENCY | ADJ_TICK | ADJ_TIMECONST | ADJ_MICRO, .status = STA_UNSYNC, .tick = 10000, .constant = 2 };
    syscall(SYS_adjtimex, &x);
    x = (struct timex){ .modes = ADJ_TAI };
    syscall(SYS_adjtimex, &x);
}

static void day_set(void)
{
    static const long long seconds[] = { 0, -1, 1700000000, 0x7fffffffffffffff, 9223372036 }, microseconds[] = { 0, 0, 1, 999999, 1000000, -1 };
    static const int minutes[] = { 0, 60, 900, 901, -900, -901, 0x7fffffff };
    struct timeval v = { PICK(seconds), PICK(microseconds) };
    struct timezone z = { PICK(minutes), below(3) };
    tell(" %lld.%lld zone %d", (long long)v.tv_sec, (long long)v.tv_usec, z.tz_minuteswest);
    void *p = one_in(3) ? NULL : place(&v, sizeof v), *q = one_in(2) ? NULL : place(&z, sizeof z);
    tell(!p ? " no time" : "");
    tell(!q ? " no zone" : "");
    result("settimeofday", syscall(SYS_settimeofday, p, q), 0, "");
}

static void day_get(void)
{
    struct timeval v = { 0 };
    struct timezone z = { 77, 77 }, *q;
    void *p = one_in(3) ? NULL : place(&v, sizeof v);
    q = one_in(2) ? NULL : place(&z, sizeof z);
    tell(!p ? " no time" : "");
    tell(!q ? " no zone" : "");
    long r = syscall(SYS_gettimeofday, p, q);
    if (is_plain(q)) z = *q;
    result("gettimeofday", r, 0, " zone %d %d", z.tz_minuteswest, z.tz_dsttime);
}

static void clock_sleep(void)
{
    int clock = any_clock(), flags = one_in(2) ? TIMER_ABSTIME : one_in(2) ? 0 : (int)any_number();
    tell(" flags %x", flags);
    // Sleeping on a CPU clock of another thread could take for ever.
    struct timespec t = short_time(), left = { 77, 77 };
    if (clock == 2 || clock < 0) t.tv_nsec = -1;
    void *p = place(&t, sizeof t), *q = one_in(2) ? NULL : place(&left, sizeof left);
    result("clock_nanosleep", syscall(SYS_clock_nanosleep, clock, flags, p, q), 1, "");
}

static void plain_sleep(void)
{
    struct timespec t = short_time();
    void *p = place(&t, sizeof t), *q = one_in(2) ? NULL : place(&t, sizeof t);
    result("nanosleep", syscall(SYS_nanosleep, p, q), 1, "");
}

static void timer_make(void)
{
    static const int kinds[] = { SIGEV_SIGNAL, SIGEV_SIGNAL, SIGEV_NONE, SIGEV_NONE, SIGEV_THREAD, SIGEV_THREAD_ID, SIGEV_THREAD_ID, 3, 5, -1, 8 };
    static const int signals[] = { SIGALRM, SIGUSR1, 34, 64, 65, 0, -1, SIGKILL, SIGSTOP, 128 };
    int clock = any_clock(), id = -5;
    struct sigevent e = { 0 };
    e.sigev_notify = PICK(kinds), e.sigev_signo = PICK(signals), e.sigev_value.sival_int = 4711;
    e._sigev_un._tid = one_in(2) ? syscall(SYS_gettid) : one_in(2) ? 1 : below(3) ? 0 : -1;
    if (clock == 2 || clock == 3) e.sigev_notify = SIGEV_NONE;
    tell(" notify %d signal %d thread %s", e.sigev_notify, e.sigev_signo, e._sigev_un._tid == syscall(SYS_gettid) ? "self" : e._sigev_un._tid == 1 ? "1" : "none");
    void *p = one_in(4) ? NULL : place(&e, sizeof e);
    if (!p) tell(" default");
    int *q = place(&id, sizeof id);
    long r = syscall(SYS_timer_create, clock, p, q);
    if (r >= 0 && is_plain(q)) timer_ids[below(4)] = id = *q;
    result("timer_create", r, 0, " id %d", id);
}

/* Sets a timer, of POSIX or of a descriptor, by the call that both have in common. */
static void set_timer(long call, const char *name, int which, int f)
{
    tell(" flags %x", f);
    struct itimerspec v, o = { { 77, 77 }, { 77, 77 } }, *q;
    v.it_value = any_time(one_in(2) ? CLOCK_MONOTONIC : CLOCK_REALTIME);
    v.it_interval = any_interval();
    void *p = place(&v, sizeof v);
    q = one_in(2) ? NULL : place(&o, sizeof o);
    long r = syscall(call, which, f, p, q);
    if (is_plain(q)) o = *q;
    result(name, r, 0, " old %lld every %ld.%ld", hundreds(o.it_value), o.it_interval.tv_sec, o.it_interval.tv_nsec);
}

static void get_timer(long call, const char *name, int which)
{
    struct itimerspec o = { { 77, 77 }, { 77, 77 } }, *q = place(&o, sizeof o);
    long r = syscall(call, which, q);
    if (is_plain(q)) o = *q;
    result(name, r, 0, " %lld every %ld.%ld", hundreds(o.it_value), o.it_interval.tv_sec, o.it_interval.tv_nsec);
}

static void timer_arm(void)
{
    static const int flags[] = { 0, TIMER_ABSTIME, TIMER_ABSTIME, 2, 3, -1 };
    int id = any_timer(), f = PICK(flags);
    set_timer(SYS_timer_settime, "timer_settime", id, f);
}

static void timer_ask(void)
{
    get_timer(SYS_timer_gettime, "timer_gettime", any_timer());
}

static void timer_count(void)
{
    int id = any_timer();
    result("timer_getoverrun", syscall(SYS_timer_getoverrun, id), 1, "");
}

static void timer_remove(void)
{
    int id = any_timer();
    result("timer_delete", syscall(SYS_timer_delete, id), 0, "");
}

static void timerfd_make(void)
{
    int clock = any_clock(), flags = one_in(3) ? TFD_NONBLOCK : one_in(3) ? (int)any_number() : TFD_NONBLOCK | TFD_CLOEXEC;
    tell(" flags %x", flags);
    long r = syscall(SYS_timerfd_create, clock, flags);
    if (r >= 0) fcntl(r, F_SETFL, O_NONBLOCK);
    keep(r);
    result("timerfd_create", r, 0, "");
}

static void timerfd_arm(void)
{
    static const int flags[] = { 0, TFD_TIMER_ABSTIME, TFD_TIMER_ABSTIME, TFD_TIMER_CANCEL_ON_SET, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, 4, -1 };
    int fd = any_descriptor(), f = PICK(flags);
    set_timer(SYS_timerfd_settime, "timerfd_settime", fd, f);
}

static void timerfd_ask(void)
{
    get_timer(SYS_timerfd_gettime, "timerfd_gettime", any_descriptor());
}

static void timerfd_tick(void)
{
    static const uint64_t ticks[] = { 0, 1, 5, ~0ull };
    int fd = any_descriptor();
    uint64_t n = PICK(ticks);
    tell(" %llx", (unsigned long long)n);
    void *p = place(&n, 8);
    result("TFD_IOC_SET_TICKS", ioctl(fd, 0x40085400, p), 1, "");
}

static struct timeval any_timeval(void)
{
    static const long long seconds[] = { 0, 0, 1000, 100000, -1, 0x7fffffffffffffff, 9223372036 }, microseconds[] = { 0, 0, 1, 999999, 1000000, -1 };
    struct timeval v = { PICK(seconds), PICK(microseconds) };
    tell(" %lld.%lld", (long long)v.tv_sec, (long long)v.tv_usec);
    return v;
}

static void interval_arm(void)
{
    static const int all[] = { ITIMER_REAL, ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, 3, -1 };
    int which = PICK(all);
    tell(" %d", which);
    struct itimerval v, o = { { 77, 77 }, { 77, 77 } }, *q;
    v.it_value = any_timeval();
    v.it_interval = any_timeval();
    // Those of CPU clocks end at a tick, whenever that is.
    if (which != ITIMER_REAL && v.it_value.tv_sec == 0) v.it_value.tv_sec = 1000;
    if (v.it_interval.tv_sec == 0) v.it_interval.tv_usec = 0;
    void *p = one_in(5) ? NULL : place(&v, sizeof v);
    tell(p ? "" : " none");
    q = one_in(2) ? NULL : place(&o, sizeof o);
    long r = syscall(SYS_setitimer, which, p, q);
    if (is_plain(q)) o = *q;
    result("setitimer", r, 0, " old %lld every %ld.%ld", hundreds((struct timespec){ o.it_value.tv_sec }), o.it_interval.tv_sec, o.it_interval.tv_usec);
}

static void interval_ask(void)
{
    static const int all[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF, 3, -1 };
    int which = PICK(all);
    tell(" %d", which);
    struct itimerval o = { { 77, 77 }, { 77, 77 } }, *q = place(&o, sizeof o);
    long r = syscall(SYS_getitimer, which, q);
    if (is_plain(q)) o = *q;
    result("getitimer", r, 0, " %lld every %ld.%ld", hundreds((struct timespec){ o.it_value.tv_sec }), o.it_interval.tv_sec, o.it_interval.tv_usec);
}

static void alarm_arm(void)
{
    static const unsigned seconds[] = { 0, 1000, 100000, 0x7fffffff, 0x80000000, 0xffffffff };
    unsigned s = PICK(seconds);
    tell(" %u", s);
    result("alarm", (syscall(SYS_alarm, s) + 50) / 100 * 100, 1, "");
}

static void totals(void)
{
    char bytes[160] = { 0 };
    switch (below(4)) {
    case 0:
        result("sysinfo", syscall(SYS_sysinfo, place(bytes, 112)), 0, "");
        break;
    case 1:
        result("times", syscall(SYS_times, place(bytes, 32)), 0, "");
        break;
    case 2: {
        int who = below(4) - 2;
        tell(" %d", who);
        result("getrusage", syscall(SYS_getrusage, who, place(bytes, 144)), 0, "");
        break;
    }
    default:
        result("time", syscall(SYS_time, place(bytes, 8)), 0, "");
        break;
    }
}
