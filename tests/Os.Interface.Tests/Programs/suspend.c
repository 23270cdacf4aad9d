// Suspend to RAM: what each clock and each kind of timer makes of it. Needs root and an RTC.
#include "report.h"

static int file_write(const char *path, const char *text)
{
    int f = open(path, O_WRONLY), n = f < 0 ? -1 : (int)write(f, text, strlen(text)), e = errno;
    if (f >= 0)
        close(f);
    errno = e;
    return n;
}

static int timer_file(int clock, int flags, long long value)
{
    int f = timerfd_create(clock, TFD_NONBLOCK);
    struct itimerspec t = { .it_value = span(value) };
    if (f < 0 || timerfd_settime(f, flags, &t, NULL))
        say("timerfd: %s", error_name(errno));
    return f;
}

static void show(const char *name, int file)
{
    uint64_t ticks = 0;
    struct itimerspec left;
    timerfd_gettime(file, &left);
    long long rest = left.it_value.tv_sec * SECOND + left.it_value.tv_nsec;
    if (read(file, &ticks, 8) == 8)
        say("%s: expired %llu", name, (unsigned long long)ticks);
    else
        say("%s: %s, %lld s left", name, error_name(errno), rest > 10 * SECOND ? 0 : (rest + SECOND / 2) / SECOND);
}

static void suspend_for(const char *name, const char *alarm)
{
    long long monotonic = now(CLOCK_MONOTONIC), raw = now(CLOCK_MONOTONIC_RAW), boottime = now(CLOCK_BOOTTIME), realtime = now(CLOCK_REALTIME), tai = now(CLOCK_TAI);
    if (alarm)
        CALL("wakealarm", file_write("/sys/class/rtc/rtc0/wakealarm", alarm));
    CALL(name, file_write("/sys/power/state", "mem"));
    long long slept = now(CLOCK_BOOTTIME) - boottime;
    say("monotonic stood still: %s", now(CLOCK_MONOTONIC) - monotonic < SECOND / 2 ? "yes" : "no");
    say("monotonic_raw stood still: %s", now(CLOCK_MONOTONIC_RAW) - raw < SECOND / 2 ? "yes" : "no");
    say("boottime went on: %s", slept > 3 * SECOND && slept < 8 * SECOND ? "yes" : "no");
    say("realtime and tai with it: %s", llabs(now(CLOCK_REALTIME) - realtime - slept) < SECOND / 10 && llabs(now(CLOCK_TAI) - tai - slept) < SECOND / 10 ? "yes" : "no");
}

int main(void)
{
    int monotonic = timer_file(CLOCK_MONOTONIC, 0, 3 * SECOND), boottime = timer_file(CLOCK_BOOTTIME, 0, 3 * SECOND);
    int realtime = timer_file(CLOCK_REALTIME, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, now(CLOCK_REALTIME) + 100 * SECOND);
    int periodic = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK);
    struct itimerspec every = { { 1, 0 }, { 1, 0 } };
    timerfd_settime(periodic, 0, &every, NULL);

    pid_t sleeper = fork();
    if (sleeper == 0) {
        struct timespec t = span(2 * SECOND);
        long long start = now(CLOCK_BOOTTIME);
        int r = clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
        _exit(r == 0 && now(CLOCK_BOOTTIME) - start > 5 * SECOND ? 0 : 1);
    }
    usleep(20000);
    suspend_for("suspend by wakealarm", "+5");
    show("timerfd monotonic", monotonic);
    show("timerfd boottime", boottime);
    show("timerfd realtime, cancelled", realtime);
    uint64_t ticks = 0;
    TRUTH("timerfd periodic boottime caught up", read(periodic, &ticks, 8) == 8 && ticks >= 4 && ticks <= 7);
    int status;
    waitpid(sleeper, &status, 0);
    say("a sleep on CLOCK_MONOTONIC: %s", status == 0 ? "went on" : "ended early");

    // A timer that wakes the machine, without any other alarm.
    int alarm = timer_file(CLOCK_BOOTTIME_ALARM, 0, 4 * SECOND);
    suspend_for("suspend by timerfd", NULL);
    // The RTC knows whole seconds only: the machine may wake a little before the timer is due.
    struct pollfd ready = { alarm, POLLIN };
    poll(&ready, 1, 2000);
    show("timerfd boottime_alarm", alarm);

    timer_t timer;
    struct sigevent none = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    CALL("timer_create", timer_create(CLOCK_REALTIME_ALARM, &none, &timer));
    struct itimerspec four = { .it_value = span(4 * SECOND) };
    CALL("timer_settime", timer_settime(timer, 0, &four, NULL));
    suspend_for("suspend by timer", NULL);
    struct timespec wait = span(2 * SECOND);
    VALUE("its signal", sigtimedwait(&set, NULL, &wait));

    sleeper = fork();
    if (sleeper == 0) {
        struct timespec t = span(4 * SECOND);
        _exit(clock_nanosleep(CLOCK_BOOTTIME_ALARM, 0, &t, NULL) == 0 ? 0 : 1);
    }
    usleep(20000);
    suspend_for("suspend by clock_nanosleep", NULL);
    waitpid(sleeper, &status, 0);
    say("the sleep: %s", status == 0 ? "over" : "failed");

    alarm = timer_file(CLOCK_REALTIME_ALARM, 0, SECOND);
    CALL("suspend with an alarm in a second", file_write("/sys/power/state", "mem"));
    CALL("unknown state", file_write("/sys/power/state", "sleep"));
    return 0;
}
