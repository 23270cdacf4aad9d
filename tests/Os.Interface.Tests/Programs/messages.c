// Time namespace reference, section 5: the timeouts of POSIX message queues are times of CLOCK_REALTIME, which no namespace moves; and the
// rest of mq_overview(7). System calls are made directly, so that names have no leading '/'.
#include "report.h"
#include <mqueue.h>
#include <sys/resource.h>

static int q_open(const char *name, int flags, int mode, struct mq_attr *a) { return syscall(SYS_mq_open, name, flags, mode, a); }
static int q_unlink(const char *name) { return syscall(SYS_mq_unlink, name); }
static long q_send(int q, const void *text, size_t n, unsigned priority, struct timespec *t) { return syscall(SYS_mq_timedsend, q, text, n, priority, t); }
static long q_receive(int q, void *text, size_t n, unsigned *priority, struct timespec *t) { return syscall(SYS_mq_timedreceive, q, text, n, priority, t); }
static int q_attributes(int q, struct mq_attr *new, struct mq_attr *old) { return syscall(SYS_mq_getsetattr, q, new, old); }
static int q_notify(int q, struct sigevent *e) { return syscall(SYS_mq_notify, q, e); }
static struct timespec in(long long nanoseconds) { return span(now(CLOCK_REALTIME) + nanoseconds); }
static char text[10000];

static void names(void)
{
    char longest[300];
    memset(longest, 'n', sizeof longest);
    longest[255] = 0;
    CALL("missing", q_open("a", O_RDWR, 0, NULL));
    CALL("empty name", q_open("", O_RDWR | O_CREAT, 0600, NULL));
    CALL("bad name", q_open(BAD, O_RDWR | O_CREAT, 0600, NULL));
    CALL("slash", q_open("/a", O_RDWR | O_CREAT, 0600, NULL));
    CALL("slash inside", q_open("a/b", O_RDWR | O_CREAT, 0600, NULL));
    CALL("dot", q_open(".", O_RDWR, 0600, NULL));
    CALL("dots", q_open("..", O_RDWR | O_CREAT, 0600, NULL));
    CALL("255 characters", q_open(longest, O_RDWR | O_CREAT, 0600, NULL));
    CALL("unlink of these", q_unlink(longest));
    longest[255] = 'n';
    longest[256] = 0;
    CALL("256 characters", q_open(longest, O_RDWR | O_CREAT, 0600, NULL));
    CALL("bad attributes of a bad name", q_open(BAD, O_RDWR | O_CREAT, 0600, BAD));
    CALL("bad attributes", q_open("a", O_RDWR | O_CREAT, 0600, BAD));
    CALL("bad attributes unused", q_open("a", O_RDWR, 0600, BAD));
    CALL("unlink nothing", q_unlink("a"));
    CALL("unlink slash", q_unlink("/a"));
    CALL("unlink empty", q_unlink(""));
    CALL("unlink bad", q_unlink(BAD));
}

