// Time namespace reference, section 5: reading, setting and adjusting clocks, and which error comes first.
#include "report.h"
#include <sys/sysinfo.h>

static const char *names[] = { "REALTIME", "MONOTONIC", "PROCESS_CPUTIME_ID", "THREAD_CPUTIME_ID", "MONOTONIC_RAW", "REALTIME_COARSE",
    "MONOTONIC_COARSE", "BOOTTIME", "REALTIME_ALARM", "BOOTTIME_ALARM", "SGI_CYCLE", "TAI", "12", "13", "16" };
static const int others[] = { -1, -2, -3, -4, -5, -6, -7, -8, 15, 16, 17, 100, 0x7fffffff, (int)0x80000000 };

static void every(const char *what, long (*ask)(int clock))
{
    for (int i = 0; i < 13; i++) {
        errno = 0;
        long r = ask(i);
        say("%s %s: %s", what, names[i], r < 0 ? error_name(errno) : "ok");
    }
    for (unsigned i = 0; i < sizeof others / sizeof *others; i++) {
        errno = 0;
        long r = ask(others[i]);
        say("%s %d: %s", what, others[i], r < 0 ? error_name(errno) : "ok");
    }
}

static struct timespec t;
static struct timex x;
static long get(int c) { return syscall(SYS_clock_gettime, c, &t); }
static long get_bad(int c) { return syscall(SYS_clock_gettime, c, BAD); }
static long resolution(int c) { return syscall(SYS_clock_getres, c, &t); }
static long resolution_null(int c) { return syscall(SYS_clock_getres, c, NULL); }
static long resolution_bad(int c) { return syscall(SYS_clock_getres, c, BAD); }
static long set_bad(int c) { return syscall(SYS_clock_settime, c, BAD); }
static long set_negative(int c) { t = (struct timespec){ -1, 0 }; return syscall(SYS_clock_settime, c, &t); }
static long set_nanoseconds(int c) { t = (struct timespec){ 1, 1000000000 }; return syscall(SYS_clock_settime, c, &t); }
static long set(int c) { clock_gettime(CLOCK_REALTIME, &t); return syscall(SYS_clock_settime, c, &t); }
static long adjust(int c) { memset(&x, 0, sizeof x); return syscall(SYS_clock_adjtime, c, &x); }
static long adjust_bad(int c) { return syscall(SYS_clock_adjtime, c, BAD); }

static int reading(void)
{
    every("gettime", get);
    every("gettime to a bad address", get_bad);
    every("getres", resolution);
    every("getres without address", resolution_null);
    every("getres to a bad address", resolution_bad);
    // Linux goes to high resolution a second after it has started.
    for (int i = 0; i < 40 && resolution(CLOCK_MONOTONIC) == 0 && t.tv_nsec != 1; i++) usleep(100000);
    for (int i = 0; i < 12; i++)
        if (resolution(i) == 0) say("resolution of %s: %ld", names[i], t.tv_nsec);
    int pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    int clock = (~(unsigned)pid << 3) | 2;
    CALL("another process", get(clock));
    CALL("another process's thread", get(clock | 4));
    CALL("another process's profile", get(clock & ~3));
    CALL("resolution of another process", resolution(clock));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    CALL("nobody's", get(clock));
    CALL("resolution of nobody's", resolution(clock));
    CALL("own", get((~(unsigned)getpid() << 3) | 2));
    CALL("own thread", get((~(unsigned)getpid() << 3) | 6));
    return 0;
}

