// Time namespace reference, sections 2 and 5: entering the namespaces of a process by its descriptor, waiting for several words with the
// namespace's clock, and memory barriers.
#include "report.h"
#include <linux/futex.h>
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x1000
#endif
#ifndef CLONE_DETACHED
#define CLONE_DETACHED 0x400000
#endif
#ifndef P_PIDFD
#define P_PIDFD 3
#endif

static ino_t number(const char *path)
{
    struct stat s;
    return stat(path, &s) ? 0 : s.st_ino;
}

static ino_t own(void) { return number("/proc/self/ns/time"); }
static int open_process(int pid, unsigned flags) { return syscall(SYS_pidfd_open, pid, flags); }

static void *lingering(void *argument)
{
    *(volatile int *)argument = syscall(SYS_gettid);
    usleep(100000);
    return NULL;
}

static int descriptors(void)
{
    volatile int tid = 0;
    pthread_t t;
    CALL("flags", open_process(getpid(), 1));
    CALL("process 0", open_process(0, 0));
    CALL("negative process", open_process(-1, 0));
    CALL("nobody", open_process(30000, 0));
    pthread_create(&t, NULL, lingering, (void *)&tid);
    while (!tid) usleep(1000);
    CALL("a thread", open_process(tid, 0));
    pthread_join(t, NULL);
    int pid = fork();
    if (pid == 0) {
        usleep(50000);
        _exit(7);
    }
    int fd = open_process(pid, 0), impatient = open_process(pid, O_NONBLOCK);
    char c, link[60];
    say("close on exec %d, flags %x, %x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL), fcntl(impatient, F_GETFL));
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    char name[60] = "";
    readlink(link, name, sizeof name - 1);
    say("named %s", name);
    CALL("read", read(fd, &c, 1));
    CALL("write", write(fd, &c, 1));
    struct pollfd p = { fd, POLLIN, 0 };
    VALUE("poll while it runs", poll(&p, 1, 0));
    siginfo_t info = { 0 };
    CALL("impatient waitid", syscall(SYS_waitid, P_PIDFD, impatient, &info, WEXITED, NULL));
    VALUE("poll", poll(&p, 1, 1000));
    say("events %x", p.revents);
    CALL("open of a zombie", open_process(pid, 0));
    CALL("waitid of a bad descriptor", syscall(SYS_waitid, P_PIDFD, 99, &info, WEXITED, NULL));
    CALL("waitid of another file", syscall(SYS_waitid, P_PIDFD, 1, &info, WEXITED, NULL));
    CALL("waitid", syscall(SYS_waitid, P_PIDFD, fd, &info, WEXITED, NULL));
    say("status %d, its own %d", info.si_status, info.si_pid == pid);
    VALUE("poll when it is gone", poll(&p, 1, 0));
    CALL("waitid again", syscall(SYS_waitid, P_PIDFD, fd, &info, WEXITED, NULL));
    CALL("open of nobody", open_process(pid, 0));
    return 0;
}

static int send_signal(int fd, int number, siginfo_t *info, unsigned flags) { return syscall(SYS_pidfd_send_signal, fd, number, info, flags); }

// struct clone_args of Linux 5.5: flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls.
static long clone_with(uint64_t flags, void *fd, void *parent_tid)
{
    uint64_t a[8] = { flags, (uint64_t)fd, 0, (uint64_t)parent_tid, SIGCHLD };
    return syscall(SYS_clone3, a, sizeof a);
}

static int signals(void)
{
    int fd = -1, status;
    sigset_t set;
    siginfo_t info = { 0 };
    struct timespec soon = { 0, 20 * MS };
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CALL("clone, two results in one place", syscall(SYS_clone, CLONE_PIDFD | CLONE_PARENT_SETTID | SIGCHLD, 0, &fd, 0, 0));
    CALL("clone of a thread", syscall(SYS_clone, CLONE_PIDFD | CLONE_VM | CLONE_SIGHAND | CLONE_THREAD, 0, &fd, 0, 0));
    CALL("clone detached", syscall(SYS_clone, CLONE_PIDFD | CLONE_DETACHED, 0, &fd, 0, 0));
    CALL("clone, bad address", syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, BAD, 0, 0));
    CALL("clone3 detached", clone_with(CLONE_DETACHED, NULL, NULL));
    CALL("clone3, bad address", clone_with(CLONE_PIDFD, BAD, NULL));
    CALL("clone3, two results in one place", clone_with(CLONE_PIDFD | CLONE_PARENT_SETTID, &fd, &fd));
    CALL("no child is left", waitpid(-1, &status, __WALL));
    int again = dup(1);
    close(again);

    int pid = clone_with(CLONE_PIDFD, &fd, NULL);
    if (pid == 0) {
        int n = sigwaitinfo(&set, &info);
        _exit(n == SIGUSR1 && info.si_code == SI_USER && info.si_pid == getppid() ? 5 : 6);
    }
    char text[100] = "", path[40];
    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", fd);
    read_text(path, text, sizeof text);
    int shown = -2, inner = -2;
    char *at = strstr(text, "\nPid:"), *in = strstr(text, "\nNSpid:");
    if (at) sscanf(at, "\nPid:\t%d", &shown);
    if (in) sscanf(in, "\nNSpid:\t%d", &inner);
    say("close on exec %d, lowest %d, flags %x, shown %d %d", fcntl(fd, F_GETFD), fd == again, fcntl(fd, F_GETFL), shown == pid, inner == pid);
    CALL("flags", send_signal(99, 0, NULL, 1));
    CALL("bad descriptor", send_signal(99, SIGUSR1, NULL, 0));
    CALL("another file", send_signal(1, SIGUSR1, NULL, 0));
    CALL("bad information", send_signal(fd, SIGUSR1, BAD, 0));
    info.si_signo = SIGUSR2;
    CALL("another number", send_signal(fd, SIGUSR1, &info, 0));
    info.si_signo = SIGUSR1;
    CALL("as if by kill", send_signal(fd, SIGUSR1, &info, 0));
    info.si_code = SI_TKILL;
    CALL("as if by tkill", send_signal(fd, SIGUSR1, &info, 0));
    CALL("signal 65", send_signal(fd, 65, NULL, 0));
    CALL("signal -1", send_signal(fd, -1, NULL, 0));
    CALL("signal 0", send_signal(fd, 0, NULL, 0));
    CALL("a signal", send_signal(fd, SIGUSR1, NULL, 0));
    struct pollfd p = { fd, POLLIN, 0 };
    VALUE("it ends", poll(&p, 1, 1000));
    CALL("to a zombie", send_signal(fd, SIGUSR1, NULL, 0));
    waitpid(pid, &status, 0);
    say("status %d", WEXITSTATUS(status));
    CALL("to nobody", send_signal(fd, SIGUSR1, NULL, 0));
    read_text(path, text, sizeof text);
    say("shown %s", strstr(text, "\nPid:\t-1") ? "-1" : "a number");
    close(fd);

    int self = open_process(getpid(), 0);
    info = (siginfo_t){ .si_signo = SIGUSR1, .si_code = SI_TIMER };
    info.si_value.sival_int = 77;
    CALL("to itself", send_signal(self, SIGUSR1, &info, 0));
    VALUE("taken", sigtimedwait(&set, &info, &soon));
    say("code %d value %d", info.si_code, info.si_value.sival_int);
    pid = syscall(SYS_clone, CLONE_PIDFD | SIGCHLD, 0, &fd, 0, 0);
    if (pid == 0) _exit(4);
    say("clone: waitid %d", (int)syscall(SYS_waitid, P_PIDFD, fd, &info, WEXITED, NULL));
    say("status %d, its own %d", info.si_status, info.si_pid == pid);
    close(fd);
    close(self);
    return 0;
}