static void creation(void)
{
    struct mq_attr a = { 0 };
    struct stat s;
    CALL("no messages", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a.mq_maxmsg = 1;
    CALL("no bytes", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a.mq_msgsize = -1;
    CALL("negative", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a = (struct mq_attr){ .mq_maxmsg = 65537, .mq_msgsize = 1 };
    CALL("too many messages", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a = (struct mq_attr){ .mq_maxmsg = 1, .mq_msgsize = (16 << 20) + 1 };
    CALL("too large messages", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a = (struct mq_attr){ .mq_maxmsg = 100, .mq_msgsize = 8192 };
    CALL("more than RLIMIT_MSGQUEUE", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    a = (struct mq_attr){ .mq_maxmsg = 100, .mq_msgsize = 8096 };
    CALL("exactly RLIMIT_MSGQUEUE", q_open("a", O_RDWR | O_CREAT, 0600, &a));
    CALL("one more", q_open("b", O_RDWR | O_CREAT, 0600, NULL));
    CALL("unlink", q_unlink("a"));
    CALL("still open", q_open("b", O_RDWR | O_CREAT, 0600, NULL));
    for (int fd = 3; fd < 20; fd++) close(fd);
    umask(027);
    int q = q_open("a", O_RDWR | O_CREAT | O_NONBLOCK, 0666, NULL);
    fstat(q, &s);
    say("mode %o size %ld flags %x close on exec %d", s.st_mode, (long)s.st_size, fcntl(q, F_GETFL), fcntl(q, F_GETFD));
    umask(022);
    q_attributes(q, NULL, &a);
    say("default %ld %ld %ld %ld", a.mq_flags, a.mq_maxmsg, a.mq_msgsize, a.mq_curmsgs);
    CALL("exclusive", q_open("a", O_RDWR | O_CREAT | O_EXCL, 0600, NULL));
    CALL("access mode 3", q_open("a", 3, 0, NULL));
    CALL("read and write", q_open("a", O_RDWR | O_CREAT, 0600, &(struct mq_attr){ .mq_maxmsg = -1 }));
    CALL("write", write(q, text, 1));
    CALL("lseek", lseek(q, 0, SEEK_CUR));
    CALL("unlink a", q_unlink("a"));
    close(q);
    close(q + 1);
}

static void transfer(void)
{
    struct mq_attr a = { .mq_maxmsg = 3, .mq_msgsize = 8 }, old;
    unsigned priority = 0;
    int q = q_open("t", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a), r = q_open("t", O_RDONLY, 0, NULL), w = q_open("t", O_WRONLY, 0, NULL);
    struct timespec bad = { 0, SECOND }, negative = { -1, 0 };
    CALL("send to nothing", q_send(99, "x", 1, 0, NULL));
    CALL("send to a terminal", q_send(1, "x", 1, 0, NULL));
    CALL("send by a reader", q_send(r, "x", 1, 0, NULL));
    CALL("receive by a writer", q_receive(w, text, 8, NULL, NULL));
    CALL("too long", q_send(q, "123456789", 9, 0, NULL));
    CALL("priority", q_send(99, "x", 1, 32768, NULL));
    CALL("timeout before priority", q_send(99, "x", 1, 32768, BAD));
    CALL("invalid timeout", q_send(99, "x", 1, 0, &bad));
    CALL("negative timeout", q_send(99, "x", 1, 0, &negative));
    CALL("bad text", q_send(q, BAD, 1, 0, NULL));
    CALL("too long before bad text", q_send(q, BAD, 9, 0, NULL));
    CALL("receive from empty", q_receive(q, text, 8, NULL, NULL));
    CALL("short buffer", q_receive(q, text, 7, NULL, NULL));
    CALL("empty message", q_send(q, BAD, 0, 32767, NULL));
    VALUE("receive it", q_receive(q, BAD, 8, &priority, NULL));
    say("priority %u", priority);
    q_send(q, "low1", 4, 1, NULL);
    q_send(q, "high", 4, 5, NULL);
    q_send(q, "low2", 4, 1, NULL);
    CALL("full", q_send(q, "more", 4, 0, NULL));
    CALL("full and too long", q_send(q, "123456789", 9, 0, NULL));
    q_attributes(q, NULL, &old);
    say("three: %ld %ld %ld %ld", old.mq_flags, old.mq_maxmsg, old.mq_msgsize, old.mq_curmsgs);
    struct pollfd p[2] = { { q, POLLIN | POLLOUT, 0 }, { w, POLLIN | POLLOUT, 0 } };
    VALUE("poll", poll(p, 2, 0));
    say("full: %x %x", p[0].revents, p[1].revents);
    for (int i = 0; i < 3; i++) {
        long n = q_receive(q, text, 100, &priority, NULL);
        say("%ld bytes %.4s priority %u", n, text, priority);
    }
    VALUE("poll", poll(p, 1, 0));
    say("empty: %x", p[0].revents);
    q_send(q, "lost", 4, 1, NULL);
    CALL("bad buffer", q_receive(q, BAD, 8, NULL, NULL));
    CALL("the message is gone", q_receive(q, text, 8, NULL, NULL));
    q_send(q, "lost", 4, 1, NULL);
    CALL("bad priority", q_receive(q, text, 8, BAD, NULL));
    CALL("bad old attributes", q_attributes(q, NULL, BAD));
    CALL("bad new attributes", q_attributes(99, BAD, NULL));
    a.mq_flags = 1;
    CALL("flags", q_attributes(99, &a, NULL));
    a = (struct mq_attr){ .mq_maxmsg = 77 };
    CALL("attributes of nothing", q_attributes(99, &a, NULL));
    CALL("attributes of a terminal", q_attributes(1, NULL, &old));
    CALL("blocking", q_attributes(q, &a, &old));
    say("before: %lx, now flags %x", old.mq_flags, fcntl(q, F_GETFL));
    CALL("nothing to do", q_attributes(q, NULL, NULL));
    char line[100];
    q_send(q, "abc", 3, 1, NULL);
    long n = pread(q, line, sizeof line, 0);
    say("%ld: %.*s", n, (int)n - 1, line);
    q_unlink("t");
    close(q);
    close(r);
    close(w);
}

static int waited;
static int receiver(void)
{
    unsigned priority;
    struct timespec t = in(2 * SECOND);
    long n = q_receive(waited, text, 8, &priority, &t);
    say("child has %ld bytes, priority %u", n, priority);
    return 3;
}

static void nothing(int signal) { }

static void timeouts(void)
{
    struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 8 };
    struct timespec t;
    int q = waited = q_open("w", O_RDWR | O_CREAT, 0600, &a);
    long long start = now(CLOCK_MONOTONIC);
    t = in(50 * MS);
    CALL("receive in 50 ms", q_receive(q, text, 8, NULL, &t));
    say("took %lld ms", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS);
    t = in(-50 * MS);
    start = now(CLOCK_MONOTONIC);
    CALL("receive in the past", q_receive(q, text, 8, NULL, &t));
    say("took %lld ms", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS);
    t = (struct timespec){ 0, 0 };
    CALL("send with a deadline in the past", q_send(q, "one", 3, 0, &t));
    start = now(CLOCK_MONOTONIC);
    t = in(30 * MS);
    CALL("send in 30 ms", q_send(q, "two", 3, 0, &t));
    say("took %lld ms", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS);
    VALUE("receive with a deadline in the past", q_receive(q, text, 8, NULL, &(struct timespec){ 0, 0 }));

    int pid = fork();
    if (pid == 0) _exit(receiver());
    usleep(30000);
    CALL("send to who waits", q_send(q, "hello", 5, 9, NULL));
    int status;
    waitpid(pid, &status, 0);
    say("child %d", WEXITSTATUS(status));

    q_send(q, "first", 5, 1, NULL);
    pid = fork();
    if (pid == 0) _exit(q_send(q, "second", 6, 2, NULL) ? 1 : 0);
    usleep(30000);
    VALUE("makes room", q_receive(q, text, 8, NULL, NULL));
    waitpid(pid, &status, 0);
    say("sender %d", WEXITSTATUS(status));
    VALUE("what it sent", q_receive(q, text, 8, NULL, NULL));

    struct sigaction act = { .sa_handler = nothing };
    sigaction(SIGALRM, &act, NULL);
    ualarm(30000, 0);
    CALL("interrupted", q_receive(q, text, 8, NULL, NULL));
    act.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &act, NULL);
    ualarm(30000, 0);
    t = in(60 * MS);
    start = now(CLOCK_MONOTONIC);
    CALL("restarted", q_receive(q, text, 8, NULL, &t));
    say("took %lld ms", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS);

    // The step wakes who waits for the wall clock.
    pid = fork();
    if (pid == 0) {
        usleep(30000);
        t = in(100 * SECOND);
        _exit(clock_settime(CLOCK_REALTIME, &t));
    }
    t = in(50 * SECOND);
    start = now(CLOCK_MONOTONIC);
    CALL("receive until the clock is set", q_receive(q, text, 8, NULL, &t));
    say("took %lld s", about(now(CLOCK_MONOTONIC) - start, SECOND) / SECOND);
    waitpid(pid, &status, 0);
    q_unlink("w");
    close(q);
}

static int in_namespace(void)
{
    struct mq_attr a = { .mq_maxmsg = 1, .mq_msgsize = 8 };
    int q = q_open("n", O_RDWR | O_CREAT, 0600, &a);
    struct timespec t = in(40 * MS);
    long long start = now(CLOCK_MONOTONIC);
    CALL("in a namespace", q_receive(q, text, 8, NULL, &t));
    say("took %lld ms, days %lld", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS, now(CLOCK_MONOTONIC) / SECOND / 86400);
    q_unlink("n");
    return 0;
}

static int namespaced(void)
{
    syscall(SYS_unshare, CLONE_NEWTIME);
    write_text("/proc/self/timens_offsets", "monotonic 864000 0");
    return in_child(in_namespace);
}

static void notification(void)
{
    struct mq_attr a = { .mq_maxmsg = 4, .mq_msgsize = 8 };
    int q = q_open("s", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &a);
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_ptr = (void *)0x123456789abc };
    struct sigevent other = { .sigev_notify = 9 }, number = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = 65 }, thread = { .sigev_notify = SIGEV_THREAD };
    sigset_t set;
    siginfo_t info;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct timespec soon = { 0, 20 * MS };
    CALL("bad event", q_notify(99, BAD));
    CALL("unknown kind", q_notify(99, &other));
    CALL("signal 65", q_notify(99, &number));
    CALL("of nothing", q_notify(99, &e));
    CALL("of a terminal", q_notify(1, &e));
    thread.sigev_value.sival_ptr = text;
    thread.sigev_signo = 99;
    CALL("thread without a socket", q_notify(q, &thread));
    thread.sigev_signo = 1;
    CALL("thread with a terminal", q_notify(q, &thread));
    thread.sigev_value.sival_ptr = BAD;
    CALL("thread with a bad cookie", q_notify(q, &thread));
    CALL("nothing to remove", q_notify(q, NULL));
    CALL("set", q_notify(q, &e));
    CALL("set again", q_notify(q, &e));
    char line[100];
    long n = pread(q, line, sizeof line, 0);
    line[n - 1] = 0;
    say("own %d: %.*s", atoi(strrchr(line, ':') + 1) == getpid(), (int)(strrchr(line, ':') - line), line);
    CALL("send", q_send(q, "one", 3, 0, NULL));
    VALUE("signal", sigtimedwait(&set, &info, &soon));
    say("code %d value %p sender %d", info.si_code, info.si_value.sival_ptr, info.si_pid == getpid());
    CALL("set once more", q_notify(q, &e));
    CALL("send to a queue that is not empty", q_send(q, "two", 3, 0, NULL));
    VALUE("no signal", sigtimedwait(&set, &info, &soon));
    q_receive(q, text, 8, NULL, NULL);
    q_receive(q, text, 8, NULL, NULL);
    int pid = fork(), status;
    if (pid == 0) {
        CALL("another process", q_notify(q, &e));
        CALL("it cannot remove", q_notify(q, NULL));
        CALL("still", q_notify(q, &e));
        _exit(q_send(q, "three", 5, 0, NULL));
    }
    waitpid(pid, &status, 0);
    VALUE("signal of another", sigtimedwait(&set, &info, &soon));
    say("sender %d", info.si_pid == pid);
    q_receive(q, text, 8, NULL, NULL);
    CALL("set", q_notify(q, &e));
    close(dup(q));
    CALL("closing any descriptor removes it", q_notify(q, &e));
    e.sigev_notify = SIGEV_NONE;
    CALL("removed", q_notify(q, NULL));
    CALL("none", q_notify(q, &e));
    CALL("none is one", q_notify(q, &e));
    q_unlink("s");
    close(q);
}

static int unprivileged(void)
{
    struct mq_attr a = { .mq_maxmsg = 11, .mq_msgsize = 8 };
    int q = q_open("o", O_RDWR | O_CREAT, 0600, NULL);
    CALL("setuid", setuid(1000));
    CALL("another's", q_open("o", O_RDONLY, 0, NULL));
    CALL("unlink another's", q_unlink("o"));
    CALL("11 messages", q_open("u", O_RDWR | O_CREAT, 0600, &a));
    a = (struct mq_attr){ .mq_maxmsg = 10, .mq_msgsize = 8193 };
    CALL("8193 bytes", q_open("u", O_RDWR | O_CREAT, 0600, &a));
    a.mq_msgsize = 8192;
    CALL("within limits", q_open("u", O_RDWR | O_CREAT, 0600, &a));
    CALL("unlink", q_unlink("u"));
    return 0;
}

static void limits(void)
{
    static const char *files[] = { "queues_max", "msg_max", "msgsize_max", "msg_default", "msgsize_default" };
    char path[80], value[20];
    for (int i = 0; i < 5; i++) {
        snprintf(path, sizeof path, "/proc/sys/fs/mqueue/%s", files[i]);
        read_text(path, value, sizeof value);
        say("%s %d", files[i], atoi(value));
    }
    CALL("msg_max 0", write_text("/proc/sys/fs/mqueue/msg_max", "0\n"));
    CALL("msg_max 65537", write_text("/proc/sys/fs/mqueue/msg_max", "65537\n"));
    CALL("msgsize_max 127", write_text("/proc/sys/fs/mqueue/msgsize_max", "127\n"));
    CALL("msg_max 12", write_text("/proc/sys/fs/mqueue/msg_max", "12\n"));
    in_child(unprivileged);
    CALL("unlink", q_unlink("o"));
    write_text("/proc/sys/fs/mqueue/msg_max", "10\n");
}

int main(void)
{
    struct rlimit limit = { 819200, 819200 };
    setrlimit(RLIMIT_MSGQUEUE, &limit);
    names();
    creation();
    transfer();
    timeouts();
    say("namespace %d", in_child(namespaced));
    notification();
    limits();
    return 0;
}
