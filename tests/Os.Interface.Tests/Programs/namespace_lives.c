// Time namespaces through the life of threads and processes: whose namespace it is that a thread unshares, what exec from a thread, vfork,
// signals, zombies and dead processes leave of it, what links and files of /proc/PID say meanwhile and to whom; clone3(2) with CLONE_VM,
// setns(2) by files, pidfds and bind; time_namespaces(7).
#include "report.h"
#include <sys/ioctl.h>

static unsigned long inode_of(const char *format, int pid)
{
    char path[80];
    struct stat s;
    snprintf(path, sizeof path, format, pid);
    return stat(path, &s) ? 0 : s.st_ino;
}

static unsigned long mine(void) { return inode_of("/proc/thread-self/ns/time", 0); }
static unsigned long childrens(void) { return inode_of("/proc/thread-self/ns/time_for_children", 0); }

static pthread_barrier_t barrier;
static unsigned long seen[4];

static void *nothing(void *unused) { return NULL; }

static void *unsharing(void *unused)
{
    CALL("a thread unshares", syscall(SYS_unshare, CLONE_NEWTIME));
    TRUTH("its children's is another", mine() != childrens());
    seen[0] = childrens();
    VALUE("/proc/self is the process's", write_text("/proc/self/timens_offsets", "monotonic 5000 0"));
    char path[60];
    snprintf(path, sizeof path, "/proc/%ld/timens_offsets", syscall(SYS_gettid));
    VALUE("/proc/TID is the thread's", write_text(path, "monotonic 5000 0"));
    pthread_barrier_wait(&barrier);
    pthread_barrier_wait(&barrier);
    int pid = fork();
    if (pid == 0) {
        say("the thread's child is %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    pthread_t t;
    VALUE("the thread makes a thread", pthread_create(&t, NULL, nothing, NULL));
    int own = open("/proc/thread-self/ns/time_for_children", O_RDONLY);
    CALL("setns with threads", syscall(SYS_setns, own, CLONE_NEWTIME));
    return NULL;
}

static int by_threads(void)
{
    pthread_t t;
    unsigned long before = childrens();
    pthread_barrier_init(&barrier, NULL, 2);
    pthread_create(&t, NULL, unsharing, NULL);
    pthread_barrier_wait(&barrier);
    TRUTH("the first thread's is as before", childrens() == before && inode_of("/proc/self/ns/time_for_children", 0) == before);
    TRUTH("the other's is not", inode_of("/proc/self/task/%d/ns/time_for_children", 0) == 0);
    int pid = fork();
    if (pid == 0) {
        say("the first thread's child is %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    pthread_barrier_wait(&barrier);
    pthread_join(t, NULL);
    return 0;
}

static void *executing(void *path)
{
    syscall(SYS_unshare, CLONE_NEWTIME);
    char name[60];
    snprintf(name, sizeof name, "/proc/%ld/timens_offsets", syscall(SYS_gettid));
    VALUE("offsets", write_text(name, "monotonic 7000 0\nboottime 8000 0"));
    execl("/proc/self/exe", "namespace_lives", "after", NULL);
    return NULL;
}

static int exec_of_a_thread(void)
{
    pthread_t t;
    pthread_create(&t, NULL, executing, NULL);
    pause();
    return 1;
}

static int after(void)
{
    TRUTH("the thread that called exec is the process", getpid() == syscall(SYS_gettid));
    say("it is %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND);
    TRUTH("its children's is still another", mine() != childrens());
    int pid = fork();
    if (pid == 0) {
        say("a child is %lld and %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND, about(now(CLOCK_BOOTTIME), 1000 * SECOND) / SECOND);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int dead(void)
{
    char text[100];
    int status, pipes[2];
    if (pipe(pipes)) return 1;
    syscall(SYS_unshare, CLONE_NEWTIME);
    write_text("/proc/self/timens_offsets", "monotonic 3000 0");
    int pid = fork();
    if (pid == 0) {
        char c;
        close(pipes[1]);
        _exit(read(pipes[0], &c, 1));
    }
    snprintf(text, sizeof text, "/proc/%d/ns/time", pid);
    int by_file = open(text, O_RDONLY), by_path = open(text, O_PATH), by_pidfd = syscall(SYS_pidfd_open, pid, 0);
    snprintf(text, sizeof text, "/proc/%d/ns", pid);
    int directory = open(text, O_RDONLY | O_DIRECTORY);
    close(pipes[1]);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    CALL("a zombie's pidfd", syscall(SYS_setns, by_pidfd, CLONE_NEWTIME));
    snprintf(text, sizeof text, "/proc/%d/ns/time", pid);
    CALL("a zombie's link", open(text, O_RDONLY));
    CALL("read", readlink(text, text, 50));
    waitpid(pid, &status, 0);
    CALL("nobody's pidfd", syscall(SYS_setns, by_pidfd, CLONE_NEWTIME));
    CALL("nobody's directory", openat(directory, "time", O_RDONLY));
    CALL("a path", syscall(SYS_setns, by_path, CLONE_NEWTIME));
    CALL("its type", ioctl(by_path, 0xb703));
    CALL("the file", syscall(SYS_setns, by_file, CLONE_NEWTIME));
    say("now %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND);
    VALUE("its offsets are fixed", write_text("/proc/self/timens_offsets", "monotonic 1 0"));
    return 0;
}

static char stack[65536] __attribute__((aligned(64)));
static int status_of_child;

static int sharing(void *program)
{
    say("a child that shares memory is %lld ahead", about(now(CLOCK_MONOTONIC), 1000 * SECOND) / SECOND);
    status_of_child = 5;
    if (program) execl("/proc/self/exe", "namespace_lives", "child", NULL);
    return 0;
}

static long clone3_call(uint64_t flags, void *top)
{
    uint64_t a[8] = { flags, 0, 0, 0, SIGCHLD, (uintptr_t)top, top ? sizeof stack : 0, 0 };
    return syscall(435, a, sizeof a);
}

static int sharing_memory(void)
{
    int status, pid = clone(sharing, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
    waitpid(pid, &status, 0);
    say("without a namespace: %d", status_of_child);
    syscall(SYS_unshare, CLONE_NEWTIME);
    write_text("/proc/self/timens_offsets", "monotonic 4000 0");
    CALL("after unshare, CLONE_VM", clone(sharing, stack + sizeof stack, CLONE_VM | SIGCHLD, NULL));
    CALL("with CLONE_VFORK", clone(sharing, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
    pid = vfork();
    if (pid == 0) _exit(0);
    say("vfork: %s", pid < 0 ? error_name(errno) : "ok");
    if (pid > 0) waitpid(pid, &status, 0);
    pthread_t t;
    VALUE("a thread", pthread_create(&t, NULL, nothing, NULL));
    CALL("clone3 with a stack and without CLONE_VM", clone3_call(CLONE_NEWTIME, NULL) == 0 ? (_exit(0), 0) : 0);
    while (waitpid(-1, &status, 0) > 0) { }
    VALUE("offsets stay free", write_text("/proc/self/timens_offsets", "monotonic 4500 0"));
    pid = fork();
    if (pid == 0) {
        say("a child is %lld ahead", about(now(CLOCK_MONOTONIC), 100 * SECOND) / SECOND);
        CALL("CLONE_VM there", clone(sharing, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL));
        while (waitpid(-1, &status, 0) > 0) { }
        _exit(0);
    }
    waitpid(pid, &status, 0);
    return 0;
}

static int by_others(void)
{
    char path[80], text[80];
    syscall(SYS_unshare, CLONE_NEWTIME);
    int pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    static const char *files[] = { "ns", "ns/time", "ns/time_for_children", "timens_offsets", "stat", "fd", "task", "comm" };
    for (int user = 0; user < 2; user++) {
        say(user ? "a user" : "root");
        if (user && setresuid(1000, 1000, 1000)) return 1;
        for (unsigned i = 0; i < 8; i++) {
            struct stat s;
            snprintf(path, sizeof path, "/proc/%d/%s", pid, files[i]);
            int r = lstat(path, &s);
            say("%s: %s mode %o of %d", files[i], r ? error_name(errno) : "ok", r ? 0 : s.st_mode, r ? 0 : s.st_uid);
            CALL("read", open(path, O_RDONLY));
            CALL("write", open(path, O_WRONLY));
            CALL("link", readlink(path, text, sizeof text));
            CALL("access", access(path, R_OK));
        }
        CALL("pidfd", syscall(SYS_setns, syscall(SYS_pidfd_open, pid, 0), CLONE_NEWTIME));
    }
    int own = fork();
    if (own == 0) {
        // Nobody may look into a process that has changed its user, until it says so or calls exec.
        struct stat s;
        stat("/proc/self/timens_offsets", &s);
        say("own offsets of %d", s.st_uid);
        CALL("write", open("/proc/self/timens_offsets", O_WRONLY));
        CALL("link", readlink("/proc/self/ns/time", text, sizeof text));
        CALL("directory", open("/proc/self/ns", O_RDONLY));
        CALL("dumpable", prctl(PR_SET_DUMPABLE, 1));
        stat("/proc/self/timens_offsets", &s);
        say("own offsets of %d", s.st_uid);
        CALL("write", open("/proc/self/timens_offsets", O_WRONLY));
        CALL("directory", open("/proc/self/ns", O_RDONLY));
        CALL("stat of init's namespace", stat("/proc/1/ns/time", &s));
        CALL("link of init's namespace", readlink("/proc/1/ns/time", text, sizeof text));
        _exit(0);
    }
    waitpid(own, NULL, 0);
    kill(pid, SIGKILL);
    return 0;
}

static int names(void)
{
    char text[200], other[40];
    int n = readlink("/proc/self", text, sizeof text);
    TRUTH("/proc/self", n > 0 && (text[n] = 0, atoi(text) == getpid()));
    n = readlink("/proc/thread-self", text, sizeof text - 1);
    snprintf(other, sizeof other, "%d/task/%d", getpid(), getpid());
    TRUTH("/proc/thread-self", n > 0 && (text[n] = 0, strcmp(text, other) == 0));
    struct stat a, b, c;
    CALL("lstat", lstat("/proc/self/ns/time", &a));
    say("mode %o size %ld", a.st_mode, (long)a.st_size);
    CALL("stat", stat("/proc/self/ns/time", &b));
    say("mode %o size %ld links %ld", b.st_mode, (long)b.st_size, (long)b.st_nlink);
    stat("/proc/self/ns/user", &c);
    TRUTH("one device for all namespaces", b.st_dev == c.st_dev && b.st_ino != c.st_ino);
    n = readlink("/proc/self/ns/time", text, sizeof text - 1);
    text[n] = 0;
    snprintf(other, sizeof other, "time:[%lu]", (unsigned long)b.st_ino);
    TRUTH("the name is the number", strcmp(text, other) == 0);
    say("the first one is %s", text);
    n = readlink("/proc/self/ns/time_for_children", text, sizeof text - 1);
    text[n] = 0;
    say("and its children's %s", text);
    VALUE("cut off", readlink("/proc/self/ns/time", text, 4));
    CALL("of no length", readlink("/proc/self/ns/time", text, 0));
    int fd = open("/proc/self/ns/time", O_RDONLY);
    snprintf(other, sizeof other, "/proc/self/fd/%d", fd);
    n = readlink(other, text, sizeof text - 1);
    text[n] = 0;
    say("opened %s", text);
    int again = open(other, O_RDONLY);
    VALUE("and again", ioctl(again, 0xb703));
    CALL("its directory", open("/proc/self/ns/time/", O_RDONLY));
    CALL("below", open("/proc/self/ns/time/x", O_RDONLY));
    CALL("not followed", open("/proc/self/ns/time", O_RDONLY | O_NOFOLLOW));
    CALL("read", read(fd, text, 4));
    CALL("write", write(fd, text, 4));
    CALL("lseek", lseek(fd, 0, SEEK_SET));
    CALL("mmap", mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) == MAP_FAILED ? -1 : 0);
    CALL("truncate", ftruncate(fd, 0));
    CALL("chmod", fchmod(fd, 0600));
    CALL("chown", fchown(fd, 1, 1));
    CALL("unlink", unlink("/proc/self/ns/time"));
    CALL("mkdir", mkdir("/proc/self/ns/x", 0755));
    CALL("create", open("/proc/self/ns/x", O_CREAT | O_RDWR, 0644));
    CALL("create in /proc", open("/proc/x", O_CREAT | O_RDWR, 0644));
    CALL("remove offsets", unlink("/proc/self/timens_offsets"));
    CALL("cut offsets off", open("/proc/self/timens_offsets", O_WRONLY | O_TRUNC));
    CALL("append to offsets", open("/proc/self/timens_offsets", O_WRONLY | O_APPEND));
    CALL("size of offsets", stat("/proc/self/timens_offsets", &a));
    say("mode %o size %ld", a.st_mode, (long)a.st_size);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc > 1) return strcmp(argv[1], "after") ? 0 : after();
    say("== by threads");
    in_child(by_threads);
    say("== exec of a thread");
    in_child(exec_of_a_thread);
    say("== dead");
    in_child(dead);
    say("== sharing memory");
    in_child(sharing_memory);
    say("== by others");
    in_child(by_others);
    say("== names");
    in_child(names);
    return 0;
}
