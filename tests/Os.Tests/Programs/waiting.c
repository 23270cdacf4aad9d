// poll, select, epoll, eventfd, timerfd, signal waits and masks, interrupted and restarted calls.
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int caught;

static void on_signal(int number) { caught = number; }

static long now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static const char *took(long start, long least) { return now_ms() - start >= least ? "waited" : "too early"; }

static void handle(int number, int flags)
{
    struct sigaction a = { .sa_handler = on_signal, .sa_flags = flags };
    sigaction(number, &a, 0);
}

int main(void)
{
    int ends[2], status;
    uint64_t value;
    char c;
    setvbuf(stdout, 0, _IOLBF, 0);
    pipe(ends);

    struct pollfd p[2] = { { ends[0], POLLIN }, { ends[1], POLLOUT } };
    printf("poll %d", poll(p, 2, 0));
    printf(" %x %x\n", p[0].revents, p[1].revents);
    long start = now_ms();
    printf("poll timeout %d", poll(p, 1, 30));
    printf(" %s\n", took(start, 30));
    pid_t child = fork();
    if (!child) { usleep(20000); write(ends[1], "x", 1); _exit(0); }
    printf("poll woken %d", poll(p, 1, 5000));
    printf(" %x\n", p[0].revents);
    wait(&status);
    p[1].fd = 99;
    p[1].revents = 0;
    printf("poll bad %d", poll(p, 2, 0));
    printf(" %x\n", p[1].revents);

    fd_set in, out;
    FD_ZERO(&in); FD_ZERO(&out);
    FD_SET(ends[0], &in); FD_SET(ends[1], &out);
    struct timeval tv = { 1, 0 };
    printf("select %d", select(ends[1] + 1, &in, &out, 0, &tv));
    printf(" %d %d\n", !!FD_ISSET(ends[0], &in), !!FD_ISSET(ends[1], &out));
    read(ends[0], &c, 1);
    FD_ZERO(&in); FD_SET(ends[0], &in);
    struct timespec ts = { 0, 20000000 };
    start = now_ms();
    printf("pselect %d", pselect(ends[0] + 1, &in, 0, 0, &ts, 0));
    printf(" %s\n", took(start, 20));

    int ep = epoll_create1(EPOLL_CLOEXEC), ev = eventfd(3, EFD_NONBLOCK), tf = timerfd_create(CLOCK_MONOTONIC, 0);
    struct epoll_event e = { EPOLLIN, { .u64 = 11 } }, got[4];
    printf("ctl %d", epoll_ctl(ep, EPOLL_CTL_ADD, ends[0], &e));
    e.data.u64 = 22;
    printf(" %d", epoll_ctl(ep, EPOLL_CTL_ADD, ev, &e));
    e.data.u64 = 33;
    printf(" %d", epoll_ctl(ep, EPOLL_CTL_ADD, tf, &e));
    int again = epoll_ctl(ep, EPOLL_CTL_ADD, tf, &e);
    printf(" %d %d\n", again, errno == EEXIST);
    int n = epoll_wait(ep, got, 4, -1);
    printf("epoll %d %d\n", n, (int)got[0].data.u64);
    read(ev, &value, 8);
    printf("eventfd %d", (int)value);
    n = read(ev, &value, 8);
    printf(" %d %d\n", n, errno == EAGAIN);
    printf("epoll empty %d\n", epoll_wait(ep, got, 4, 0));
    struct itimerspec it = { { 0, 10000000 }, { 0, 30000000 } };
    timerfd_settime(tf, 0, &it, 0);
    start = now_ms();
    n = epoll_wait(ep, got, 4, 5000);
    printf("timerfd %d %d %s\n", n, (int)got[0].data.u64, took(start, 29));
    read(tf, &value, 8);
    printf("expirations %d\n", value >= 1);
    close(tf);
    close(ends[1]);
    n = epoll_wait(ep, got, 4, 1000);
    printf("hangup %d %d %x\n", n, (int)got[0].data.u64, got[0].events);

    handle(SIGALRM, 0);
    struct itimerval timer = { { 0, 0 }, { 0, 20000 } };
    setitimer(ITIMER_REAL, &timer, 0);
    n = poll(0, 0, 5000);
    printf("interrupted %d %d %d\n", n, errno == EINTR, caught);
    pipe(ends);
    handle(SIGALRM, SA_RESTART);
    caught = 0;
    setitimer(ITIMER_REAL, &timer, 0);
    child = fork();
    if (!child) { usleep(60000); write(ends[1], "y", 1); _exit(0); }
    n = read(ends[0], &c, 1);
    printf("restarted %d %c %d\n", n, c, caught);
    wait(&status);

    sigset_t set, old;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, &old);
    handle(SIGUSR1, 0);
    caught = 0;
    raise(SIGUSR1);
    printf("blocked %d", caught);
    sigset_t pending;
    sigpending(&pending);
    printf(" pending %d", sigismember(&pending, SIGUSR1));
    siginfo_t info;
    printf(" taken %d", sigtimedwait(&set, &info, &ts));
    printf(" from self %d\n", info.si_pid == getpid());
    start = now_ms();
    n = sigtimedwait(&set, &info, &ts);
    printf("none %d %d %s\n", n, errno == EAGAIN, took(start, 20));
    child = fork();
    if (!child) { usleep(10000); kill(getppid(), SIGUSR1); _exit(0); }
    n = sigsuspend(&old);
    printf("sigsuspend %d %d %d", n, errno == EINTR, caught);
    sigprocmask(SIG_BLOCK, 0, &pending);
    printf(" still blocked %d\n", sigismember(&pending, SIGUSR1));
    wait(&status);

    union sigval sv = { .sival_int = 77 };
    sigemptyset(&set);
    sigaddset(&set, SIGRTMIN + 1);
    sigprocmask(SIG_BLOCK, &set, 0);
    for (int i = 0; i < 3; i++) { sv.sival_int = 70 + i; sigqueue(getpid(), SIGRTMIN + 1, sv); }
    for (int i = 0; i < 3; i++) { sigwaitinfo(&set, &info); printf("queued %d ", info.si_value.sival_int); }
    printf("\n");

    child = fork();
    if (!child) { for (;;) pause(); }
    kill(child, SIGSTOP);
    waitpid(child, &status, WUNTRACED);
    printf("stopped %d", WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
    kill(child, SIGCONT);
    waitpid(child, &status, WCONTINUED);
    printf(" continued %d", !!WIFCONTINUED(status));
    kill(child, SIGKILL);
    siginfo_t w;
    waitid(P_PID, child, &w, WEXITED | WNOWAIT);
    printf(" killed %d %d", w.si_code == CLD_KILLED, w.si_status);
    waitpid(child, &status, 0);
    printf(" %d\n", WTERMSIG(status));
    printf("done\n");
    return 0;
}
