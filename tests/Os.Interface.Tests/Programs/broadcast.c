// Timekeeping reference, sections 1 and 6: local timers that stop in C2, and the device that wakes their CPUs (Linux: clearcpuid=450). Prints the
// lines of /proc/timer_list about tick devices as far as they do not change with time.
#include "report.h"

static char text[65536];

static long interrupts(const char *name, int cpus)
{
    read_text("/proc/interrupts", text, sizeof text);
    char *at = strstr(text, name);
    long sum = 0;
    if (!at) return -1;
    at += strlen(name);
    for (int i = 0; i < cpus; i++) sum += strtol(at, &at, 10);
    return sum;
}

static int late;

static void sleeping(long long nanoseconds)
{
    struct timespec t = span(nanoseconds);
    long long start = now(CLOCK_MONOTONIC);
    nanosleep(&t, NULL);
    long long took = now(CLOCK_MONOTONIC) - start;
    if (took < nanoseconds) say("%lld ns: early", nanoseconds);
    if (took > nanoseconds + 3 * MS) late++;
}

static int sleeper(void)
{
    for (int i = 0; i < 40; i++) sleeping((7 + i % 5) * MS);
    return late > 2;
}

int main(void)
{
    cpu_set_t two;
    CPU_ZERO(&two);
    CPU_SET(1, &two);
    sleeping(SECOND); // until all CPUs are in one-shot mode, with the final clocksource
    late = 0;
    long before = interrupts(" 0:", 2);
    int child = fork();
    if (child == 0) {
        sched_setaffinity(0, sizeof two, &two);
        _exit(sleeper());
    }
    CPU_ZERO(&two);
    CPU_SET(0, &two);
    sched_setaffinity(0, sizeof two, &two);
    for (int i = 0; i < 40; i++) sleeping((6 + i % 7) * MS);
    int status;
    waitpid(child, &status, 0);
    say("child %d", WEXITSTATUS(status));
    TRUTH("late", late > 2);
    TRUTH("IRQ 0 came", interrupts(" 0:", 2) - before > 20);
    int list = open("/proc/timer_list", O_RDONLY), length = 0, n; // a page at a time
    while ((n = read(list, text + length, sizeof text - 1 - length)) > 0) length += n;
    text[length] = 0;
    char *line, *rest = strstr(text, "\nTick Device");
    int broadcast = 1;
    while (rest && (line = strsep(&rest, "\n"))) {
        static const char *changing[] = { " next_event:", " max_delta_ns:", " min_delta_ns:", " mult:", " retries:", "tick_broadcast_oneshot_mask:", " mode:" };
        int skip = 0;
        for (int i = 0; i < 7; i++) {
            // The broadcast device's own numbers stand; those of local timers come from a calibration.
            if (!strncmp(line, changing[i], strlen(changing[i])) && (i == 0 || i > 3 || !broadcast)) skip = 1;
        }
        if (!strncmp(line, "Per CPU", 7)) broadcast = 0;
        if (!skip) say("%s", line);
    }
    return 0;
}
