/* A program that has much state in the kernel when it is moved to another machine, and looks at all of it afterwards. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

#define SECOND 1000000000LL
#define AHEAD 86400LL

/* What the children tell. */
static volatile struct shared { long long own_clock; int backwards; int ask, answer; } *shared;
static int failures;

static void check(const char *what, int right)
{
    printf("%s %s\n", right ? "ok" : "FAILED", what);
    failures += !right;
}

static long long now(clockid_t clock)
{
    struct timespec t;
    clock_gettime(clock, &t);
    return t.tv_sec * SECOND + t.tv_nsec;
}

static void sleep_until(long long at)
{
    struct timespec t = { at / SECOND, at % SECOND };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) ;
}

static int put(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY), r = fd < 0 ? -1 : (int)write(fd, text, strlen(text));
    close(fd);
    return r;
}

static ino_t inode_of(pid_t pid, const char *ns)
{
    char path[64];
    struct stat s;
    snprintf(path, sizeof path, "/proc/%d/ns/%s", pid, ns);
    return stat(path, &s) == 0 ? s.st_ino : 0;
}

static int opened(pid_t pid, const char *name)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/%d/%s", pid, name);
    return open(path, O_RDONLY);
}

/* Lives in a time namespace a day ahead. */
static void ahead(void)
{
    for (long long last = 0;;) {
        long long t = now(CLOCK_MONOTONIC);
        if (t < last) shared->backwards++;
        last = t;
        shared->own_clock = t;
        struct timespec pause = { 0, 5000000 };
        nanosleep(&pause, NULL);
    }
}

/* Lives in a user namespace of its own, in which it is user 5. */
static void elsewhere(void)
{
    if (unshare(CLONE_NEWUSER) != 0 || put("/proc/self/uid_map", "5 0 1\n") < 0) _exit(1);
    shared->answer = 1;
    while (!shared->ask) usleep(5000);
    char map[64] = "";
    int fd = open("/proc/self/uid_map", O_RDONLY);
    int length = (int)read(fd, map, sizeof map - 1);
    int first, lower, count;
    shared->answer = length > 0 && sscanf(map, "%d %d %d", &first, &lower, &count) == 3 && first == 5 && lower == 0 && count == 1 && getuid() == 5 ? 2 : 3;
    for (;;) pause();
}

static pthread_mutex_t robust;
static int hold[2];

static void *holder(void *unused)
{
    char byte;
    pthread_mutex_lock(&robust);
    shared->answer = 10;
    (void)!read(hold[0], &byte, 1);
    return unused; /* without unlocking */
}

static void *waiter(void *unused)
{
    return (void *)(long)pthread_mutex_lock(&robust);
}

