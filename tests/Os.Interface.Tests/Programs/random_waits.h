// Random calls: futexes, waiting for files and signals, message queues.
static uint32_t *futexes = (uint32_t *)(plain + 12288);

static uint32_t any_word(void)
{
    static const uint32_t words[] = { 0, 0, 0, 1, 99999999, 0x80000000, 0x40000000, 0xffffffff };
    uint32_t self = syscall(SYS_gettid);
    return one_in(4) ? self | (one_in(2) ? 0x80000000 : 0) : PICK(words);
}

static const char *word_name(uint32_t w)
{
    static char text[20];
    uint32_t self = syscall(SYS_gettid);
    if ((w & 0x3fffffff) == self) return w == self ? "self" : "self|waiters";
    snprintf(text, sizeof text, "%x", w);
    return text;
}

static void *futex_place(void)
{
    if (one_in(10)) return place(&(uint32_t){ 0 }, 4);
    int i = below(3);
    tell(" word %d", i);
    return (char *)&futexes[i] + (one_in(15) ? 2 : 0);
}

static void futex_call(void)
{
    static const int operations[] = { 0, 0, 1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 9, 9, 10, 11, 12, 13, 13, 14, 15, 127 };
    int operation = PICK(operations);
    if (one_in(2)) operation |= 128;
    if (one_in(4)) operation |= 256;
    tell(" op %x", operation);
    if (one_in(3)) {
        futexes[below(3)] = any_word();
        tell(" words %s", word_name(futexes[0]));
        tell(",%s", word_name(futexes[1]));
        tell(",%s", word_name(futexes[2]));
    }
    uint32_t *a = futex_place(), value = one_in(2) ? 0 : any_word();
    tell(" value %s", word_name(value));
    struct timespec t = short_time();
    int command = operation & 127;
    // Requeueing and waking take a number where waiting takes a time.
    int number = command == 3 || command == 4 || command == 5 || command == 12;
    void *p = number ? (void *)(uintptr_t)(any_number() & 0xffffffff) : place(&t, sizeof t);
    // A wait without an end would not come back.
    if (p == NULL && !number) p = &t;
    uint32_t *b = futex_place();
    uint32_t third = one_in(2) ? 0xffffffff : one_in(2) ? 0 : (uint32_t)random64();
    tell(" %x", third);
    result("futex", syscall(SYS_futex, a, operation, value, p, b, third), 1, "");
}

static void futex_vector(void)
{
    struct { uint64_t value, address; uint32_t flags, reserved; } w[3] = { 0 };
    for (int i = 0; i < 3; i++) {
        static const uint32_t flags[] = { 2, 2, 2, 130, 130, 0, 1, 3, 4, 258 };
        w[i].value = one_in(2) ? 0 : any_word(), w[i].flags = PICK(flags), w[i].reserved = one_in(10);
        tell(" %s", word_name(w[i].value));
        tell(" flags %x", w[i].flags);
        w[i].address = (uintptr_t)futex_place();
    }
    unsigned n = one_in(4) ? (unsigned)any_number() : 1 + below(3), flags = one_in(8);
    if (n > 3 && n <= 128) n = 3;
    tell(" count %u", n);
    struct timespec t = short_time();
    void *list = place(w, sizeof w), *p = place(&t, sizeof t);
    if (p == NULL) p = &t;
    static const int clocks[] = { 0, 1, 1, 1, 2, 7, 11, -1 };
    int clock = PICK(clocks);
    tell(" clock %d flags %u", clock, flags);
    result("futex_waitv", syscall(449, list, n, flags, p, clock), 1, "");
}

static void poll_call(void)
{
    struct pollfd p[2] = { { descriptors[3], POLLIN, 0 }, { descriptors[4], POLLIN | POLLOUT, 0 } }, *q;
    tell(" fd %d,%d", p[0].fd, p[1].fd);
    uint64_t n = one_in(5) ? any_number() : below(3);
    if (n > 2 && n < 4096) n = 2;
    tell(" n %llx", (unsigned long long)n);
    q = place(p, sizeof p);
    long r;
    if (one_in(3)) r = syscall(SYS_poll, q, n, below(2));
    else {
        struct timespec t = short_time();
        void *timeout = place(&t, sizeof t);
        if (timeout == NULL) timeout = &t;
        uint64_t mask = 0, size = one_in(5) ? any_number() : 8;
        void *m = one_in(2) ? NULL : place(&mask, 8);
        // Signals that have come already would end the wait.
        if (is_plain(m)) memset(m, 0xff, 8);
        r = syscall(SYS_ppoll, q, n, timeout, m, size);
    }
    if (is_plain(q)) memcpy(p, q, sizeof p);
    result("poll", r, 1, " %x %x", p[0].revents, p[1].revents);
}

