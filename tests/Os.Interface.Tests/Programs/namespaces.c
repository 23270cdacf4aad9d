// Time namespace reference, sections 2, 4 and 7: creating, entering and freezing namespaces, and their files.
#include "report.h"
#include <sys/ioctl.h>
#include <linux/nsfs.h>
#ifndef NS_GET_OWNER_UID
#define NS_GET_OWNER_UID _IO(0xb7, 0x4)
#endif

struct clone_args_v2 { uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup; };

static ino_t number(const char *path)
{
    struct stat s;
    return stat(path, &s) ? 0 : s.st_ino;
}

static ino_t own(void) { return number("/proc/self/ns/time"); }
static ino_t children(void) { return number("/proc/self/ns/time_for_children"); }
static ino_t initial;

static void where(const char *name)
{
    say("%s: time %s, time_for_children %s", name, own() == initial ? "initial" : "other",
        children() == own() ? "the same" : children() == initial ? "initial" : "other");
}

static int unsharing(void)
{
    where("at first");
    long long before = now(CLOCK_MONOTONIC);
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    where("after unshare");
    VALUE("offset", write_text("/proc/self/timens_offsets", "1 1000 0\n7 2000 0"));
    TRUTH("the caller's clock stays", now(CLOCK_MONOTONIC) - before < 100 * SECOND);
    if (fork() == 0) {
        where("child");
        TRUTH("its clock is ahead", now(CLOCK_MONOTONIC) - before > 1000 * SECOND && now(CLOCK_MONOTONIC) - before < 1100 * SECOND);
        TRUTH("raw too", now(CLOCK_MONOTONIC_RAW) - before > 900 * SECOND);
        TRUTH("coarse too", now(CLOCK_MONOTONIC_COARSE) - before > 900 * SECOND);
        TRUTH("boot time more", now(CLOCK_BOOTTIME) - before > 1900 * SECOND);
        TRUTH("and the alarm clock", now(CLOCK_BOOTTIME_ALARM) - before > 1900 * SECOND);
        CALL("unshare again", syscall(SYS_unshare, CLONE_NEWTIME));
        where("child after unshare");
        char text[100];
        read_text("/proc/self/timens_offsets", text, sizeof text);
        say("inherits\n%s", text);
        VALUE("not added up", write_text("/proc/self/timens_offsets", "1 5 0"));
        if (fork() == 0) {
            TRUTH("grandchild's clock", now(CLOCK_MONOTONIC) - before < 100 * SECOND);
            _exit(0);
        }
        wait(NULL);
        _exit(0);
    }
    wait(NULL);
    where("parent");
    return 0;
}

static int flags(void)
{
    CALL("unshare nothing", syscall(SYS_unshare, 0));
    CALL("unshare of an unknown bit", syscall(SYS_unshare, 1));
    CALL("unshare of the signal's bits", syscall(SYS_unshare, 0x7f));
    CALL("unshare CLONE_VFORK", syscall(SYS_unshare, 0x4000));
    CALL("unshare FS and FILES", syscall(SYS_unshare, 0x600));
    CALL("unshare CLONE_THREAD alone", syscall(SYS_unshare, 0x10000));
    int status;
    int pid = syscall(SYS_clone, CLONE_NEWTIME | SIGCHLD, 0, 0, 0, 0);
    if (pid == 0) {
        where("clone with 0x80");
        _exit(3);
    }
    siginfo_t ended;
    syscall(SYS_waitid, P_PID, pid, &ended, WEXITED | WNOWAIT | __WALL, NULL);
    VALUE("wait without __WALL", waitpid(pid, &status, 0));
    TRUTH("wait with __WALL", waitpid(pid, &status, __WALL) == pid);
    pid = syscall(SYS_clone, CLONE_NEWTIME, 0, 0, 0, 0);
    if (pid == 0) _exit(4);
    VALUE("wait for exit signal 0x80", waitpid(pid, &status, 0));
    TRUTH("wait with __WCLONE", waitpid(pid, &status, __WCLONE) == pid);
    struct clone_args_v2 a = { .flags = CLONE_NEWTIME, .exit_signal = SIGCHLD };
    pid = syscall(SYS_clone3, &a, 64);
    if (pid == 0) {
        where("clone3");
        VALUE("its offsets are frozen", write_text("/proc/self/timens_offsets", "1 1 0"));
        _exit(0);
    }
    if (pid < 0) say("clone3: %s", error_name(errno));
    else waitpid(pid, &status, 0);
    where("clone3's parent");
    a.flags = 0x40;
    CALL("clone3 with a bit of the signal", syscall(SYS_clone3, &a, 64));
    a.flags = 0;
    a.exit_signal = 0x91;
    CALL("clone3 with signal 0x91", syscall(SYS_clone3, &a, 64));
    a.exit_signal = SIGCHLD;
    CALL("clone3 with a small structure", syscall(SYS_clone3, &a, 63));
    CALL("clone3 with a huge structure", syscall(SYS_clone3, &a, 5000));
    CALL("clone3 from a bad address", syscall(SYS_clone3, BAD, 64));
    a.stack = 4096;
    CALL("clone3 with a stack of no size", syscall(SYS_clone3, &a, 64));
    a.stack = 0;
    a.flags = CLONE_SIGHAND;
    CALL("clone3 SIGHAND without VM", syscall(SYS_clone3, &a, 64));
    a.flags = CLONE_THREAD;
    CALL("clone3 THREAD without SIGHAND", syscall(SYS_clone3, &a, 64));
    a.flags = CLONE_SIGHAND | 0x100000000ULL | CLONE_VM;
    CALL("clone3 CLEAR_SIGHAND with SIGHAND", syscall(SYS_clone3, &a, 64));
    return 0;
}