// A child in a namespace of its own, 5000 s ahead; it says where it is, and ends when its pipe does.
static int ready[2], go[2];
static int ahead(void)
{
    char c;
    if (pipe(ready) || pipe(go)) return -1;
    int pid = fork();
    if (pid == 0) {
        syscall(SYS_unshare, CLONE_NEWTIME);
        write_text("/proc/self/timens_offsets", "monotonic 5000 0");
        int inner = fork();
        if (inner == 0) {
            int self = getpid();
            close(go[1]);
            if (write(ready[1], &self, sizeof self) != sizeof self || read(go[0], &c, 1) < 0) _exit(1);
            _exit(0);
        }
        close(go[1]);
        waitpid(inner, NULL, 0);
        _exit(0);
    }
    return pid;
}

static int entering(void)
{
    int inner = 0, outer = ahead();
    if (read(ready[0], &inner, sizeof inner) != sizeof inner) return 1;
    int fd = open_process(inner, 0), parent = open_process(outer, 0), self = open_process(getpid(), 0);
    long long before = now(CLOCK_MONOTONIC);
    ino_t first = own();
    CALL("setns without flags", syscall(SYS_setns, fd, 0));
    CALL("setns with an unknown flag", syscall(SYS_setns, fd, CLONE_NEWTIME | 1));
    CALL("setns with CLONE_VM", syscall(SYS_setns, fd, CLONE_VM));
    CALL("setns into one's own user namespace", syscall(SYS_setns, fd, CLONE_NEWUSER | CLONE_NEWTIME));
    TRUTH("nothing changed", own() == first);
    CALL("setns to oneself", syscall(SYS_setns, self, CLONE_NEWTIME));
    CALL("setns to the parent", syscall(SYS_setns, parent, CLONE_NEWTIME));
    TRUTH("which is in the first", own() == first);
    volatile int tid = 0;
    pthread_t t;
    pthread_create(&t, NULL, lingering, (void *)&tid);
    while (!tid) usleep(1000);
    CALL("setns with a second thread", syscall(SYS_setns, fd, CLONE_NEWTIME));
    pthread_join(t, NULL);
    CALL("setns", syscall(SYS_setns, fd, CLONE_NEWTIME));
    TRUTH("in another", own() != first && number("/proc/self/ns/time_for_children") == own());
    say("ahead by %lld", about(now(CLOCK_MONOTONIC) - before, 1000 * SECOND) / SECOND);
    struct timespec l;
    clock_gettime(CLOCK_MONOTONIC, &l);
    say("with the library's function by %lld", about(l.tv_sec * SECOND - before, 1000 * SECOND) / SECOND);
    close(go[1]);
    struct pollfd p = { fd, POLLIN, 0 };
    VALUE("poll", poll(&p, 1, 2000));
    CALL("setns to one that has ended", syscall(SYS_setns, fd, CLONE_NEWTIME));
    waitpid(outer, NULL, 0);
    CALL("setns to one that is gone", syscall(SYS_setns, parent, CLONE_NEWTIME));
    return 0;
}