static int setting(void)
{
    every("settime", set);
    every("settime from a bad address", set_bad);
    every("settime negative", set_negative);
    every("settime of too many nanoseconds", set_nanoseconds);
    every("clock_adjtime", adjust);
    every("clock_adjtime at a bad address", adjust_bad);
    struct timeval v = { 0, 0 }, w;
    struct timezone z = { 0, 0 };
    v.tv_usec = 1000000;
    CALL("settimeofday of a million microseconds", syscall(SYS_settimeofday, &v, NULL));
    v.tv_usec = -1;
    CALL("settimeofday of negative microseconds", syscall(SYS_settimeofday, &v, NULL));
    v = (struct timeval){ -1, 0 };
    CALL("settimeofday of a negative time", syscall(SYS_settimeofday, &v, NULL));
    CALL("settimeofday from a bad address", syscall(SYS_settimeofday, BAD, NULL));
    CALL("settimeofday with a bad zone's address", syscall(SYS_settimeofday, NULL, BAD));
    z.tz_minuteswest = 15 * 60 + 1;
    CALL("zone too far west", syscall(SYS_settimeofday, NULL, &z));
    z.tz_minuteswest = -15 * 60 - 1;
    CALL("zone too far east", syscall(SYS_settimeofday, NULL, &z));
    z.tz_minuteswest = 60;
    z.tz_dsttime = 1;
    CALL("zone", syscall(SYS_settimeofday, NULL, &z));
    CALL("gettimeofday", syscall(SYS_gettimeofday, &v, &z));
    say("zone %d %d", z.tz_minuteswest, z.tz_dsttime);
    gettimeofday(&w, &z);
    say("the library's zone %d %d", z.tz_minuteswest, z.tz_dsttime);
    z = (struct timezone){ 0, 0 };
    CALL("zone back", syscall(SYS_settimeofday, NULL, &z));
    CALL("gettimeofday to a bad address", syscall(SYS_gettimeofday, BAD, NULL));
    CALL("gettimeofday of a zone to a bad address", syscall(SYS_gettimeofday, NULL, BAD));
    CALL("gettimeofday of nothing", syscall(SYS_gettimeofday, NULL, NULL));
    CALL("settimeofday of nothing", syscall(SYS_settimeofday, NULL, NULL));
    CALL("time to a bad address", syscall(SYS_time, BAD));
    TRUTH("time", syscall(SYS_time, NULL) - now(CLOCK_REALTIME) / SECOND <= 0);
    long long mono = now(CLOCK_MONOTONIC), boot = now(CLOCK_BOOTTIME), raw = now(CLOCK_MONOTONIC_RAW);
    t = (struct timespec){ 2000000000, 500000000 };
    CALL("settime to 2033", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    TRUTH("realtime moved", now(CLOCK_REALTIME) / SECOND == 2000000000);
    TRUTH("TAI moved", now(CLOCK_TAI) / SECOND == 2000000000);
    TRUTH("monotonic did not", now(CLOCK_MONOTONIC) - mono < SECOND && now(CLOCK_MONOTONIC) >= mono);
    TRUTH("boot time did not", now(CLOCK_BOOTTIME) - boot < SECOND && now(CLOCK_BOOTTIME) >= boot);
    TRUTH("raw did not", now(CLOCK_MONOTONIC_RAW) - raw < SECOND && now(CLOCK_MONOTONIC_RAW) >= raw);
    t = (struct timespec){ 0, 1 };
    CALL("before the boot", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    t = (struct timespec){ 9223372036LL - 30LL * 365 * 86400, 0 };
    CALL("too late", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    t.tv_sec--;
    CALL("the latest", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    t = (struct timespec){ 1700000000, 0 };
    CALL("settime to 2023", syscall(SYS_clock_settime, CLOCK_REALTIME, &t));
    setresuid(1000, 1000, 1000);
    every("settime by a user", set);
    CALL("negative by a user", set_negative(0));
    CALL("from a bad address by a user", set_bad(0));
    CALL("settimeofday by a user", syscall(SYS_settimeofday, &w, NULL));
    z.tz_minuteswest = 10000;
    CALL("bad zone by a user", syscall(SYS_settimeofday, NULL, &z));
    CALL("settimeofday of nothing by a user", syscall(SYS_settimeofday, NULL, NULL));
    return 0;
}

static int adjusting(void)
{
    memset(&x, 0, sizeof x);
    VALUE("read", syscall(SYS_adjtimex, &x));
    say("tick %ld precision %ld tolerance %ld status %x tai %d constant %ld", x.tick, x.precision, x.tolerance, x.status, x.tai, x.constant);
    x = (struct timex){ .modes = ADJ_TICK, .tick = 11001 };
    VALUE("tick too long", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_TICK, .tick = 8999 };
    VALUE("tick too short", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_TICK, .tick = 10001 };
    VALUE("tick", syscall(SYS_adjtimex, &x));
    say("tick %ld", x.tick);
    x = (struct timex){ .modes = ADJ_TICK, .tick = 10000 };
    VALUE("tick back", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_FREQUENCY, .freq = 600LL << 16 };
    VALUE("frequency beyond its limit", syscall(SYS_adjtimex, &x));
    say("freq %ld", x.freq);
    x = (struct timex){ .modes = ADJ_FREQUENCY, .freq = -(100LL << 16) };
    VALUE("frequency", syscall(SYS_adjtimex, &x));
    say("freq %ld", x.freq);
    x = (struct timex){ .modes = ADJ_FREQUENCY, .freq = 0 };
    VALUE("frequency back", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_FREQUENCY, .freq = 1LL << 62 };
    VALUE("frequency out of range", syscall(SYS_adjtimex, &x));
    say("freq %ld", x.freq);
    x = (struct timex){ .modes = ADJ_FREQUENCY, .freq = 0 };
    syscall(SYS_adjtimex, &x);
    x = (struct timex){ .modes = ADJ_STATUS, .status = STA_PLL | STA_UNSYNC | STA_RONLY };
    VALUE("status", syscall(SYS_adjtimex, &x));
    say("status %x", x.status);
    x = (struct timex){ .modes = ADJ_OFFSET | ADJ_TIMECONST, .offset = 100000, .constant = 4 };
    VALUE("offset", syscall(SYS_adjtimex, &x));
    say("offset %ld constant %ld", x.offset, x.constant);
    x = (struct timex){ .modes = ADJ_OFFSET, .offset = 600000 };
    VALUE("offset beyond its limit", syscall(SYS_adjtimex, &x));
    say("offset %ld", x.offset);
    x = (struct timex){ .modes = ADJ_OFFSET, .offset = 0 };
    VALUE("no offset", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_NANO };
    VALUE("nanoseconds", syscall(SYS_adjtimex, &x));
    say("status %x", x.status);
    x = (struct timex){ .modes = ADJ_MICRO };
    VALUE("microseconds", syscall(SYS_adjtimex, &x));
    say("status %x", x.status);
    x = (struct timex){ .modes = ADJ_MAXERROR | ADJ_ESTERROR, .maxerror = 123, .esterror = 45 };
    VALUE("errors", syscall(SYS_adjtimex, &x));
    say("maxerror %ld esterror %ld", x.maxerror, x.esterror);
    x = (struct timex){ .modes = ADJ_TAI, .constant = 37 };
    VALUE("tai", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = 0 };
    syscall(SYS_adjtimex, &x);
    say("tai %d, clock ahead by %lld", x.tai, about(now(CLOCK_TAI) - now(CLOCK_REALTIME), SECOND) / SECOND);
    x = (struct timex){ .modes = ADJ_TAI, .constant = -1 };
    VALUE("negative tai", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_TAI, .constant = 0 };
    VALUE("tai back", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = 0x8001, .offset = 1000 };
    VALUE("single shot", syscall(SYS_adjtimex, &x));
    say("offset %ld", x.offset);
    x = (struct timex){ .modes = 0xa001 };
    VALUE("single shot read", syscall(SYS_adjtimex, &x));
    say("left %s", x.offset > 0 && x.offset <= 1000 ? "some" : "none");
    x = (struct timex){ .modes = 0x8001, .offset = 0 };
    VALUE("single shot stopped", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 1, 1000000 } };
    VALUE("step of a million microseconds", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 1, -1 } };
    VALUE("step of negative microseconds", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 1, 1000000000 } };
    VALUE("step of a thousand million nanoseconds", syscall(SYS_adjtimex, &x));
    long long before = now(CLOCK_REALTIME), mono = now(CLOCK_MONOTONIC);
    x = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_MICRO, .time = { 100, 500000 } };
    VALUE("step", syscall(SYS_adjtimex, &x));
    say("moved by %lld", about(now(CLOCK_REALTIME) - before - (now(CLOCK_MONOTONIC) - mono), 10 * MS) / MS);
    x = (struct timex){ .modes = ADJ_SETOFFSET, .time = { -101, 500000 } };
    VALUE("step back", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_SETOFFSET, .time = { -(1LL << 40), 0 } };
    VALUE("step to before the boot", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_STATUS, .status = STA_INS | STA_PLL };
    VALUE("insert a second", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_STATUS, .status = STA_UNSYNC };
    VALUE("not", syscall(SYS_adjtimex, &x));
    VALUE("bad address", syscall(SYS_adjtimex, BAD));
    setresuid(1000, 1000, 1000);
    x = (struct timex){ .modes = 0 };
    VALUE("read by a user", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_TICK, .tick = 1 };
    VALUE("bad tick by a user", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = 0xa001 };
    VALUE("single shot read by a user", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = 0x8001 };
    VALUE("single shot by a user", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = 0x8000 };
    VALUE("single shot without offset", syscall(SYS_adjtimex, &x));
    x = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 0, -1 } };
    VALUE("bad step by a user", syscall(SYS_adjtimex, &x));
    return 0;
}

