// User namespaces and capabilities as far as time namespaces need them (user_namespaces(7), capabilities(7)).
#include "report.h"
#include <linux/capability.h>
#include <sys/ioctl.h>
#include <linux/nsfs.h>

static unsigned long long effective(void)
{
    struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct d[2];
    if (syscall(SYS_capget, &h, d)) return ~0ULL;
    return d[0].effective | (unsigned long long)d[1].effective << 32;
}

static void file(const char *path)
{
    char text[300];
    int n = read_text(path, text, sizeof text);
    if (n < 0) say("%s: %s", path, error_name(errno));
    else say("%s:\n%s", path, text);
}

static void ids(const char *name)
{
    unsigned a, b, c, d, e, f;
    syscall(SYS_getresuid, &a, &b, &c);
    syscall(SYS_getresgid, &d, &e, &f);
    say("%s: uid %u %u %u gid %u %u %u", name, a, b, c, d, e, f);
}

static int unprivileged(void)
{
    CALL("setresgid", setresgid(2000, 2000, 2000));
    CALL("setresuid", setresuid(1000, 1000, 1000));
    say("effective %llx", effective());
    CALL("unshare time", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("dumpable", prctl(PR_GET_DUMPABLE));
    CALL("unshare user and time", syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWTIME));
    say("effective %llx", effective());
    ids("unmapped");
    file("/proc/self/uid_map");
    file("/proc/self/setgroups");
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 10000 0"));
    VALUE("uid_map of a stranger", write_text("/proc/self/uid_map", "0 1001 1"));
    VALUE("uid_map of two", write_text("/proc/self/uid_map", "0 1000 2"));
    return 0;
}