static int users(void)
{
    int fd = open_process(getppid(), 0), down[2], up[2];
    char c;
    if (pipe(down) || pipe(up)) return 1;
    int pid = fork();
    if (pid == 0) {
        CALL("unshare", syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWTIME));
        VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 9000 0"));
        if (fork() == 0) {
            CALL("up and back", syscall(SYS_setns, fd, CLONE_NEWTIME));
            if (write(up[1], (int[]){ getpid() }, 4) != 4 || read(down[0], &c, 1) != 1) _exit(1);
            _exit(0);
        }
        wait(NULL);
        _exit(0);
    }
    int below;
    if (read(up[0], &below, 4) != 4) return 1;
    int child = open_process(below, 0);
    long long before = now(CLOCK_MONOTONIC);
    if (fork() == 0) {
        setresuid(1000, 1000, 1000);
        CALL("by a user", syscall(SYS_setns, child, CLONE_NEWTIME));
        _exit(0);
    }
    wait(NULL);
    if (fork() == 0) {
        CALL("time alone", syscall(SYS_setns, child, CLONE_NEWTIME));
        say("ahead by %lld", about(now(CLOCK_MONOTONIC) - before, 1000 * SECOND) / SECOND);
        _exit(0);
    }
    wait(NULL);
    ino_t user = number("/proc/self/ns/user");
    CALL("user and time", syscall(SYS_setns, child, CLONE_NEWUSER | CLONE_NEWTIME));
    say("ahead by %lld", about(now(CLOCK_MONOTONIC) - before, 1000 * SECOND) / SECOND);
    TRUTH("in the other user namespace", number("/proc/self/ns/user") != user);
    if (write(down[1], "x", 1) != 1) return 1;
    return 0;
}

struct waitv { uint64_t value, address; uint32_t flags, reserved; };
static volatile unsigned words[200];
static long waitv(struct waitv *w, unsigned n, unsigned flags, void *timeout, int clock) { return syscall(449, w, n, flags, timeout, clock); }

static void *waker(void *argument)
{
    usleep(50000);
    long index = (long)argument;
    words[index] = 1;
    VALUE("wake", syscall(SYS_futex, &words[index], FUTEX_WAKE | 128, 10, NULL, NULL, 0));
    return NULL;
}

static void took(long long since) { say("took %lld", about(now(CLOCK_MONOTONIC) - since, 50 * MS) / MS); }
static volatile int alarms;
static void count(int signal) { alarms++; }

