// futex(2): waiting with all kinds of timeouts, requeueing, priority-inheriting locks, robust lists, and the order of errors
// (time namespace reference, section 5: which timeouts are converted).
#include "report.h"
#include <linux/futex.h>
#ifndef FUTEX_LOCK_PI2
#define FUTEX_LOCK_PI2 13
#endif

static volatile unsigned word, other;
static long futex(volatile unsigned *address, int op, unsigned value, const void *timeout, volatile unsigned *second, unsigned third)
{
    return syscall(SYS_futex, address, op, value, timeout, second, third);
}

static struct timespec at(int clock, long long nanoseconds) { return span(now(clock) + nanoseconds); }

static int waiting(void)
{
    struct timespec t = span(20 * MS);
    word = 5;
    CALL("wait for another value", futex(&word, FUTEX_WAIT, 4, NULL, NULL, 0));
    CALL("wait at an odd address", futex((void *)((char *)&word + 1), FUTEX_WAIT, 5, NULL, NULL, 0));
    CALL("wait at a bad address", futex(BAD, FUTEX_WAIT, 5, NULL, NULL, 0));
    CALL("private wait at a bad address", futex(BAD, FUTEX_WAIT | 128, 5, NULL, NULL, 0));
    CALL("bad timeout's address", futex(&word, FUTEX_WAIT, 5, BAD, NULL, 0));
    t = (struct timespec){ 0, 1000000000 };
    CALL("bad timeout", futex(&word, FUTEX_WAIT, 4, &t, NULL, 0));
    t = (struct timespec){ -1, 0 };
    CALL("negative timeout", futex(&word, FUTEX_WAIT, 5, &t, NULL, 0));
    t = span(20 * MS);
    long long before = now(CLOCK_MONOTONIC);
    CALL("wait", futex(&word, FUTEX_WAIT, 5, &t, NULL, 0));
    TRUTH("not early", now(CLOCK_MONOTONIC) - before >= 20 * MS);
    CALL("realtime flag with wait", futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 5, &t, NULL, 0));
    t = at(CLOCK_MONOTONIC, 20 * MS);
    before = now(CLOCK_MONOTONIC);
    CALL("wait bitset", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 1));
    TRUTH("not early", now(CLOCK_MONOTONIC) - before >= 19 * MS);
    t = at(CLOCK_REALTIME, 20 * MS);
    before = now(CLOCK_MONOTONIC);
    CALL("wait bitset realtime", futex(&word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &t, NULL, 1));
    TRUTH("not early", now(CLOCK_MONOTONIC) - before >= 19 * MS);
    t = (struct timespec){ 0, 0 };
    CALL("wait bitset until 1970", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 1));
    CALL("wait bitset without bits", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 0));
    CALL("wake bitset without bits", futex(&word, FUTEX_WAKE_BITSET, 1, NULL, NULL, 0));
    CALL("wake", futex(&word, FUTEX_WAKE, 1, NULL, NULL, 0));
    CALL("realtime flag with wake", futex(&word, FUTEX_WAKE | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
    CALL("wake at an odd address", futex((void *)((char *)&word + 2), FUTEX_WAKE, 1, NULL, NULL, 0));
    CALL("private wake of nothing mapped", futex((void *)0x1000, FUTEX_WAKE | 128, 1, NULL, NULL, 0));
    CALL("wake of nothing mapped", futex((void *)0x1000, FUTEX_WAKE, 1, NULL, NULL, 0));
    CALL("FUTEX_FD", futex(&word, 2, 1, NULL, NULL, 0));
    CALL("unknown operation", futex(&word, 40, 1, NULL, NULL, 0));
    CALL("unknown operation realtime", futex(&word, 40 | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
    CALL("requeue realtime", futex(&word, FUTEX_REQUEUE | FUTEX_CLOCK_REALTIME, 1, NULL, &other, 0));
    CALL("compare and requeue another value", futex(&word, FUTEX_CMP_REQUEUE, 1, (void *)1, &other, 4));
    CALL("requeue of negative", futex(&word, FUTEX_CMP_REQUEUE, -1, (void *)1, &other, 5));
    CALL("requeue to itself", futex(&word, FUTEX_REQUEUE, 1, (void *)1, &word, 0));
    return 0;
}

static volatile int woken, started;
struct sleeper { unsigned bits; long result; int error; };

static void *sleeper(void *argument)
{
    struct sleeper *s = argument;
    __sync_fetch_and_add(&started, 1);
    s->result = futex(&word, FUTEX_WAIT_BITSET | 128, 5, NULL, NULL, s->bits);
    s->error = errno;
    __sync_fetch_and_add(&woken, 1);
    return NULL;
}

static void settle(void) { usleep(30000); }

static int waking(void)
{
    pthread_t threads[4];
    struct sleeper s[4] = { { 1 }, { 2 }, { 4 }, { 7 } };
    word = 5;
    for (int i = 0; i < 4; i++) {
        pthread_create(&threads[i], NULL, sleeper, &s[i]);
        while (started != i + 1) usleep(1000);
        settle();
    }
    VALUE("wake of bit 4", futex(&word, FUTEX_WAKE_BITSET | 128, 10, NULL, NULL, 4));
    settle();
    say("woken %d", woken);
    VALUE("requeue two", futex(&word, FUTEX_CMP_REQUEUE | 128, 0, (void *)2, &other, 5));
    VALUE("wake at the old word", futex(&word, FUTEX_WAKE | 128, 10, NULL, NULL, 0));
    VALUE("wake op", futex(&word, FUTEX_WAKE_OP | 128, 1, (void *)10, &other, FUTEX_OP(FUTEX_OP_ADD, 3, FUTEX_OP_CMP_EQ, 0)));
    say("word became %u", other);
    for (int i = 0; i < 4; i++) pthread_join(threads[i], NULL);
    say("woken %d", woken);
    VALUE("wake op unknown", futex(&word, FUTEX_WAKE_OP | 128, 1, (void *)1, &other, 7u << 28));
    VALUE("wake op unknown comparison", futex(&word, FUTEX_WAKE_OP | 128, 1, (void *)1, &other, 7u << 24));
    return 0;
}

static volatile unsigned lock;
static volatile int holding, release_it;
static int flavour;

static void *holder(void *argument)
{
    if (futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0)) say("holder: %s", error_name(errno));
    holding = syscall(SYS_gettid);
    while (!release_it) usleep(1000);
    CALL("unlock by the holder", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    return NULL;
}

static void *taker(void *argument)
{
    long r = futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0);
    TRUTH("taker has it", r == 0 && (lock & FUTEX_TID_MASK) == syscall(SYS_gettid));
    CALL("unlock by the taker", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    return NULL;
}

static void *dies(void *argument)
{
    futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0);
    return NULL;
}

static int locks_of(int private)
{
    pthread_t a, b;
    struct timespec t;
    flavour = private;
    lock = 0;
    holding = release_it = 0;
    CALL("lock", futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    TRUTH("own id", lock == (unsigned)syscall(SYS_gettid));
    CALL("lock again", futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("try lock again", futex(&lock, FUTEX_TRYLOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("unlock", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    say("word %u", lock);
    CALL("unlock again", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("try lock", futex(&lock, FUTEX_TRYLOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("unlock", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    pthread_create(&a, NULL, holder, NULL);
    while (!holding) usleep(1000);
    CALL("try lock of another's", futex(&lock, FUTEX_TRYLOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("unlock of another's", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    t = at(CLOCK_REALTIME, 20 * MS);
    CALL("lock with a timeout", futex(&lock, FUTEX_LOCK_PI | flavour, 0, &t, NULL, 0));
    say("word has waiters: %d, id is the holder's: %d", (lock & FUTEX_WAITERS) != 0, (lock & FUTEX_TID_MASK) == (unsigned)holding);
    t = at(CLOCK_MONOTONIC, 20 * MS);
    CALL("lock 2 with a timeout", futex(&lock, FUTEX_LOCK_PI2 | flavour, 0, &t, NULL, 0));
    t = at(CLOCK_REALTIME, 20 * MS);
    CALL("lock 2 with a timeout in real time", futex(&lock, FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME | flavour, 0, &t, NULL, 0));
    CALL("lock with the realtime flag", futex(&lock, FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME | flavour, 0, &t, NULL, 0));
    t = (struct timespec){ 1, -1 };
    CALL("lock with a bad timeout", futex(&lock, FUTEX_LOCK_PI | flavour, 0, &t, NULL, 0));
    CALL("lock with a bad timeout's address", futex(&lock, FUTEX_LOCK_PI | flavour, 0, BAD, NULL, 0));
    CALL("wait at a lock", ({ t = span(MS); futex(&lock, FUTEX_WAIT | flavour, lock, &t, NULL, 0); }));
    pthread_create(&b, NULL, taker, NULL);
    settle();
    CALL("wake at a lock", futex(&lock, FUTEX_WAKE | flavour, 1, NULL, NULL, 0));
    release_it = 1;
    pthread_join(a, NULL);
    pthread_join(b, NULL);
    say("word %u", lock);
    lock = 999999;
    CALL("lock of a task that does not exist", futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    lock = FUTEX_OWNER_DIED;
    CALL("lock of a dead owner", futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    say("owner died still set: %d", (lock & FUTEX_OWNER_DIED) != 0);
    CALL("unlock", futex(&lock, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("lock at an odd address", futex((void *)((char *)&lock + 1), FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("lock at a bad address", futex(BAD, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    CALL("unlock at a bad address", futex(BAD, FUTEX_UNLOCK_PI | flavour, 0, NULL, NULL, 0));
    lock = 0;
    pthread_create(&a, NULL, dies, NULL);
    pthread_join(a, NULL);
    CALL("lock of one that died holding it", futex(&lock, FUTEX_LOCK_PI | flavour, 0, NULL, NULL, 0));
    return 0;
}

static int locks(void) { return locks_of(128); }
static int shared_locks(void) { return locks_of(0); }

static volatile unsigned condition;
static void *condition_waiter(void *argument)
{
    struct timespec t = at(CLOCK_MONOTONIC, 5 * SECOND);
    started = 1;
    long r = futex(&condition, FUTEX_WAIT_REQUEUE_PI | 128, 0, &t, &lock, 0);
    settle(); // its waker speaks first
    TRUTH("waiter owns the lock", r == 0 && (lock & FUTEX_TID_MASK) == syscall(SYS_gettid));
    CALL("unlock by the waiter", futex(&lock, FUTEX_UNLOCK_PI | 128, 0, NULL, NULL, 0));
    return NULL;
}

static int requeueing(void)
{
    pthread_t a;
    struct timespec t = at(CLOCK_MONOTONIC, 20 * MS);
    lock = condition = started = 0;
    CALL("wait requeue times out", futex(&condition, FUTEX_WAIT_REQUEUE_PI | 128, 0, &t, &lock, 0));
    t = at(CLOCK_REALTIME, 20 * MS);
    CALL("in real time", futex(&condition, FUTEX_WAIT_REQUEUE_PI | FUTEX_CLOCK_REALTIME | 128, 0, &t, &lock, 0));
    CALL("wait requeue for another value", futex(&condition, FUTEX_WAIT_REQUEUE_PI | 128, 1, NULL, &lock, 0));
    CALL("wait requeue to itself", futex(&condition, FUTEX_WAIT_REQUEUE_PI | 128, 0, NULL, &condition, 0));
    CALL("requeue pi to itself", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 1, (void *)1, &condition, 0));
    CALL("requeue pi waking two", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 2, (void *)1, &lock, 0));
    CALL("requeue pi of another value", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 1, (void *)1, &lock, 1));
    VALUE("requeue pi of nobody", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 1, (void *)1, &lock, 0));
    pthread_create(&a, NULL, condition_waiter, NULL);
    while (!started) usleep(1000);
    settle();
    VALUE("wake of a requeue waiter", futex(&condition, FUTEX_WAKE | 128, 1, NULL, NULL, 0));
    VALUE("plain requeue of it", futex(&condition, FUTEX_CMP_REQUEUE | 128, 1, (void *)1, &lock, 0));
    VALUE("requeue pi with the lock free", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 1, (void *)0, &lock, 0));
    pthread_join(a, NULL);
    started = 0;
    CALL("lock", futex(&lock, FUTEX_LOCK_PI | 128, 0, NULL, NULL, 0));
    pthread_create(&a, NULL, condition_waiter, NULL);
    while (!started) usleep(1000);
    settle();
    VALUE("requeue pi with the lock held", futex(&condition, FUTEX_CMP_REQUEUE_PI | 128, 1, (void *)0, &lock, 0));
    TRUTH("waiters", (lock & FUTEX_WAITERS) != 0);
    CALL("unlock", futex(&lock, FUTEX_UNLOCK_PI | 128, 0, NULL, NULL, 0));
    pthread_join(a, NULL);
    say("word %u", lock);
    return 0;
}

static int in_namespace(void)
{
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offset", write_text("/proc/self/timens_offsets", "monotonic 864000 0"));
    int pid = fork();
    if (pid == 0) {
        struct timespec t = at(CLOCK_MONOTONIC, 30 * MS);
        long long before = now(CLOCK_MONOTONIC);
        word = 5;
        CALL("wait bitset", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 1));
        say("took %lld", about(now(CLOCK_MONOTONIC) - before, 30 * MS) / MS);
        t = at(CLOCK_MONOTONIC, 30 * MS);
        before = now(CLOCK_MONOTONIC);
        CALL("wait requeue", futex(&condition, FUTEX_WAIT_REQUEUE_PI, 0, &t, &lock, 0));
        say("took %lld", about(now(CLOCK_MONOTONIC) - before, 30 * MS) / MS);
        pthread_t a;
        flavour = 128;
        holding = release_it = 0;
        pthread_create(&a, NULL, holder, NULL);
        while (!holding) usleep(1000);
        t = at(CLOCK_MONOTONIC, 30 * MS);
        before = now(CLOCK_MONOTONIC);
        CALL("lock 2", futex(&lock, FUTEX_LOCK_PI2 | 128, 0, &t, NULL, 0));
        say("took %lld", about(now(CLOCK_MONOTONIC) - before, 30 * MS) / MS);
        t = at(CLOCK_REALTIME, 30 * MS);
        before = now(CLOCK_MONOTONIC);
        CALL("lock", futex(&lock, FUTEX_LOCK_PI | 128, 0, &t, NULL, 0));
        say("took %lld", about(now(CLOCK_MONOTONIC) - before, 30 * MS) / MS);
        release_it = 1;
        pthread_join(a, NULL);
        t = (struct timespec){ 10, 0 };
        CALL("a time before the namespace began", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 1));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static volatile int alarms;
static void count(int signal) { alarms++; }

static void alarm_after(long long nanoseconds)
{
    struct itimerval v = { { 0, 0 }, { 0, nanoseconds / 1000 } };
    setitimer(ITIMER_REAL, &v, NULL);
}

static int interrupted(void)
{
    struct sigaction a = { .sa_handler = count };
    struct timespec t = span(60 * MS);
    word = 5;
    sigaction(SIGALRM, &a, NULL);
    alarm_after(20 * MS);
    CALL("wait without timeout, handler", futex(&word, FUTEX_WAIT, 5, NULL, NULL, 0));
    alarm_after(20 * MS);
    CALL("wait with timeout, handler", futex(&word, FUTEX_WAIT, 5, &t, NULL, 0));
    a.sa_flags = SA_RESTART;
    sigaction(SIGALRM, &a, NULL);
    alarm_after(20 * MS);
    t = span(60 * MS);
    CALL("wait with timeout, restarting handler", futex(&word, FUTEX_WAIT, 5, &t, NULL, 0));
    alarm_after(20 * MS);
    t = at(CLOCK_MONOTONIC, 60 * MS);
    CALL("wait bitset, restarting handler", futex(&word, FUTEX_WAIT_BITSET, 5, &t, NULL, 1));
    say("alarms %d", alarms);
    int pid = fork();
    if (pid == 0) {
        t = span(200 * MS);
        long long before = now(CLOCK_MONOTONIC);
        CALL("wait, stopped and continued", futex(&word, FUTEX_WAIT, 5, &t, NULL, 0));
        say("took %lld", about(now(CLOCK_MONOTONIC) - before, 100 * MS) / MS);
        _exit(0);
    }
    usleep(50000);
    kill(pid, SIGSTOP);
    usleep(50000);
    kill(pid, SIGCONT);
    waitpid(pid, NULL, 0);
    return 0;
}

int main(void)
{
    say("== waiting");
    in_child(waiting);
    say("== waking");
    in_child(waking);
    say("== locks");
    in_child(locks);
    say("== shared locks");
    in_child(shared_locks);
    say("== requeueing");
    in_child(requeueing);
    say("== in a namespace");
    in_child(in_namespace);
    say("== interrupted");
    in_child(interrupted);
    return 0;
}