static int mapped(void)
{
    CALL("setresgid", setresgid(2000, 2000, 2000));
    CALL("setresuid", setresuid(1000, 1000, 1000));
    CALL("dumpable", prctl(PR_SET_DUMPABLE, 1));
    CALL("unshare user and time", syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWTIME));
    CALL("dumpable", prctl(PR_SET_DUMPABLE, 1));
    static const char *bad[] = { "", "0", "0 0", "a b c", "0 1000 0", "0 1000 1 x", "4294967295 1000 1", "0 4294967295 1", "0 1001 1", "0 1000 2", "0 1000 1\n5 1000 1", "0 0 1" };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) VALUE(bad[i], write_text("/proc/self/uid_map", bad[i]));
    VALUE("uid_map", write_text("/proc/self/uid_map", "0 1000 1\n"));
    VALUE("uid_map again", write_text("/proc/self/uid_map", "0 1000 1\n"));
    VALUE("gid_map with setgroups allowed", write_text("/proc/self/gid_map", "0 2000 1\n"));
    VALUE("setgroups nonsense", write_text("/proc/self/setgroups", "no"));
    VALUE("setgroups too long", write_text("/proc/self/setgroups", "deny     "));
    VALUE("setgroups deny", write_text("/proc/self/setgroups", "deny"));
    VALUE("setgroups allow", write_text("/proc/self/setgroups", "allow"));
    VALUE("gid_map of a stranger", write_text("/proc/self/gid_map", "0 0 1"));
    VALUE("gid_map", write_text("/proc/self/gid_map", "0 2000 1"));
    VALUE("setgroups deny after the map", write_text("/proc/self/setgroups", "deny"));
    file("/proc/self/uid_map");
    file("/proc/self/gid_map");
    file("/proc/self/setgroups");
    ids("mapped");
    CALL("setgroups", syscall(SYS_setgroups, 0, NULL));
    CALL("setuid of an unmapped id", syscall(SYS_setuid, 5));
    CALL("setresuid of an unmapped id", syscall(SYS_setresuid, -1, 7, -1));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 10000 0\nboottime 20000 0"));
    struct timespec t = { 1, 0 };
    CALL("clock_settime", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    struct timex x = { .modes = ADJ_TICK, .tick = 10000 };
    CALL("adjtimex", syscall(SYS_adjtimex, &x));
    CALL("alarm clock", syscall(SYS_timerfd_create, CLOCK_BOOTTIME_ALARM, 0));
    int time = open("/proc/self/ns/time_for_children", O_RDONLY), initial = open("/proc/self/ns/time", O_RDONLY);
    int owner = ioctl(time, NS_GET_USERNS);
    struct stat a, b;
    TRUTH("the new time namespace is owned by the new user namespace", owner >= 0 && !fstat(owner, &a) && !stat("/proc/self/ns/user", &b) && a.st_ino == b.st_ino);
    CALL("owner of the initial time namespace", ioctl(initial, NS_GET_USERNS));
    CALL("parent of the new user namespace", ioctl(owner, NS_GET_PARENT));
    unsigned uid;
    CALL("its owner", ioctl(owner, NS_GET_OWNER_UID, &uid));
    say("is %u", uid);
    CALL("setns into the new", syscall(SYS_setns, time, CLONE_NEWTIME));
    TRUTH("moved", now(CLOCK_MONOTONIC) > 9000 * SECOND);
    CALL("setns into the initial", syscall(SYS_setns, initial, CLONE_NEWTIME));
    CALL("a user namespace below", syscall(SYS_unshare, CLONE_NEWUSER));
    ids("below");
    say("effective %llx", effective());
    VALUE("frozen offsets of the outer", write_text("/proc/self/timens_offsets", "monotonic 1 0"));
    CALL("unshare time below", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets below", write_text("/proc/self/timens_offsets", "monotonic 10001 0"));
    return 0;
}

static int privileged(void)
{
    int ready[2], go[2];
    char c;
    if (pipe(ready) || pipe(go)) return 1;
    int pid = fork();
    if (pid == 0) {
        CALL("unshare user", syscall(SYS_unshare, CLONE_NEWUSER));
        if (write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1) _exit(1);
        ids("mapped by the parent");
        CALL("setresgid", setresgid(1, 2, 3));
        CALL("setresuid", setresuid(1, 2, 3));
        ids("changed");
        say("effective %llx", effective());
        _exit(0);
    }
    char path[50];
    if (read(ready[0], &c, 1) != 1) return 1;
    snprintf(path, sizeof path, "/proc/%d/uid_map", pid);
    VALUE("overlapping", write_text(path, "0 1000 10\n5 2000 10\n"));
    VALUE("uid_map", write_text(path, "0 1000 10\n100 0 1\n"));
    file(path + 0 == path ? "/proc/self/uid_map" : path);
    snprintf(path, sizeof path, "/proc/%d/gid_map", pid);
    VALUE("gid_map", write_text(path, "0 1000 10\n100 0 1\n"));
    if (write(go[1], "x", 1) != 1) return 1;
    waitpid(pid, NULL, 0);
    VALUE("uid_map of the initial namespace", write_text("/proc/self/uid_map", "0 0 1"));
    return 0;
}

static int changing(void)
{
    say("effective %llx", effective());
    CALL("setresuid", setresuid(-1, 1000, -1));
    ids("effective 1000");
    say("effective %llx", effective());
    CALL("setresuid back", setresuid(-1, 0, -1));
    say("effective %llx", effective());
    CALL("keep", prctl(PR_SET_KEEPCAPS, 1));
    CALL("setuid", setuid(1000));
    say("effective %llx", effective());
    struct __user_cap_header_struct h = { _LINUX_CAPABILITY_VERSION_3, 0 };
    struct __user_cap_data_struct d[2];
    CALL("capget", syscall(SYS_capget, &h, d));
    say("permitted %x %x", d[0].permitted, d[1].permitted);
    d[0].effective = 1 << CAP_SYS_TIME;
    d[1].effective = 0;
    CALL("capset", syscall(SYS_capset, &h, d));
    say("effective %llx", effective());
    d[0].permitted = 1 << CAP_SYS_TIME;
    d[1].permitted = 0;
    CALL("capset drops", syscall(SYS_capset, &h, d));
    d[0].permitted |= 1 << CAP_SYS_ADMIN;
    CALL("capset raises", syscall(SYS_capset, &h, d));
    struct timespec t;
    clock_gettime(CLOCK_REALTIME, &t);
    CALL("clock_settime with CAP_SYS_TIME alone", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    CALL("unshare time", syscall(SYS_unshare, CLONE_NEWTIME));
    CALL("capget of another version", ({ h.version = 1; syscall(SYS_capget, &h, NULL); }));
    say("version %x", h.version);
    CALL("capget of nobody", ({ h.pid = 30000; syscall(SYS_capget, &h, d); }));
    CALL("setreuid", setreuid(5, 6));
    VALUE("bounding set", prctl(PR_CAPBSET_READ, CAP_SYS_TIME));
    VALUE("bounding set of an unknown capability", prctl(PR_CAPBSET_READ, 60));
    VALUE("dropping from it", prctl(PR_CAPBSET_DROP, CAP_SYS_TIME));
    return 0;
}

static int groups(void)
{
    gid_t list[3] = { 5, 6, 7 }, got[3];
    CALL("setgroups", syscall(SYS_setgroups, 3, list));
    VALUE("getgroups", syscall(SYS_getgroups, 0, NULL));
    VALUE("getgroups into too little", syscall(SYS_getgroups, 2, got));
    VALUE("getgroups", syscall(SYS_getgroups, 3, got));
    say("%u %u %u", got[0], got[1], got[2]);
    CALL("setuid", setuid(1000));
    CALL("setgroups by a user", syscall(SYS_setgroups, 0, NULL));
    CALL("too many", syscall(SYS_setgroups, 100000, list));
    return 0;
}

static int limits(void)
{
    VALUE("limit of 1", write_text("/proc/sys/user/max_user_namespaces", "1"));
    CALL("setresuid", setresuid(3000, 3000, 3000)); // nobody else's count
    CALL("first", syscall(SYS_unshare, CLONE_NEWUSER));
    CALL("second, counted above", syscall(SYS_unshare, CLONE_NEWUSER));
    return 0;
}

int main(void)
{
    say("== without privilege");
    in_child(unprivileged);
    say("== maps");
    in_child(mapped);
    say("== with privilege");
    in_child(privileged);
    say("== changing ids");
    in_child(changing);
    say("== groups");
    in_child(groups);
    say("== limits");
    in_child(limits);
    return 0;
}
