// Threads and processes that wait and compute in many ways for 700 ms of CLOCK_MONOTONIC, and know what must come out: to be moved to
// another machine at any instant. The output is the same whether it was moved or not. Exit status 1 when something was wrong.
#include "report.h"
#include <fenv.h>
#include <sys/eventfd.h>

#define LENGTH (700 * MS)

static volatile int over, wrong;
static pthread_mutex_t ball_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t ball_moved = PTHREAD_COND_INITIALIZER;
static int ball;

struct shared {
    _Atomic long parent, child;
    pthread_mutex_t lock;
    long under_lock;
};

static long long by_vdso(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void fail(const char *what, long long a, long long b)
{
    wrong = 1;
    say("%s: %lld, expected %lld", what, a, b);
}

// Rounding is each thread's own, in MXCSR and in the x87 control word.
static void *compute(void *mode)
{
    double sse = 0;
    long double x87 = 0;
    fesetround((int)(intptr_t)mode);
    for (int round = 0; !over; round++) {
        volatile double s = 0;
        volatile long double x = 0;
        for (int i = 1; i < 2000; i++) {
            s += 1.0 / i / i;
            x += 1.0L / i / i;
        }
        if (round == 0)
            sse = s, x87 = x;
        if (s != sse || x != x87)
            fail("sum changed in round", round, 0);
        if (fegetround() != (int)(intptr_t)mode)
            fail("rounding mode", fegetround(), (intptr_t)mode);
        usleep(500);
    }
    return NULL;
}

static void *wait_for_nothing(void *unused)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_condattr_t attributes;
    pthread_cond_t condition;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&condition, &attributes);
    pthread_mutex_lock(&lock);
    while (!over) {
        long long until = by_vdso(CLOCK_MONOTONIC) + 31 * MS;
        struct timespec t = { until / SECOND, until % SECOND };
        int r;
        while ((r = pthread_cond_timedwait(&condition, &lock, &t)) == 0)
            ;
        long long late = by_vdso(CLOCK_MONOTONIC) - until;
        if (r != ETIMEDOUT || late < 0 || late > 100 * MS)
            fail("pthread_cond_timedwait", late, 0);
    }
    return NULL;
}

static void *play(void *side)
{
    int mine = side != NULL;
    pthread_mutex_lock(&ball_lock);
    while (!over) {
        if (ball % 2 == mine) {
            ball++;
            pthread_cond_signal(&ball_moved);
            pthread_mutex_unlock(&ball_lock);
            usleep(300);
            pthread_mutex_lock(&ball_lock);
        } else {
            pthread_cond_wait(&ball_moved, &ball_lock);
        }
    }
    pthread_cond_signal(&ball_moved);
    pthread_mutex_unlock(&ball_lock);
    return NULL;
}

static void *watch(void *stop)
{
    int set = epoll_create1(0), timer = timerfd_create(CLOCK_BOOTTIME, 0), end = (int)(intptr_t)stop;
    struct itimerspec every = { { 0, 23 * MS }, { 0, 23 * MS } };
    struct epoll_event e = { EPOLLIN, { .u64 = 0x1234567890 } }, last = { EPOLLIN, { .u64 = 1 } };
    long long first = by_vdso(CLOCK_BOOTTIME) + 23 * MS;
    uint64_t ticks, seen = 0;
    timerfd_settime(timer, 0, &every, NULL);
    epoll_ctl(set, EPOLL_CTL_ADD, timer, &e);
    epoll_ctl(set, EPOLL_CTL_ADD, end, &last);
    for (;;) {
        int r = epoll_wait(set, &e, 1, -1);
        if (r < 0 && errno == EINTR)
            continue;
        if (r != 1)
            fail("epoll_wait", r, 1);
        if (e.data.u64 == 1)
            break;
        if (e.data.u64 != 0x1234567890 || read(timer, &ticks, 8) != 8)
            fail("epoll event", e.data.u64, 0);
        seen += ticks;
        long long due = first + (seen - 1) * 23 * MS, at = by_vdso(CLOCK_BOOTTIME);
        if (at < due || at > due + 100 * MS)
            fail("timerfd behind epoll", at, due);
    }
    return NULL;
}

static _Atomic int alarms, on_stack, callbacks;
static char stack[16384];