static int several(void)
{
    struct waitv w[130];
    struct timespec t;
    pthread_t thread;
    for (int i = 0; i < 130; i++) w[i] = (struct waitv){ 0, (uintptr_t)&words[i], 2 | 128, 0 };
    CALL("flags", waitv(w, 2, 1, NULL, 0));
    CALL("none", waitv(w, 0, 0, NULL, 0));
    CALL("too many", waitv(w, 129, 0, NULL, 0));
    CALL("no address", waitv(NULL, 1, 0, NULL, 0));
    CALL("bad address", waitv(BAD, 1, 0, NULL, 0));
    t = span(now(CLOCK_MONOTONIC) + 50 * MS);
    CALL("unknown clock", waitv(w, 2, 0, &t, CLOCK_BOOTTIME));
    CALL("timeout from a bad address", waitv(w, 2, 0, BAD, CLOCK_MONOTONIC));
    t.tv_nsec = 1000000000;
    CALL("bad timeout", waitv(w, 2, 0, &t, CLOCK_MONOTONIC));
    CALL("unknown clock without a timeout", ({ words[0] = 1; waitv(w, 2, 0, NULL, 77); }));
    words[0] = 0;
    w[1].reserved = 1;
    CALL("reserved", waitv(w, 2, 0, NULL, 0));
    w[1].reserved = 0;
    w[1].flags = 128;
    CALL("no size", waitv(w, 2, 0, NULL, 0));
    w[1].flags = 2 | 4;
    CALL("unknown size", waitv(w, 2, 0, NULL, 0));
    w[1].flags = 2 | 128;
    w[1].address++;
    CALL("odd address", waitv(w, 2, 0, NULL, 0));
    w[1].address = 8;
    CALL("bad word", waitv(w, 2, 0, NULL, 0));
    w[1].address = (uintptr_t)&words[1];
    w[1].value = 5;
    CALL("another value", waitv(w, 2, 0, NULL, 0));
    w[1].value = 0;
    for (int i = 0; i < 2; i++) {
        int clock = i ? CLOCK_REALTIME : CLOCK_MONOTONIC;
        long long begin = now(CLOCK_MONOTONIC);
        t = span(now(clock) + 50 * MS);
        CALL("timeout", waitv(w, 128, 0, &t, clock));
        took(begin);
    }
    t = (struct timespec){ 0, 0 };
    CALL("over", waitv(w, 2, 0, &t, CLOCK_MONOTONIC));
    t = (struct timespec){ 1, 0 };
    CALL("before the namespace began", waitv(w, 2, 0, &t, CLOCK_MONOTONIC));
    pthread_create(&thread, NULL, waker, (void *)3L);
    VALUE("woken", waitv(w, 10, 0, NULL, 0));
    pthread_join(thread, NULL);
    words[3] = 0;
    w[5].flags = 2;
    pthread_create(&thread, NULL, waker, (void *)0L);
    t = span(now(CLOCK_MONOTONIC) + 2 * SECOND);
    VALUE("woken in time", waitv(w, 10, 0, &t, CLOCK_MONOTONIC));
    pthread_join(thread, NULL);
    words[0] = 0;
    struct sigaction a = { .sa_handler = count };
    struct itimerval v = { { 0, 0 }, { 0, 50000 } };
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &v, NULL);
    CALL("interrupted", waitv(w, 10, 0, NULL, 0));
    a.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &v, NULL);
    long long begin = now(CLOCK_MONOTONIC);
    t = span(now(CLOCK_MONOTONIC) + 150 * MS);
    CALL("restarted", waitv(w, 10, 0, &t, CLOCK_MONOTONIC));
    took(begin);
    say("alarms %d", alarms);
    return 0;
}

static int several_in_namespace(void)
{
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 864000 0"));
    return in_child(several);
}

static int barrier(int command, unsigned flags) { return syscall(SYS_membarrier, command, flags, 0); }
static int registered(void)
{
    CALL("in a child", barrier(8, 0));
    return 0;
}

static int barriers(void)
{
    VALUE("query without the sequences' barriers", barrier(0, 0) & 0x7f);
    CALL("query with flags", barrier(0, 1));
    CALL("unknown", barrier(3, 0));
    CALL("unknown", barrier(1 << 20, 0));
    CALL("global", barrier(1, 0));
    CALL("global with flags", barrier(1, 1));
    CALL("global expedited", barrier(2, 0));
    CALL("register for it", barrier(4, 0));
    CALL("private, unregistered", barrier(8, 0));
    CALL("private with flags", barrier(8, 1));
    CALL("register", barrier(16, 0));
    CALL("private", barrier(8, 0));
    CALL("serialising, unregistered", barrier(32, 0));
    CALL("register", barrier(64, 0));
    CALL("serialising", barrier(32, 0));
    in_child(registered);
    return 0;
}

int main(void)
{
    say("== descriptors");
    in_child(descriptors);
    say("== signals");
    in_child(signals);
    say("== entering");
    in_child(entering);
    say("== users");
    in_child(users);
    say("== several words");
    in_child(several);
    say("== several words in a namespace");
    in_child(several_in_namespace);
    say("== barriers");
    in_child(barriers);
    return 0;
}
