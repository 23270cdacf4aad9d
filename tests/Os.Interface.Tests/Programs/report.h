// What the programs of this folder have in common: one line of output per case, with the name of the error or the value, so that
// the answers of two kernels can be compared as text.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define SECOND 1000000000LL
#define MS 1000000LL
#define BAD ((void *)8)

static inline void say(const char *format, ...)
{
    char line[400];
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(line, sizeof line - 1, format, arguments);
    va_end(arguments);
    line[n++] = '\n';
    if (write(1, line, n) != n) _exit(99);
}

static inline const char *error_name(int error)
{
    const char *name = strerrorname_np(error);
    return name ? name : "E?";
}

// CALL prints ok or the error's name, VALUE prints what the call returned or the error's name.
#define CALL(name, call) do { errno = 0; long r_ = (long)(call); say("%s: %s", name, r_ < 0 ? error_name(errno) : "ok"); } while (0)
#define VALUE(name, call) do { errno = 0; long r_ = (long)(call); if (r_ < 0) say("%s: %s", name, error_name(errno)); else say("%s: %ld", name, r_); } while (0)
#define TRUTH(name, condition) say("%s: %s", name, (condition) ? "yes" : "no")

static inline struct timespec span(long long nanoseconds)
{
    return (struct timespec){ nanoseconds / SECOND, nanoseconds % SECOND };
}

static inline long long now(int clock)
{
    struct timespec t;
    if (syscall(SYS_clock_gettime, clock, &t)) return -1;
    return t.tv_sec * SECOND + t.tv_nsec;
}

// Nanoseconds as a multiple of a step: exact times differ between machines, their size does not.
static inline long long about(long long nanoseconds, long long step)
{
    return (nanoseconds + step / 2) / step * step;
}

static inline int write_text(const char *path, const char *text)
{
    int fd = open(path, O_WRONLY);
    if (fd < 0) return -1;
    int n = write(fd, text, strlen(text)), error = errno;
    close(fd);
    errno = error;
    return n;
}

static inline int read_text(const char *path, char *to, int size)
{
    int fd = open(path, O_RDONLY);
    if (fd < 0) return -1;
    int n = read(fd, to, size - 1), error = errno;
    close(fd);
    errno = error;
    to[n < 0 ? 0 : n] = 0;
    return n;
}

// Runs a function in a child and returns its exit status, or minus the signal that ended it.
static inline int in_child(int (*function)(void))
{
    int status, pid = fork();
    if (pid == 0) _exit(function());
    if (pid < 0 || waitpid(pid, &status, 0) != pid) return -1000;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}