int main(void)
{
    setvbuf(stdout, NULL, _IOLBF, 0);
    shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

    gid_t groups[2] = { 7, 8 };
    cpu_set_t second;
    CPU_ZERO(&second);
    CPU_SET(1, &second);
    if (setgroups(2, groups) != 0 || sched_setaffinity(0, sizeof second, &second) != 0) return 2;

    sigset_t usr1;
    sigemptyset(&usr1);
    sigaddset(&usr1, SIGUSR1);
    sigprocmask(SIG_BLOCK, &usr1, NULL);
    sigqueue(getpid(), SIGUSR1, (union sigval) { .sival_int = 42 });

    int counter = eventfd(5, EFD_NONBLOCK), set = epoll_create1(0), pipes[2];
    struct epoll_event watch = { .events = EPOLLIN, .data.u64 = 77 };
    epoll_ctl(set, EPOLL_CTL_ADD, counter, &watch);
    if (pipe(pipes) != 0 || pipe(hold) != 0 || write(pipes[1], "kept", 4) != 4) return 2;

    pid_t stranger = fork();
    if (stranger == 0) elsewhere();
    while (shared->answer != 1) usleep(1000);

    /* Before the namespace: until Linux 6.2 no thread can be made after it. */
    pthread_mutexattr_t how;
    pthread_mutexattr_init(&how);
    pthread_mutexattr_setrobust(&how, PTHREAD_MUTEX_ROBUST);
    pthread_mutex_init(&robust, &how);
    pthread_t holds, waits;
    shared->answer = 0;
    pthread_create(&holds, NULL, holder, NULL);
    while (shared->answer != 10) usleep(1000);
    shared->answer = 1;
    pthread_create(&waits, NULL, waiter, NULL);

    char offset[64];
    if (unshare(CLONE_NEWTIME) != 0) return 2;
    snprintf(offset, sizeof offset, "monotonic %lld 0\n", AHEAD);
    if (put("/proc/self/timens_offsets", offset) < 0) return 2;
    pid_t child = fork();
    if (child == 0) ahead();

    int process = (int)syscall(SYS_pidfd_open, child, 0), gone = -1;
    pid_t short_lived = fork();
    if (short_lived == 0) _exit(0);
    gone = (int)syscall(SYS_pidfd_open, short_lived, 0);
    waitpid(short_lived, NULL, 0);
    int own_stat = open("/proc/self/stat", O_RDONLY), status = opened(stranger, "status"), theirs = opened(child, "ns/time"), user = opened(stranger, "ns/user");
    if (process < 0 || gone < 0 || own_stat < 0 || status < 0 || theirs < 0 || user < 0) return 2;

    long long start = now(CLOCK_MONOTONIC);
    sleep_until(start + SECOND / 2);

    check("affinity", sched_getaffinity(0, sizeof second, &second) == 0 && CPU_COUNT(&second) == 1 && CPU_ISSET(1, &second) && sched_getcpu() == 1);
    gid_t there[4];
    check("groups", getgroups(4, there) == 2 && there[0] == 7 && there[1] == 8);
    siginfo_t info;
    struct timespec none = { 0, 0 };
    check("pending signal", sigtimedwait(&usr1, &info, &none) == SIGUSR1 && info.si_value.sival_int == 42);
    struct epoll_event ready;
    unsigned long long value = 0;
    check("epoll", epoll_wait(set, &ready, 1, 0) == 1 && ready.data.u64 == 77);
    check("eventfd", read(counter, &value, 8) == 8 && value == 5);
    char text[512] = "";
    check("pipe", read(pipes[0], text, sizeof text) == 4 && memcmp(text, "kept", 4) == 0);

    long long seen = shared->own_clock;
    for (int i = 0; i < 200 && shared->own_clock == seen; i++) usleep(1000);
    long long difference = shared->own_clock - now(CLOCK_MONOTONIC) - AHEAD * SECOND;
    check("time namespace of a child", difference > -SECOND / 5 && difference < SECOND / 5 && shared->backwards == 0);
    struct stat s;
    check("file of a time namespace", fstat(theirs, &s) == 0 && s.st_ino == inode_of(child, "time") && s.st_ino != inode_of(getpid(), "time"));
    check("time namespace for children", inode_of(getpid(), "time_for_children") == inode_of(child, "time"));
    check("file of a user namespace", fstat(user, &s) == 0 && s.st_ino == inode_of(stranger, "user") && s.st_ino != inode_of(getpid(), "user"));
    shared->ask = 1;
    for (int i = 0; i < 200 && shared->answer == 1; i++) usleep(5000);
    check("user namespace of a child", shared->answer == 2);

    int length = (int)read(own_stat, text, sizeof text - 1);
    check("/proc/self/stat", length > 0 && atoi(text) == getpid());
    length = (int)read(status, text, sizeof text - 1);
    char *line = length > 0 ? (text[length] = 0, strstr(text, "Pid:")) : NULL;
    check("/proc/PID/status", line != NULL && atoi(line + 4) == stranger);

    struct pollfd end = { process, POLLIN, 0 }, ended = { gone, POLLIN, 0 };
    check("pidfd of a process that lives", poll(&end, 1, 0) == 0);
    check("pidfd of one that is gone", poll(&ended, 1, 0) == 1);
    kill(child, SIGKILL);
    check("pidfd of a process that ends", poll(&end, 1, 2000) == 1 && waitpid(child, NULL, 0) == child);
    kill(stranger, SIGKILL);

    /* The holder ends with the lock: the kernel walks its robust list and wakes the waiter. */
    void *result = NULL;
    check("thread in read", write(hold[1], "x", 1) == 1 && pthread_join(holds, NULL) == 0);
    check("robust list and futex waiter", pthread_join(waits, &result) == 0 && (long)result == EOWNERDEAD);
    printf("%d failures\n", failures);
    return failures != 0;
}
