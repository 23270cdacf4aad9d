// Random calls of the interfaces of time and namespaces, mostly bad ones, from a seed: what they answer, and which error comes first.
// random_calls SEED FIRST COUNT makes that many scenarios, each in a process of its own with namespaces and rights of its own.
#include "random.h"
#include "random_time.h"
#include "random_waits.h"
#include "random_tasks.h"

static void (*const calls[])(void) = {
    clock_read, clock_read, clock_resolution, clock_set, clock_adjust, day_set, day_get, clock_sleep, plain_sleep,
    timer_make, timer_make, timer_arm, timer_arm, timer_ask, timer_count, timer_remove,
    timerfd_make, timerfd_make, timerfd_arm, timerfd_arm, timerfd_ask, timerfd_tick,
    interval_arm, interval_ask, alarm_arm, totals,
    futex_call, futex_call, futex_call, futex_vector, poll_call, select_call, epoll_call, signal_wait, signal_send,
    queue_open, queue_use, queue_use,
    offsets_write, offsets_write, offsets_write, offsets_read, namespace_open, namespace_ask, namespace_ask,
    namespace_leave, namespace_leave, namespace_enter, namespace_enter, namespace_enter, process_make, process_make3, process_make3,
    process_wait, process_descriptor, descriptor_use, descriptor_use, user_change,
};

static int scenario(uint64_t seed)
{
    uint64_t all = ~0ull;
    // What timers send waits until it is fetched; the C library's own signals too.
    syscall(SYS_rt_sigprocmask, SIG_BLOCK, &all, NULL, 8);
    prepare_memory();
    state = seed;
    if (one_in(2)) namespace_leave();
    if (one_in(6)) user_change();
    for (int i = 0; i < 14; i++) {
        // A call that answers otherwise does not change those that follow.
        state = seed * 64 + i;
        PICK(calls)();
    }
    return 0;
}

int main(int argc, char **argv)
{
    uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) : 1;
    int first = argc > 2 ? atoi(argv[2]) : 0, count = argc > 3 ? atoi(argv[3]) : 100;
    // Linux goes to high resolution a second after it has started; and "a second" is to be over on all systems.
    struct timespec t = { 4, 0 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    for (int i = first; i < first + count; i++) {
        say("== %d", i);
        int pid = fork(), status;
        if (pid == 0) _exit(scenario(seed * 1000003 + i));
        // A call that does not come back is an answer too.
        int fd = syscall(SYS_pidfd_open, pid, 0);
        struct pollfd p = { fd, POLLIN, 0 };
        if (poll(&p, 1, 20000) != 1) {
            say("does not end");
            kill(pid, SIGKILL);
        }
        close(fd);
        waitpid(pid, &status, __WALL);
        if (!WIFEXITED(status)) say("ended by signal %d", WTERMSIG(status));
    }
    return 0;
}