static void select_call(void)
{
    static const int counts[] = { 0, 1, 8, 64, 65, 1024, 1025, 100000, -1, 0x7fffffff };
    int n = PICK(counts);
    tell(" n %d", n);
    char set[256] = { 0 };
    for (int i = 3; i < 6; i++)
        if (descriptors[i] > 2 && one_in(2)) set[descriptors[i] / 8] |= 1 << descriptors[i] % 8, tell(" has %d", descriptors[i]);
    void *in = one_in(2) ? NULL : place(set, sizeof set), *out = one_in(3) ? place(set, sizeof set) : NULL, *other = one_in(4) ? place(set, sizeof set) : NULL;
    tell(" %s%s%s", in ? "in" : "", out ? "out" : "", other ? "other" : "");
    if (one_in(2)) {
        static const long long microseconds[] = { 0, 1, 999, -1, (long long)0x8000000000000000 };
        struct timeval v = { below(4) ? 0 : -1, PICK(microseconds) };
        tell(" %lld.%lld", (long long)v.tv_sec, (long long)v.tv_usec);
        void *p = place(&v, sizeof v);
        if (p == NULL) p = &v;
        result("select", syscall(SYS_select, n, in, out, other, p), 1, "");
        return;
    }
    struct timespec t = short_time();
    uint64_t all = ~0ull;
    struct { void *mask; uint64_t size; } pair = { one_in(2) ? NULL : place(&all, 8), one_in(5) ? any_number() : 8 };
    void *p = place(&t, sizeof t), *q = one_in(2) ? NULL : place(&pair, sizeof pair);
    if (p == NULL) p = &t;
    result("pselect6", syscall(SYS_pselect6, n, in, out, other, p, q), 1, "");
}

static void epoll_call(void)
{
    static const int limits[] = { 0, 1, 4, -1, 0x7fffffff, 178956971 };
    char events[128];
    int fd, other, operation;
    struct epoll_event e = { EPOLLIN, { .u64 = 5 } };
    switch (below(4)) {
    case 0: {
        int flags = one_in(2) ? 0 : (int)any_number();
        long r = one_in(2) ? syscall(SYS_epoll_create1, flags) : syscall(SYS_epoll_create, flags);
        keep(r);
        result("epoll_create", r, 0, "");
        return;
    }
    case 1:
        fd = any_descriptor(), other = any_descriptor(), operation = below(5);
        tell(" %d", operation);
        e.events = (uint32_t)random64() & ~(EPOLLOUT | EPOLLWAKEUP);
        if (one_in(2)) e.events &= ~EPOLLEXCLUSIVE;
        tell(" %x", e.events);
        result("epoll_ctl", syscall(SYS_epoll_ctl, fd, operation, other, place(&e, sizeof e)), 0, "");
        return;
    default:
        fd = any_descriptor(), operation = PICK(limits);
        tell(" %d", operation);
        struct timespec t = short_time();
        void *list = place(events, 64), *p = place(&t, sizeof t);
        if (p == NULL) p = &t;
        if (one_in(2)) result("epoll_pwait2", syscall(441, fd, list, operation, p, NULL, 8), 1, "");
        else result("epoll_wait", syscall(SYS_epoll_wait, fd, list, operation, below(2)), 1, "");
        return;
    }
}

static void signal_wait(void)
{
    uint64_t set = one_in(2) ? ~0ull : any_number(), size = one_in(6) ? any_number() : 8;
    siginfo_t info = { 0 }, *q;
    struct timespec t = short_time();
    void *p = place(&set, 8);
    q = one_in(3) ? NULL : place(&info, sizeof info);
    void *timeout = place(&t, sizeof t);
    if (timeout == NULL) timeout = &t;
    long r = syscall(SYS_rt_sigtimedwait, p, q, timeout, size);
    if (is_plain(q)) info = *q;
    result("rt_sigtimedwait", r, 1, " code %d value %d", info.si_code, info.si_value.sival_int);
}

static void signal_send(void)
{
    static const int signals[] = { 0, SIGUSR1, 34, 64, 65, -1, 32 }, codes[] = { SI_QUEUE, SI_USER, SI_TIMER, SI_TKILL, 1, -60 };
    int s = PICK(signals), self = syscall(SYS_getpid), to = one_in(2) ? self : one_in(2) ? 99999999 : one_in(2) ? 0x80000000 : -1;
    siginfo_t info = { .si_signo = below(4) ? s : s + 1, .si_code = PICK(codes) };
    info.si_value.sival_int = 5;
    tell(" %d to %s code %d signo %d", s, to == self ? "self" : to == -1 ? "-1" : "nobody", info.si_code, info.si_signo);
    switch (below(4)) {
    case 0:
        result("rt_sigqueueinfo", syscall(SYS_rt_sigqueueinfo, to, s, place(&info, 128)), 0, "");
        return;
    case 1:
        result("rt_tgsigqueueinfo", syscall(SYS_rt_tgsigqueueinfo, to, one_in(2) ? to : self, s, place(&info, 128)), 0, "");
        return;
    case 2: {
        int second = one_in(2) ? to : self;
        result("tgkill", syscall(SYS_tgkill, to, second, s), 0, "");
        return;
    }
    default:
        // Everybody is not asked.
        if (to == -1) to = self;
        result("tkill", syscall(SYS_tkill, to, s), 0, "");
        return;
    }
}