static void on_alarm(int signal)
{
    char here;
    alarms++;
    on_stack += &here >= stack && &here < stack + sizeof stack;
}

static void on_timer(union sigval value)
{
    if (value.sival_int != 77)
        fail("sigev_value", value.sival_int, 77);
    callbacks++;
}

static void child_of(struct shared *s, int from)
{
    int n = 0, expected = 0;
    while (read(from, &n, sizeof n) == sizeof n) {
        if (n != expected++)
            _exit(2);
        s->child++;
        pthread_mutex_lock(&s->lock);
        s->under_lock++;
        pthread_mutex_unlock(&s->lock);
        if (n % 16 == 0)
            usleep(2000);
    }
    _exit(s->child == s->parent ? 0 : 3);
}

int main(void)
{
    struct shared *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pthread_mutexattr_t attributes;
    pthread_mutexattr_init(&attributes);
    pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED);
    pthread_mutex_init(&s->lock, &attributes);
    int ends[2], status, event = eventfd(0, 0);
    pipe(ends);
    pid_t child = fork();
    if (child == 0) {
        close(ends[1]);
        child_of(s, ends[0]);
    }
    close(ends[0]);

    stack_t alternate = { stack, 0, sizeof stack };
    struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_ONSTACK | SA_RESTART };
    sigaltstack(&alternate, NULL);
    sigaction(SIGALRM, &action, NULL);
    sigset_t alarm_only;
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    pthread_sigmask(SIG_BLOCK, &alarm_only, NULL);
    pthread_t threads[6];
    pthread_create(&threads[0], NULL, compute, (void *)FE_DOWNWARD);
    pthread_create(&threads[1], NULL, compute, (void *)FE_UPWARD);
    pthread_create(&threads[2], NULL, wait_for_nothing, NULL);
    pthread_create(&threads[3], NULL, play, NULL);
    pthread_create(&threads[4], NULL, play, (void *)1);
    pthread_create(&threads[5], NULL, watch, (void *)(intptr_t)event);
    pthread_sigmask(SIG_UNBLOCK, &alarm_only, NULL);
    struct itimerval beat = { { 0, 17000 }, { 0, 17000 } };
    setitimer(ITIMER_REAL, &beat, NULL);
    timer_t timer;
    struct sigevent notify = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer, .sigev_value.sival_int = 77 };
    struct itimerspec every = { { 0, 41 * MS }, { 0, 41 * MS } };
    timer_create(CLOCK_MONOTONIC, &notify, &timer);
    timer_settime(timer, 0, &every, NULL);

    long long end = by_vdso(CLOCK_MONOTONIC) + LENGTH, before = 0, cpu = 0;
    for (int n = 0; by_vdso(CLOCK_MONOTONIC) < end; n++) {
        s->parent++;
        if (write(ends[1], &n, sizeof n) != sizeof n)
            fail("write", errno, 0);
        pthread_mutex_lock(&s->lock);
        s->under_lock++;
        pthread_mutex_unlock(&s->lock);
        long long t = by_vdso(CLOCK_MONOTONIC), c = by_vdso(CLOCK_PROCESS_CPUTIME_ID);
        if (t < before)
            fail("CLOCK_MONOTONIC went back", t, before);
        if (c < cpu)
            fail("CLOCK_PROCESS_CPUTIME_ID went back", c, cpu);
        before = t, cpu = c;
        usleep(150);
    }
    over = 1;
    struct itimerval none = { { 0, 0 }, { 0, 0 } };
    setitimer(ITIMER_REAL, &none, NULL);
    timer_delete(timer);
    eventfd_write(event, 1);
    pthread_cond_broadcast(&ball_moved);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    close(ends[1]);
    if (waitpid(child, &status, 0) != child || status != 0)
        fail("child", status, 0);
    if (s->under_lock != s->parent + s->child)
        fail("count under the lock", s->under_lock, s->parent + s->child);
    if (alarms < 35 || alarms > 41 || on_stack != alarms)
        fail("alarms", alarms, 41);
    if (callbacks < 15 || callbacks > 17)
        fail("callbacks", callbacks, 17);
    if (ball < 100)
        fail("ball", ball, 100);
    say(wrong ? "wrong" : "good");
    return wrong;
}