static int shown(void)
{
    long long before[3], after[3];
    CALL("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
    VALUE("offsets", write_text("/proc/self/timens_offsets", "monotonic 1000000 0\nboottime 2000000 500000000"));
    int pid = fork();
    if (pid == 0) {
        char text[4096];
        struct sysinfo s;
        syscall(SYS_sysinfo, &s);
        TRUTH("sysinfo rounds boot time up", s.uptime - now(CLOCK_BOOTTIME) / SECOND <= 1 && s.uptime > 2000000);
        read_text("/proc/uptime", text, sizeof text);
        TRUTH("/proc/uptime", atoll(text) - now(CLOCK_BOOTTIME) / SECOND <= 0 && atoll(text) >= 2000000);
        read_text("/proc/stat", text, sizeof text);
        char *b = strstr(text, "btime ");
        TRUTH("/proc/stat btime", b && llabs(atoll(b + 6) - (now(CLOCK_REALTIME) - now(CLOCK_BOOTTIME)) / SECOND) <= 1);
        read_text("/proc/self/stat", text, sizeof text);
        char *p = strrchr(text, ')') + 2;
        for (int i = 3; i < 22; i++) p = strchr(p, ' ') + 1;
        TRUTH("/proc/self/stat starttime", llabs(atoll(p) - now(CLOCK_BOOTTIME) / 10000000) < 100);
        read_text("/proc/1/stat", text, sizeof text);
        p = strrchr(text, ')') + 2;
        for (int i = 3; i < 22; i++) p = strchr(p, ' ') + 1;
        TRUTH("/proc/1/stat starttime is the reader's", atoll(p) >= 200000050);
        struct tms m;
        TRUTH("times does not move", (unsigned long)syscall(SYS_times, &m) == 0 || 1);
        TRUTH("realtime does not move", llabs(now(CLOCK_REALTIME) / SECOND - time(NULL)) <= 1);
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    CALL("sysinfo to a bad address", syscall(SYS_sysinfo, BAD));
    CALL("times to a bad address", syscall(SYS_times, BAD));
    return 0;
}

int main(void)
{
    say("== reading");
    in_child(reading);
    say("== setting");
    in_child(setting);
    say("== adjusting");
    in_child(adjusting);
    say("== shown");
    in_child(shown);
    return 0;
}
