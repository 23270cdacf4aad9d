// Time namespace reference, section 3: reading and writing /proc/PID/timens_offsets, and which error comes first.
#include "report.h"

static const char *self = "/proc/self/timens_offsets";

static void show(const char *name)
{
    char text[200];
    if (read_text(self, text, sizeof text) < 0) say("%s: %s", name, error_name(errno));
    else say("%s:\n%s", name, text);
}

static void put(const char *text)
{
    char name[120], *to = name;
    for (const char *p = text; *p && to < name + 100; p++)
        if (*p == '\n') *to++ = '\\', *to++ = 'n';
        else *to++ = *p;
    *to = 0;
    VALUE(name, write_text(self, text));
}

static int fresh(void) { return syscall(SYS_unshare, CLONE_NEWTIME); }

static int parsing(void)
{
    CALL("unshare", fresh());
    static const char *bad[] = {
        "not an offset", "1 10", "1 10 -10", "1 10 1000000001", "0 10 0", "1 10 0\na", "1 9223372036 0", "1 -9223372036 0",
        "1 9223372037 0", "1 -9223372037 0", "monotonic", "monotonic 1", "monotonicx 1 1", "monotonic 1 1000000000", "boottime 1 -1",
        "2 1 1", "4 1 1", "6 1 1", "9 1 1", "realtime 1 1", "\n", "\n1 1 1", " ", "", "monotonic 1 1\nboottime 1", "monotonic -100000 0",
        "monotonic 4611686018 0", "monotonic 4611686017 0\nboottime 4611686019 0", "01 1 1", "0x1 1 1", "monotonic 0x10 0",
    };
    for (unsigned i = 0; i < sizeof bad / sizeof *bad; i++) put(bad[i]);
    show("untouched");
    put("monotonic 1 2");
    show("one line");
    put("1 10 3\n7 20 4\n");
    show("numbers");
    put("monotonic 5 6\nmonotonic 7 8");
    show("the second line for the same clock overrides");
    put("  monotonic \t 9 \t 10 trailing text\nboottime 11 12 x");
    show("blanks and trailing text");
    put("monotonic 1 1\nboottime 2 2\nthird line");
    put("monotonic -1 999999999");
    show("negative");
    put("monotonic +3 +4");
    show("plus signs");
    put("boottime 1000000 0\nmonotonic 2000000 500");
    show("order");
    put("boottime 1000001 0\nmonotonic 2000001");
    show("a bad second line leaves the first unapplied");
    put("monotonic 18446744073709551615 0");
    put("monotonic 9223372036854775808 0");
    show("wrapped numbers");
    return 0;
}

static int positions(void)
{
    CALL("unshare", fresh());
    int fd = open(self, O_RDWR);
    VALUE("write", write(fd, "monotonic 1 0", 13));
    VALUE("again on the same descriptor", write(fd, "monotonic 2 0", 13));
    VALUE("pwrite at 0", pwrite(fd, "monotonic 3 0", 13, 0));
    VALUE("pwrite at 1", pwrite(fd, "monotonic 4 0", 13, 1));
    VALUE("write of nothing", write(fd, "", 0));
    VALUE("write from a bad address", write(fd, BAD, 13));
    VALUE("pwrite from a bad address at 1", pwrite(fd, BAD, 13, 1));
    char *page = malloc(5000);
    memset(page, ' ', 5000);
    memcpy(page, "monotonic 5 0", 13);
    VALUE("write of 4095 bytes", write(fd, page, 4095));
    VALUE("write of 4096 bytes", write(fd, page, 4096));
    VALUE("write with a zero byte", write(fd, "monotonic 6 0\0x", 15));
    show("afterwards");
    VALUE("two lines and more", write(fd, "monotonic 1 1\nboottime 2 2\nthird line", 37));
    VALUE("lines", write(fd, "monotonic 1 1\n", 14));
    VALUE("read", read(fd, page, 10) > 0);
    return 0;
}

static int frozen(void)
{
    CALL("unshare", fresh());
    VALUE("before a child", write_text(self, "monotonic 100 0"));
    int status;
    int ready[2], go[2];
    if (pipe(ready) || pipe(go)) return 1;
    int pid = fork();
    if (pid == 0) {
        char c;
        if (write(ready[1], "x", 1) != 1 || read(go[0], &c, 1) != 1) _exit(1);
        _exit(0);
    }
    char c;
    if (read(ready[0], &c, 1) != 1) return 1;
    VALUE("with a child", write_text(self, "monotonic 200 0"));
    VALUE("bad text with a child", write_text(self, "monotonic"));
    VALUE("bad range with a child", write_text(self, "monotonic -10000000 0"));
    char path[60];
    snprintf(path, sizeof path, "/proc/%d/timens_offsets", pid);
    VALUE("of the child", write_text(path, "monotonic 300 0"));
    if (write(go[1], "x", 1) != 1) return 1;
    waitpid(pid, &status, 0);
    VALUE("after the child", write_text(self, "monotonic 200 0"));
    CALL("a new namespace", fresh());
    show("takes the offsets over");
    VALUE("and can be set", write_text(self, "monotonic 400 0"));
    int zombie = fork();
    if (zombie == 0) _exit(0);
    siginfo_t info;
    waitid(P_PID, zombie, &info, WEXITED | WNOWAIT);
    snprintf(path, sizeof path, "/proc/%d/timens_offsets", zombie);
    VALUE("of a zombie", write_text(path, "monotonic 1 0"));
    VALUE("bad text for a zombie", write_text(path, "monotonic"));
    char text[100];
    VALUE("read of a zombie's", read_text(path, text, sizeof text));
    int fd = open(path, O_RDWR);
    waitpid(zombie, &status, 0);
    VALUE("of nobody", write(fd, "monotonic 1 0", 13));
    VALUE("bad text for nobody", write(fd, "monotonic", 9));
    VALUE("read of nobody's", read(fd, text, 10));
    return 0;
}

static int credentials(void)
{
    CALL("unshare", fresh());
    int fd = open(self, O_RDWR);
    CALL("setresuid", setresuid(1000, 1000, 1000));
    VALUE("opened by root, written by a user", write(fd, "monotonic 1 0", 13));
    VALUE("out of range", write(fd, "monotonic -10000000 0", 21));
    VALUE("opened by a user", write_text(self, "monotonic 1 0"));
    CALL("unshare by a user", fresh());
    struct stat s;
    if (fstat(fd, &s) == 0) say("mode %o", s.st_mode & 07777);
    return 0;
}

static int initial(void)
{
    show("the initial namespace");
    VALUE("write there", write_text(self, "monotonic 1 0"));
    VALUE("zero there", write_text(self, "monotonic 0 0"));
    VALUE("bad range there", write_text(self, "monotonic 9223372037 0"));
    CALL("setresuid", setresuid(1000, 1000, 1000));
    VALUE("by a user", write_text(self, "monotonic 1 0"));
    return 0;
}

int main(void)
{
    say("== parsing");
    in_child(parsing);
    say("== positions");
    in_child(positions);
    say("== frozen");
    in_child(frozen);
    say("== credentials");
    in_child(credentials);
    say("== initial");
    in_child(initial);
    return 0;
}
