// Who is in the new time namespace after unshare(CLONE_NEWTIME): the caller, its threads, its children by vfork and by clone with shared
// memory, before exec and after. What 6.12's self-test vfork_exec is about; written anew, case by case.
#include "report.h"

#define OFFSET 36000

extern char **environ;
static long long at_start;
static char *self;

static const char *where(void)
{
    long long moved = now(CLOCK_MONOTONIC) - at_start;
    return moved > (OFFSET - 100) * SECOND ? "new" : moved < 100 * SECOND ? "old" : "nowhere";
}

static void *thread(void *unused)
{
    say("thread: %s", where());
    return NULL;
}

// As a program of its own: tells where it is.
static void execute(const char *name)
{
    char start[32];
    snprintf(start, sizeof start, "%lld", at_start);
    char *words[] = { self, (char *)name, start, NULL };
    execve(self, words, environ);
    _exit(9);
}

static int shared_child(void *unused)
{
    say("clone with shared memory, before exec: %s", where());
    execute("clone with shared memory, after exec");
    return 9;
}

int main(int count, char **words)
{
    self = words[0];
    if (count == 3) {
        at_start = atoll(words[2]);
        say("%s: %s", words[1], where());
        return 0;
    }
    at_start = now(CLOCK_MONOTONIC);
    CALL("unshare", unshare(CLONE_NEWTIME));
    char offsets[64];
    int file = open("/proc/self/timens_offsets", O_WRONLY), length = snprintf(offsets, sizeof offsets, "1 %d 0", OFFSET);
    CALL("offsets", write(file, offsets, length));
    say("caller: %s", where());

    pthread_t t;
    int r = pthread_create(&t, NULL, thread, NULL);
    say("pthread_create: %s", r ? error_name(r) : "ok");
    if (!r)
        pthread_join(t, NULL);

    pid_t child = vfork();
    if (child == 0) {
        say("vfork, before exec: %s", where());
        execute("vfork, after exec");
    }
    int error = errno;
    if (child > 0)
        waitpid(child, NULL, 0); // the child may speak before its parent goes on, or after
    say("vfork: %s", child < 0 ? error_name(error) : "ok");
    say("caller after vfork: %s", where());

    static char stack[65536] __attribute__((aligned(16)));
    child = clone(shared_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    error = errno;
    if (child > 0)
        waitpid(child, NULL, 0);
    say("clone: %s", child < 0 ? error_name(error) : "ok");

    child = fork();
    if (child == 0) {
        say("fork, before exec: %s", where());
        execute("fork, after exec");
    }
    waitpid(child, NULL, 0);
    execute("caller, after exec");
}
