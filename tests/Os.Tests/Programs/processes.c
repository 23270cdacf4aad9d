// Fork, copy-on-write, exec, pipes, signals, wait statuses, shared memory, files.
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int caught;
static sigjmp_buf back;
static int data = 1;

static void on_signal(int number) { caught = number; }

static void on_fault(int number, siginfo_t *info, void *context)
{
    printf("fault %d at %p code %d\n", number, info->si_addr, info->si_code);
    siglongjmp(back, 1);
}

static void report(const char *what, int status)
{
    if (WIFSIGNALED(status)) printf("%s: signal %d\n", what, WTERMSIG(status));
    else printf("%s: exit %d\n", what, WEXITSTATUS(status));
}

int main(int argc, char **argv)
{
    int status;
    if (argc > 1) {
        printf("exec %s %s\n", argv[1], getenv("NAME"));
        return 9;
    }
    setvbuf(stdout, 0, _IOLBF, 0);

    signal(SIGUSR1, on_signal);
    kill(getpid(), SIGUSR1);
    printf("caught %d\n", caught);
    struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_SIGINFO };
    sigaction(SIGSEGV, &action, 0);
    if (!sigsetjmp(back, 1)) *(volatile int *)0x123000 = 1;
    char *page = mmap(0, 4096, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (!sigsetjmp(back, 1)) *(volatile char *)page = 1;
    else printf("same page %d\n", page[0]);
    signal(SIGSEGV, SIG_DFL);

    double before = 1.25;
    signal(SIGALRM, on_signal);
    struct timespec wish = { 5, 0 }, left;
    alarm(1);
    int r = nanosleep(&wish, &left);
    printf("nanosleep %d errno %d left %d float %g\n", r, errno, left.tv_sec >= 3, before * 2);

    pid_t p = fork();
    if (!p) { data = 2; *(volatile int *)0 = 1; _exit(1); }
    waitpid(p, &status, 0);
    report("crash", status);
    p = fork();
    if (!p) { data = 3; _exit(data); }
    waitpid(p, &status, 0);
    report("child", status);
    printf("parent's data %d\n", data);

    p = fork();
    if (!p) { pause(); _exit(1); }
    usleep(1000);
    kill(p, SIGTERM);
    waitpid(p, &status, 0);
    report("terminated", status);

    int ends[2];
    pipe(ends);
    p = fork();
    if (!p) {
        close(ends[0]);
        for (int i = 0; i < 20000; i++) write(ends[1], "0123456789", 10);
        _exit(0);
    }
    close(ends[1]);
    char buffer[999];
    long total = 0, n;
    while ((n = read(ends[0], buffer, sizeof buffer)) > 0) total += n;
    waitpid(p, &status, 0);
    printf("pipe %ld\n", total);

    int *shared = mmap(0, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    p = fork();
    if (!p) { *shared = 42; _exit(0); }
    waitpid(p, &status, 0);
    printf("shared %d\n", *shared);

    p = vfork();
    if (!p) {
        char *args[] = { argv[0], "again", 0 }, *environment[] = { "NAME=value", 0 };
        execve("/proc/self/exe", args, environment);
        _exit(1);
    }
    waitpid(p, &status, 0);
    report("exec", status);

    FILE *f = fopen("/tmp/file", "w+");
    fprintf(f, "line %d\n", 7);
    fseek(f, 5000, SEEK_SET);
    fputc('x', f);
    rewind(f);
    printf("file %s", fgets(buffer, sizeof buffer, f));
    fseek(f, 0, SEEK_END);
    printf("size %ld\n", ftell(f));
    fseek(f, 4000, SEEK_SET);
    printf("hole %d\n", fgetc(f));
    fclose(f);
    r = wait(&status);
    printf("wait %d errno %d\n", r, errno);
    printf("done\n");
    return 0;
}
