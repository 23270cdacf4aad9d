// Executes a sequence of operations on time namespaces and timers, given as words, by workers on different processors, one after
// another, and prints the answer to each. The first worker is in the initial namespace at first. A word is OPERATION:WORKER:A:B:
//   u unshare, o offset (A clock, B seconds), f fork (a new worker), j setns to worker A's, c clock A's distance from the initial
//   namespace's, a arm a timer at absolute time B of clock A, g when it expires by the initial namespace's clock.
#include "report.h"

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
    int timer = -1, timer_clock = 0;
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
            if (c.operation == 'j') {
                snprintf(text, sizeof text, "/proc/%d/ns/time", c.target);
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
            if (c.operation == 'f') {
                int pid = fork();
                if (pid == 0) {
                    self = c.fresh;
                    if (timer >= 0) close(timer);
                    timer = -1;
                    r.value = getpid();
                    answer(r);
                    break;
                }
                continue; // the child answers
            }
            answer(r);
        }
        if (c.operation != 'f') _exit(0);
        c.operation = 0;
    }
}

int main(int argc, char **argv)
{
    for (int i = 0; i < WORKERS; i++)
        if (pipe(commands[i])) return 1;
    if (pipe(answers)) return 1;
    pids[0] = fork();
    if (pids[0] == 0) work(0);
    count = 1;
    for (int i = 1; i < argc; i++) {
        struct command c = { 0 };
        struct answer r;
        if (sscanf(argv[i], "%c:%d:%lld:%lld", &c.operation, &c.worker, &c.a, &c.b) < 2) return 2;
        if (c.worker >= count || (c.operation == 'f' && count == WORKERS) || (c.operation == 'j' && c.a >= count)) {
            say("%s nobody", argv[i]);
            continue;
        }
        c.fresh = count;
        if (c.operation == 'j') c.target = pids[c.a];
        if (write(commands[c.worker][1], &c, sizeof c) != sizeof c || read(answers[0], &r, sizeof r) != sizeof r) return 3;
        if (c.operation == 'f') pids[count++] = r.value, say("%s ok", argv[i]);
        else if (r.kind == 1) say("%s %lld", argv[i], about(r.value - now(c.a), SECOND) / SECOND);
        else if (r.kind == 2) say("%s %lld", argv[i], about(r.value + now(r.error), SECOND) / SECOND);
        else if (r.kind == 3) say("%s no timer", argv[i]);
        else if (r.kind == 4) say("%s expired", argv[i]);
        else say("%s %s", argv[i], r.value < 0 ? error_name(r.error) : "ok");
    }
    for (int i = 0; i < count; i++) kill(pids[i], SIGKILL);
    return 0;
}
