// Executes a sequence of operations on time namespaces and timers, given as words, by workers on different processors, one after
// another, and prints the answer to each. The first worker is in the initial namespace at first. A word is OPERATION:WORKER:A:B:
//   u unshare, o offset (A clock, B seconds), f fork (a new worker), j setns to worker A's, k to that of its children, c clock A's distance from the initial
//   namespace's, a arm a timer at absolute time B of clock A, g when it expires by the initial namespace's clock; p and q are the same with a
//   POSIX timer; v as c, by the vDSO; z clone3(CLONE_NEWTIME) (a new worker); y sysinfo's, l /proc/uptime's distance, b btime's, n the start of
//   worker A in /proc/PID/stat; and waits of 20 ms: s clock_nanosleep to a time of clock A, w futex (A: 1 or 0), e futex LOCK_PI2, x futex_waitv,
//   i nanosleep, m setitimer, t poll, d timerfd of clock A, r mq_timedreceive.
#include "report.h"
#include <linux/futex.h>
#include <mqueue.h>
#include <sys/sysinfo.h>
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif
#ifndef SYS_futex_waitv
#define SYS_futex_waitv 449
#endif
#define SOON (20 * MS)

static unsigned word, held;

static int by_vdso(int clock, struct timespec *t) { return clock_gettime(clock, t); }

// Nanoseconds that a wait took; a deadline that is converted wrongly comes at once or after thousands of seconds.
static long long wait_for(char kind, int clock)
{
    long long start = now(CLOCK_MONOTONIC);
    struct timespec t = span(now(clock) + SOON), soon = span(SOON);
    if (kind == 's') syscall(SYS_clock_nanosleep, clock, TIMER_ABSTIME, &t, NULL);
    if (kind == 'w') syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | (clock ? 0 : FUTEX_CLOCK_REALTIME), 0, &t, NULL, ~0);
    if (kind == 'e') syscall(SYS_futex, &held, FUTEX_LOCK_PI2 | (clock ? 0 : FUTEX_CLOCK_REALTIME), 0, &t, NULL, 0);
    if (kind == 'x') {
        struct { uint64_t value, address; uint32_t flags, reserved; } one = { 0, (uint64_t)&word, 2, 0 };
        syscall(SYS_futex_waitv, &one, 1, 0, &t, clock);
    }
    if (kind == 'i') nanosleep(&soon, NULL);
    if (kind == 'm') {
        struct itimerval v = { { 0, 0 }, { 0, SOON / 1000 } };
        sigset_t set;
        siginfo_t info;
        sigemptyset(&set);
        sigaddset(&set, SIGALRM);
        sigprocmask(SIG_BLOCK, &set, NULL);
        setitimer(ITIMER_REAL, &v, NULL);
        sigwaitinfo(&set, &info);
    }
    if (kind == 't') poll(NULL, 0, SOON / MS);
    if (kind == 'd') {
        struct itimerspec v = { { 0, 0 }, t };
        uint64_t ticks;
        int fd = timerfd_create(clock, 0);
        timerfd_settime(fd, TFD_TIMER_ABSTIME, &v, NULL);
        if (read(fd, &ticks, 8) != 8) _exit(8);
        close(fd);
    }
    if (kind == 'r') {
        char text[8200];
        mqd_t q = mq_open("/model", O_CREAT | O_RDWR, 0600, NULL);
        mq_timedreceive(q, text, sizeof text, NULL, &t);
        mq_close(q);
    }
    return now(CLOCK_MONOTONIC) - start;
}

// A number of a file, after a word of it.
static long long number_in(const char *path, const char *after, int field)
{
    static char text[8192];
    if (read_text(path, text, sizeof text) < 0) return -1;
    char *at = strstr(text, after);
    if (!at) return -1;
    at += strlen(after);
    while (field-- > 0) at = strchr(at, ' ') + 1;
    return strtoll(at, NULL, 10);
}

// What is compared with the initial namespace's: seconds of uptime, of btime, and of a process' start.
static long long seconds_of(char kind, int pid)
{
    char path[40];
    struct sysinfo s;
    if (kind == 'y') return sysinfo(&s) ? -1 : s.uptime;
    if (kind == 'l') return number_in("/proc/uptime", "", 0);
    if (kind == 'b') return number_in("/proc/stat", "btime ", 0);
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    return (long long)(uint64_t)number_in(path, ") ", 19) / 100;
}

#define WORKERS 6
static int commands[WORKERS][2], answers[2], pids[WORKERS], count;

struct command { char operation; int worker, fresh; long long a, b; int target; };
struct answer { long long value; int error, kind; };

static void answer(struct answer r)
{
    if (write(answers[1], &r, sizeof r) != sizeof r) _exit(9);
}