static void *thread(void *argument) { return argument; }

static volatile int thread_goes_on = 1;
static void *lingering(void *argument)
{
    while (thread_goes_on) usleep(1000);
    return argument;
}

static int sharing(void)
{
    pthread_t t;
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("vfork", ({ int p = vfork(); if (p == 0) _exit(0); int e = errno; if (p > 0) waitpid(p, NULL, 0); errno = e; p > 0 ? 0 : p; }));
    say("pthread_create: %s", error_name(pthread_create(&t, NULL, thread, NULL)));
    VALUE("fork", ({ int p = fork(); if (p == 0) _exit(0); if (p > 0) waitpid(p, NULL, 0); p > 0 ? 0 : p; }));
    return 0;
}

static int joining(void)
{
    int time = open("/proc/self/ns/time", O_RDONLY), user = open("/proc/self/ns/user", O_RDONLY), other = open("/proc/self/stat", O_RDONLY);
    CALL("setns of a bad descriptor", syscall(SYS_setns, -1, CLONE_NEWTIME));
    CALL("setns of another file", syscall(SYS_setns, other, 0));
    CALL("setns of a time file as another type", syscall(SYS_setns, time, CLONE_NEWUTS));
    CALL("setns of a time file with two types", syscall(SYS_setns, time, CLONE_NEWTIME | CLONE_NEWUTS));
    CALL("setns of one's own", syscall(SYS_setns, time, CLONE_NEWTIME));
    CALL("setns without a type", syscall(SYS_setns, time, 0));
    CALL("setns into one's own user namespace", syscall(SYS_setns, user, 0));
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    int for_children = open("/proc/self/ns/time_for_children", O_RDONLY);
    VALUE("opening does not freeze", write_text("/proc/self/timens_offsets", "1 5000 0"));
    long long before = now(CLOCK_MONOTONIC);
    pthread_t t;
    int pid = fork();
    if (pid == 0) {
        thread_goes_on = 1;
        pthread_create(&t, NULL, lingering, NULL);
        CALL("setns with a second thread", syscall(SYS_setns, time, CLONE_NEWTIME));
        thread_goes_on = 0;
        pthread_join(t, NULL);
        TRUTH("in the child's", now(CLOCK_MONOTONIC) - before > 4000 * SECOND);
        CALL("setns back", syscall(SYS_setns, time, CLONE_NEWTIME));
        TRUTH("in the parent's", now(CLOCK_MONOTONIC) - before < 1000 * SECOND);
        where("back");
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CALL("setns into time_for_children", syscall(SYS_setns, for_children, 0));
    where("there");
    TRUTH("moved", now(CLOCK_MONOTONIC) - before > 4000 * SECOND);
    struct timespec t2;
    clock_gettime(CLOCK_MONOTONIC, &t2);
    TRUTH("by the library's function too", t2.tv_sec * SECOND + t2.tv_nsec - before > 4000 * SECOND);
    VALUE("frozen", write_text("/proc/self/timens_offsets", "1 6000 0"));
    CALL("setresuid", setresuid(1000, 1000, 1000));
    CALL("setns by a user", syscall(SYS_setns, time, CLONE_NEWTIME));
    return 0;
}

static int executing(void)
{
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offset", write_text("/proc/self/timens_offsets", "1 7000 0"));
    execl("/proc/self/exe", "namespaces", "executed", NULL);
    return 1;
}

static int files(void)
{
    char link[64];
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    int n = readlink("/proc/self/ns/time", link, sizeof link);
    say("time: %.*s", n, link);
    n = readlink("/proc/self/ns/time_for_children", link, sizeof link);
    TRUTH("time_for_children reads time:[number]", n > 6 && memcmp(link, "time:[", 6) == 0 && strtoul(link + 6, NULL, 10) == children());
    n = readlink("/proc/self/ns/user", link, sizeof link);
    say("user: %.*s", n, link);
    int time = open("/proc/self/ns/time_for_children", O_RDONLY), user = open("/proc/self/ns/user", O_RDONLY), uid = -1;
    VALUE("type of time", ioctl(time, NS_GET_NSTYPE));
    VALUE("type of user", ioctl(user, NS_GET_NSTYPE));
    CALL("parent of time", ioctl(time, NS_GET_PARENT));
    CALL("parent of the initial user", ioctl(user, NS_GET_PARENT));
    CALL("owner uid of time", ioctl(time, NS_GET_OWNER_UID, &uid));
    CALL("owner uid of user", ioctl(user, NS_GET_OWNER_UID, &uid));
    say("which is %d", uid);
    CALL("to a bad address", ioctl(user, NS_GET_OWNER_UID, BAD));
    CALL("unknown request", ioctl(time, _IO(0xb7, 0x60)));
    int owner = ioctl(time, NS_GET_USERNS);
    struct stat a, b;
    TRUTH("owner is the user namespace", owner >= 0 && !fstat(owner, &a) && !fstat(user, &b) && a.st_ino == b.st_ino && a.st_dev == b.st_dev);
    TRUTH("close on exec", fcntl(owner, F_GETFD) == FD_CLOEXEC);
    CALL("owner of the initial user namespace", ioctl(user, NS_GET_USERNS));
    char c;
    CALL("read", read(time, &c, 1));
    CALL("write to it", open("/proc/self/ns/time", O_RDWR));
    fstat(time, &a);
    say("mode %o links %d size %d", a.st_mode, (int)a.st_nlink, (int)a.st_size);
    int pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    char path[60];
    snprintf(path, sizeof path, "/proc/%d/ns/time", pid);
    TRUTH("the child's is that for children", number(path) == children());
    if (fork() == 0) {
        setresuid(1000, 1000, 1000);
        CALL("readlink of root's by a user", readlink(path, link, sizeof link));
        CALL("open of root's by a user", open(path, O_RDONLY));
        CALL("readlink of one's own", readlink("/proc/self/ns/time", link, sizeof link));
        _exit(0);
    }
    wait(NULL);
    kill(pid, SIGKILL);
    siginfo_t info;
    waitid(P_PID, pid, &info, WEXITED | WNOWAIT);
    CALL("readlink of a zombie's", readlink(path, link, sizeof link));
    CALL("open of a zombie's", open(path, O_RDONLY));
    waitpid(pid, NULL, 0);
    CALL("readlink of nobody's", readlink(path, link, sizeof link));
    return 0;
}

static int limits(void)
{
    char old[30];
    int n = read_text("/proc/sys/user/max_time_namespaces", old, sizeof old);
    TRUTH("limit", n > 1 && atoi(old) > 100);
    VALUE("set to 2", write_text("/proc/sys/user/max_time_namespaces", "2"));
    CALL("first", syscall(SYS_unshare, CLONE_NEWTIME));
    int held = open("/proc/self/ns/time_for_children", O_RDONLY);
    CALL("second", syscall(SYS_unshare, CLONE_NEWTIME));
    CALL("third", syscall(SYS_unshare, CLONE_NEWTIME));
    close(held);
    CALL("after one is gone", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("negative", write_text("/proc/sys/user/max_time_namespaces", "-1"));
    VALUE("restored", write_text("/proc/sys/user/max_time_namespaces", old) > 0);
    return 0;
}

int main(int argc, char **argv)
{
    initial = 4026531834U;
    if (argc > 1) {
        where("after exec");
        TRUTH("its clock moved", now(CLOCK_MONOTONIC) > 7000 * SECOND);
        return 0;
    }
    say("== unshare");
    in_child(unsharing);
    say("== flags");
    in_child(flags);
    say("== shared memory");
    in_child(sharing);
    say("== setns");
    in_child(joining);
    say("== exec");
    in_child(executing);
    say("== files");
    in_child(files);
    // The numbers are the clocks' ids, which all versions take: 1 monotonic, 7 boottime.
    say("== limits");
    in_child(limits);
    return 0;
}