static void queue_open(void)
{
    static const char *names[] = { "q", "q", "q2", "", ".", "..", "/q", "a/b", "none" };
    static const long limits[] = { 1, 2, 10, 11, 0, -1, 65536, 65537, 0x7fffffffffffffff }, sizes[] = { 1, 8, 128, 8192, 8193, 0, -1, 16777216, 0x7fffffffffffffff };
    static const int flags[] = { O_RDWR | O_CREAT | O_NONBLOCK, O_RDWR | O_NONBLOCK, O_RDONLY | O_NONBLOCK, O_WRONLY | O_NONBLOCK | O_CREAT, O_RDWR | O_CREAT | O_EXCL | O_NONBLOCK, 3 | O_NONBLOCK, O_RDWR | O_CREAT | O_NONBLOCK | O_TRUNC | O_CLOEXEC };
    char name[300];
    strcpy(name, PICK(names));
    if (one_in(10)) memset(name, 'x', 256), name[254 + below(2)] = 0;
    tell(" '%.10s'", name);
    if (one_in(4)) {
        result("mq_unlink", syscall(SYS_mq_unlink, place(name, 300)), 0, "");
        return;
    }
    int f = PICK(flags);
    long attributes[8] = { 0, PICK(limits), PICK(sizes) };
    tell(" flags %x limit %ld size %ld", f, attributes[1], attributes[2]);
    void *a = one_in(2) ? NULL : place(attributes, sizeof attributes);
    tell(a ? "" : " default");
    long r = syscall(SYS_mq_open, place(name, 300), f, 0600, a);
    keep(r);
    result("mq_open", r, 0, "");
}

static void queue_use(void)
{
    static const unsigned lengths[] = { 0, 1, 8, 128, 8192, 8193, 0xffffffff };
    int fd = any_descriptor();
    unsigned length = PICK(lengths), priority = one_in(4) ? 32768 - below(2) : below(3);
    struct timespec t = short_time();
    struct sigevent e = { 0 };
    switch (below(4)) {
    case 0: {
        tell(" length %u priority %u", length, priority);
        void *m = one_in(8) ? place(plain, 8) : plain, *p = one_in(3) ? NULL : place(&t, sizeof t);
        result("mq_timedsend", syscall(SYS_mq_timedsend, fd, m, (uint64_t)length, priority, p), 1, "");
        return;
    }
    case 1: {
        tell(" length %u", length);
        void *m = one_in(8) ? place(plain, 8) : plain, *p = one_in(3) ? NULL : place(&t, sizeof t);
        unsigned *q = one_in(2) ? NULL : place(&priority, 4);
        result("mq_timedreceive", syscall(SYS_mq_timedreceive, fd, m, (uint64_t)length, q, p), 1, "");
        return;
    }
    case 2: {
        static const int kinds[] = { SIGEV_SIGNAL, SIGEV_NONE, 3, SIGEV_THREAD_ID };
        e.sigev_notify = PICK(kinds), e.sigev_signo = one_in(2) ? SIGUSR1 : (int)any_number();
        tell(" notify %d", e.sigev_notify);
        void *p = one_in(3) ? NULL : place(&e, sizeof e);
        tell(p ? "" : " none");
        result("mq_notify", syscall(SYS_mq_notify, fd, p), 0, "");
        return;
    }
    default: {
        long n[8] = { one_in(2) ? O_NONBLOCK : (long)any_number(), 5, 5, 5 }, o[8] = { 0 }, *q;
        void *p = one_in(2) ? NULL : place(n, sizeof n);
        q = one_in(3) ? NULL : place(o, sizeof o);
        tell(p ? "" : " none");
        long r = syscall(SYS_mq_getsetattr, fd, p, q);
        if (is_plain(q)) memcpy(o, q, sizeof o);
        if (p && r == 0) fcntl(fd, F_SETFL, O_NONBLOCK);
        result("mq_getsetattr", r, 0, " %lx %ld %ld %ld", o[0], o[1], o[2], o[3]);
        return;
    }
    }
}
