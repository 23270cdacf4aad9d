// What the C library makes of the clocks: waits of threads with either clock, CPU-time clocks of processes and threads, sleep(3), usleep(3),
// ualarm(3), timer_create(2) with SIGEV_THREAD, ftime(3), timespec_get(3), getrusage(2); the same in a time namespace 10000 s ahead.
#include "report.h"
#include <semaphore.h>
#include <sys/resource.h>
#include <sys/timeb.h>

static long long began;

static void begin(void) { began = now(CLOCK_MONOTONIC); }

static void took(const char *name, int result, long long wanted)
{
    long long took = now(CLOCK_MONOTONIC) - began;
    say("%s: %s, %s", name, result ? error_name(result) : "ok", took < wanted ? "early" : took > wanted + 20 * MS ? "late" : "in time");
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER, held = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t condition;
static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static sem_t semaphore;
static volatile int done, callbacks, callback_value, stop;

static void *signalling(void *unused)
{
    usleep(30000);
    pthread_mutex_lock(&mutex);
    done = 1;
    pthread_cond_signal(&condition);
    pthread_mutex_unlock(&mutex);
    return (void *)7;
}

static void waits(void)
{
    static const int clocks[] = { CLOCK_REALTIME, CLOCK_MONOTONIC };
    sem_init(&semaphore, 0, 0);
    pthread_mutex_lock(&held);
    pthread_rwlock_wrlock(&rwlock);
    for (int i = 0; i < 2; i++) {
        pthread_condattr_t a;
        pthread_condattr_init(&a);
        pthread_condattr_setclock(&a, clocks[i]);
        pthread_cond_init(&condition, &a);
        say("clock %d", clocks[i]);
        struct timespec t = span(now(clocks[i]) + 40 * MS), past = { 1, 0 };
        pthread_mutex_lock(&mutex);
        begin();
        took("pthread_cond_timedwait", pthread_cond_timedwait(&condition, &mutex, &t), 40 * MS);
        begin();
        took("one that is over", pthread_cond_timedwait(&condition, &mutex, &past), 0);
        pthread_t thread;
        done = 0;
        pthread_create(&thread, NULL, signalling, NULL);
        t = span(now(clocks[i]) + 500 * MS);
        begin();
        int r = 0;
        while (!done && r == 0) r = pthread_cond_timedwait(&condition, &mutex, &t);
        took("signalled", r, 30 * MS);
        pthread_mutex_unlock(&mutex);
        pthread_join(thread, NULL);
        t = span(now(clocks[i]) + 40 * MS);
        begin();
        took("pthread_cond_clockwait", (pthread_mutex_lock(&mutex), pthread_cond_clockwait(&condition, &mutex, clocks[i], &t)), 40 * MS);
        pthread_mutex_unlock(&mutex);
        t = span(now(clocks[i]) + 40 * MS);
        begin();
        took("sem_clockwait", sem_clockwait(&semaphore, clocks[i], &t) ? errno : 0, 40 * MS);
        t = span(now(clocks[i]) + 40 * MS);
        begin();
        took("pthread_rwlock_clockrdlock", pthread_rwlock_clockrdlock(&rwlock, clocks[i], &t), 0);
        pthread_mutexattr_t ma;
        pthread_mutex_t pi;
        pthread_mutexattr_init(&ma);
        pthread_mutexattr_setprotocol(&ma, PTHREAD_PRIO_INHERIT);
        pthread_mutex_init(&pi, &ma);
        pthread_mutex_lock(&pi);
        t = span(now(clocks[i]) + 40 * MS);
        begin();
        took("pthread_mutex_clocklock", pthread_mutex_clocklock(&held, clocks[i], &t), 40 * MS);
        t = span(now(clocks[i]) + 40 * MS);
        begin();
        took("of one's own with priority inheritance", pthread_mutex_clocklock(&pi, clocks[i], &t), 40 * MS);
        pthread_create(&thread, NULL, signalling, NULL);
        t = span(now(clocks[i]) + 10 * MS);
        begin();
        took("pthread_clockjoin_np", pthread_clockjoin_np(thread, NULL, clocks[i], &t), 10 * MS);
        void *value = NULL;
        t = span(now(clocks[i]) + 500 * MS);
        took("and again", pthread_clockjoin_np(thread, &value, clocks[i], &t), 30 * MS);
        say("it returned %ld", (long)value);
        t.tv_nsec = 1000000000;
        say("bad nanoseconds: %s", error_name(pthread_mutex_clocklock(&held, clocks[i], &t)));
        say("sem: %s", sem_clockwait(&semaphore, clocks[i], &t) ? error_name(errno) : "ok");
    }
    struct timespec t = { 0, 0 };
    say("another clock: %s", error_name(pthread_mutex_clocklock(&held, CLOCK_BOOTTIME, &t)));
    t = span(now(CLOCK_REALTIME) + 40 * MS);
    begin();
    took("sem_timedwait", sem_timedwait(&semaphore, &t) ? errno : 0, 40 * MS);
    pthread_rwlock_unlock(&rwlock);
    pthread_mutex_unlock(&held);
}

static void on_timer(union sigval v)
{
    callbacks++;
    callback_value = v.sival_int;
}

static volatile int caught;
static void count(int s) { caught++; }

static void timers(void)
{
    struct sigevent e = { .sigev_notify = SIGEV_THREAD, .sigev_notify_function = on_timer, .sigev_value.sival_int = 5 };
    struct itimerspec v = { { 0, 20 * MS }, { 0, 20 * MS } }, o;
    timer_t id;
    callbacks = 0;
    CALL("SIGEV_THREAD", timer_create(CLOCK_MONOTONIC, &e, &id));
    timer_settime(id, 0, &v, NULL);
    struct timespec t = span(now(CLOCK_MONOTONIC) + 110 * MS);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)) { }
    CALL("delete", timer_delete(id));
    usleep(30000);
    say("called %d times with %d", callbacks, callback_value);
    signal(SIGALRM, count);
    caught = 0;
    VALUE("ualarm", ualarm(20000, 20000));
    t = span(now(CLOCK_MONOTONIC) + 90 * MS);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL)) { }
    TRUTH("what it had left", ualarm(0, 0) > 0);
    say("caught %d", caught);
    alarm(1);
    VALUE("sleep, interrupted", sleep(3));
    VALUE("sleep", sleep(1));
    VALUE("usleep", usleep(1000));
    VALUE("usleep of a second", usleep(1000000));
}