static void work(int self)
{
    int timer = -1, timer_clock = 0, posix_clock = 0, has_posix = 0;
    timer_t posix;
    struct command c;
    cpu_set_t set;
    for (;;) {
        CPU_ZERO(&set);
        CPU_SET(self % 4, &set);
        sched_setaffinity(0, sizeof set, &set);
        while (read(commands[self][0], &c, sizeof c) == sizeof c) {
            struct answer r = { 0 };
            char text[80];
            errno = 0;
            if (c.operation == 'u') r.value = syscall(SYS_unshare, CLONE_NEWTIME);
            if (c.operation == 'o') {
                snprintf(text, sizeof text, "%lld %lld 0", c.a, c.b);
                r.value = write_text("/proc/self/timens_offsets", text) < 0 ? -1 : 0;
            }
            if (c.operation == 'j' || c.operation == 'k') {
                snprintf(text, sizeof text, "/proc/%d/ns/%s", c.target, c.operation == 'j' ? "time" : "time_for_children");
                int fd = open(text, O_RDONLY);
                r.value = syscall(SYS_setns, fd, 0);
                r.error = errno;
                close(fd);
                errno = r.error;
            }
            if (c.operation == 'c') r.value = now(c.a), r.kind = 1;
            if (c.operation == 'a') {
                struct itimerspec v = { { 0, 0 }, { c.b, 0 } };
                if (timer >= 0) close(timer);
                timer = syscall(SYS_timerfd_create, c.a, TFD_NONBLOCK);
                timer_clock = c.a;
                r.value = timerfd_settime(timer, TFD_TIMER_ABSTIME, &v, NULL);
            }
            if (c.operation == 'g') {
                struct itimerspec v = { { 0, 0 }, { 0, 0 } };
                if (timer < 0 || timerfd_gettime(timer, &v)) r.kind = 3;
                else r.kind = v.it_value.tv_sec || v.it_value.tv_nsec ? 2 : 4;
                r.value = v.it_value.tv_sec * SECOND + v.it_value.tv_nsec;
                r.error = timer_clock;
            } else r.error = errno;
            if (c.operation == 'p') {
                struct sigevent none = { .sigev_notify = SIGEV_NONE };
                struct itimerspec v = { { 0, 0 }, { c.b, 0 } };
                if (has_posix) timer_delete(posix);
                has_posix = !timer_create(c.a, &none, &posix);
                posix_clock = c.a;
                r.value = timer_settime(posix, TIMER_ABSTIME, &v, NULL);
            }
            if (c.operation == 'q') {
                struct itimerspec v = { { 0, 0 }, { 0, 0 } };
                if (!has_posix || timer_gettime(posix, &v)) r.kind = 3;
                else r.kind = v.it_value.tv_sec || v.it_value.tv_nsec ? 2 : 4;
                r.value = v.it_value.tv_sec * SECOND + v.it_value.tv_nsec;
                r.error = posix_clock;
            }
            if (c.operation == 'v') {
                struct timespec t;
                r.value = by_vdso(c.a, &t);
                r.value = t.tv_sec * SECOND + t.tv_nsec;
                r.kind = 1;
            }
            if (strchr("sweximtdr", c.operation)) r.value = wait_for(c.operation, c.a), r.kind = 5;
            if (strchr("ylbn", c.operation)) r.value = seconds_of(c.operation, c.target), r.kind = 6;
            if (c.operation == 'f' || c.operation == 'z') {
                uint64_t new[8] = { CLONE_NEWTIME, 0, 0, 0, SIGCHLD };
                int pid = c.operation == 'f' ? fork() : syscall(SYS_clone3, new, sizeof new);
                if (pid == 0) {
                    self = c.fresh;
                    if (timer >= 0) close(timer);
                    timer = -1;
                    has_posix = 0; // timers of POSIX are not inherited
                    r.value = getpid();
                    answer(r);
                    break;
                }
                continue; // the child answers
            }
            answer(r);
        }
        if (c.operation != 'f' && c.operation != 'z') _exit(0);
        c.operation = 0;
    }
}

int main(int argc, char **argv)
{
    for (int i = 0; i < WORKERS; i++)
        if (pipe(commands[i])) return 1;
    if (pipe(answers)) return 1;
    held = getpid(); // a lock that is never free: its owner is this process
    pids[0] = fork();
    if (pids[0] == 0) work(0);
    count = 1;
    for (int i = 1; i < argc; i++) {
        struct command c = { 0 };
        struct answer r;
        if (sscanf(argv[i], "%c:%d:%lld:%lld", &c.operation, &c.worker, &c.a, &c.b) < 2) return 2;
        if (c.worker >= count || (strchr("fz", c.operation) && count == WORKERS) || (strchr("jkn", c.operation) && c.a >= count)) {
            say("%s nobody", argv[i]);
            continue;
        }
        c.fresh = count;
        if (strchr("jkn", c.operation)) c.target = pids[c.a];
        if (write(commands[c.worker][1], &c, sizeof c) != sizeof c || read(answers[0], &r, sizeof r) != sizeof r) return 3;
        if (strchr("fz", c.operation)) pids[count++] = r.value, say("%s ok", argv[i]);
        else if (r.kind == 1) say("%s %lld", argv[i], about(r.value - now(c.a), SECOND) / SECOND);
        else if (r.kind == 2) say("%s %lld", argv[i], about(r.value + now(r.error), SECOND) / SECOND);
        else if (r.kind == 3) say("%s no timer", argv[i]);
        else if (r.kind == 5) say("%s %s", argv[i], r.value < SOON ? "early" : r.value < 50 * SOON ? "in time" : "late");
        else if (r.kind == 6) {
            long long d = r.value - seconds_of(c.operation, c.target);
            say("%s %lld", argv[i], (d + (d < 0 ? -250 : 250)) / 500 * 500);
        }
        else if (r.kind == 4) say("%s expired", argv[i]);
        else say("%s %s", argv[i], r.value < 0 ? error_name(r.error) : "ok");
    }
    for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
    return 0;
}