static void *working(void *unused)
{
    volatile long n = 0;
    while (!stop) n++;
    return NULL;
}

static void cpu_clocks(void)
{
    clockid_t process, thread, other;
    say("clock_getcpuclockid: %s", error_name(clock_getcpuclockid(0, &process)));
    say("of nobody: %s", error_name(clock_getcpuclockid(99999999, &other)));
    say("of init: %s", error_name(clock_getcpuclockid(1, &other)));
    CALL("read", clock_gettime(other, &(struct timespec){ 0 }));
    pthread_t t;
    stop = 0;
    pthread_create(&t, NULL, working, NULL);
    say("pthread_getcpuclockid: %s", error_name(pthread_getcpuclockid(t, &thread)));
    long long own = now(CLOCK_THREAD_CPUTIME_ID), all = now(CLOCK_PROCESS_CPUTIME_ID), its = now(thread), by_id = now(process);
    TRUTH("the same clock", by_id >= all && by_id - all < 5 * MS);
    usleep(100000);
    TRUTH("the thread works", now(thread) - its > 50 * MS);
    TRUTH("the process has it", now(CLOCK_PROCESS_CPUTIME_ID) - all > 50 * MS);
    TRUTH("this thread does not", now(CLOCK_THREAD_CPUTIME_ID) - own < 20 * MS);
    struct timespec until = span(now(process) + 40 * MS);
    say("a sleep on the process's clock: %s", error_name(clock_nanosleep(process, TIMER_ABSTIME, &until, NULL)));
    TRUTH("has its length", now(process) >= until.tv_sec * SECOND + until.tv_nsec);
    until = span(20 * MS);
    say("on another thread's: %s", error_name(clock_nanosleep(thread, 0, &until, NULL)));
    say("on one's own: %s", error_name(clock_nanosleep(CLOCK_THREAD_CPUTIME_ID, 0, &until, NULL)));
    struct sigevent e = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM };
    struct itimerspec v = { { 0, 0 }, { 0, 30 * MS } };
    timer_t id;
    caught = 0;
    CALL("a timer on another thread's", timer_create(thread, &e, &id));
    timer_settime(id, 0, &v, NULL);
    for (int i = 0; i < 200 && !caught; i++) usleep(2000);
    say("caught %d", caught);
    stop = 1;
    pthread_join(t, NULL);
    usleep(10000); // it is joined before it is gone
    CALL("the clock of an ended thread", clock_gettime(thread, &(struct timespec){ 0 }));
    struct rusage u, c;
    getrusage(RUSAGE_SELF, &u);
    TRUTH("getrusage", u.ru_utime.tv_sec * SECOND + u.ru_utime.tv_usec * 1000 > 100 * MS);
    TRUTH("clock", clock() > 100000);
    getrusage(RUSAGE_CHILDREN, &c);
    say("children %ld.%06ld", c.ru_utime.tv_sec, c.ru_utime.tv_usec);
}

static void walls(void)
{
    struct timespec a, b;
    struct timeb f;
    struct timeval v;
    clock_gettime(CLOCK_REALTIME, &a);
    gettimeofday(&v, NULL);
    ftime(&f);
    say("timespec_get %d", timespec_get(&b, TIME_UTC));
    TRUTH("in order", a.tv_sec * SECOND + a.tv_nsec <= v.tv_sec * SECOND + v.tv_usec * 1000 + 1000 && b.tv_sec - a.tv_sec <= 1 && f.time - a.tv_sec <= 1);
    TRUTH("time", time(NULL) - a.tv_sec <= 1 && time(NULL) - a.tv_sec >= -1);
    say("timespec_getres %s", timespec_get(&b, 99) == 0 ? "0" : "not 0");
}

static int everything(void)
{
    waits();
    timers();
    cpu_clocks();
    walls();
    return 0;
}

int main(void)
{
    struct timespec t = { 2, 0 };
    clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL);
    in_child(everything);
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 10000 0\nboottime 20000 0"));
    in_child(everything);
    return 0;
}
