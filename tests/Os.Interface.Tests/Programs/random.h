// Random arguments from a seed, of the kinds that system calls of time must judge: numbers at limits, times that are none, addresses that
// are not there, descriptors of the wrong kind.
#include "report.h"
#include <sys/ioctl.h>

static uint64_t state;

// The generator SplitMix64.
static inline uint64_t random64(void)
{
    uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
    z = (z ^ z >> 27) * 0x94d049bb133111eb;
    return z ^ z >> 31;
}

static inline unsigned below(unsigned limit) { return random64() % limit; }
static inline int one_in(unsigned n) { return below(n) == 0; }

#define COUNT(array) (sizeof(array) / sizeof *(array))
#define PICK(array) ((array)[below(COUNT(array))])

// Two pages of which the second cannot be reached, one that can only be read, and the plain one.
static char *edge, *constant;
static char plain[16384] __attribute__((aligned(64)));
static unsigned taken;

static inline void prepare_memory(void)
{
    edge = (char *)mmap(NULL, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) + 4096;
    mprotect(edge, 4096, PROT_NONE);
    constant = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
}

// What is said of the arguments of the call at hand.
static char told[300];
static int told_length;

static inline void tell(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int n = vsnprintf(told + told_length, sizeof told - told_length, format, arguments);
    va_end(arguments);
    told_length += n;
    if (told_length >= (int)sizeof told) told_length = sizeof told - 1;
}

// A place that holds the given bytes; now and then an address that cannot be read, written or named.
static inline void *place(const void *bytes, unsigned size)
{
    static const uint64_t strange[] = { 0, 8, 1, 0x7ffffffff000, 0x800000000000, 0x8000000000000000, 0xffff888000000000, 0xffffffffff600000, ~0ull, ~0ull - 7 };
    if (one_in(12)) {
        uint64_t p = PICK(strange);
        tell(" @%llx", (unsigned long long)p);
        return (void *)p;
    }
    if (one_in(20)) {
        // Half of it can be reached.
        tell(" @edge");
        memcpy(edge - size / 2, bytes, size / 2);
        return edge - size / 2;
    }
    if (one_in(20)) {
        tell(" @constant");
        mprotect(constant, 4096, PROT_READ | PROT_WRITE);
        memcpy(constant, bytes, size);
        mprotect(constant, 4096, PROT_READ);
        return constant;
    }
    int odd = one_in(10);
    if (odd) tell(" @odd");
    taken = (taken + size + 63 & ~63u) % 8192;
    char *p = plain + taken + odd;
    memcpy(p, bytes, size);
    return p;
}

static inline int is_plain(const void *p) { return (char *)p >= plain && (char *)p < plain + sizeof plain; }

// A time that is over at once when it is slept: bad ones, 0 and small ones.
static inline struct timespec short_time(void)
{
    static const long long seconds[] = { 0, 0, 0, 0, 0, -1, (long long)0x8000000000000000 }, nanoseconds[] = { 0, 1, 1000, 999, -1, 1000000000, 0x7fffffffffffffff, (long long)0x8000000000000000, 4294967296 };
    struct timespec t = { PICK(seconds), PICK(nanoseconds) };
    tell(" %lld.%lld", (long long)t.tv_sec, (long long)t.tv_nsec);
    return t;
}

// Any time for a timer that tells nobody while the program runs: over at once, in 1000 seconds and more, or bad.
static inline struct timespec any_time(int clock)
{
    static const long long seconds[] = { 0, 0, 1000, 100000, 9223372036, 9223372037, 4611686018, 0x7fffffffffffffff, -1, -9223372037, (long long)0x8000000000000000 };
    static const long long nanoseconds[] = { 0, 0, 0, 1, 500000000, 999999999, 1000000000, -1, 0x7fffffffffffffff };
    struct timespec t = { PICK(seconds), PICK(nanoseconds) };
    tell(" %lld.%lld", (long long)t.tv_sec, (long long)t.tv_nsec);
    if (clock >= 0 && one_in(3)) {
        tell("+now");
        t.tv_sec = (unsigned long long)t.tv_sec + now(clock) / SECOND;
    }
    return t;
}

// An interval: none, 1000 seconds and more, or bad.
static inline struct timespec any_interval(void)
{
    static const long long seconds[] = { 0, 0, 1000, 100000, 9223372036, 9223372037, 0x7fffffffffffffff, -1 };
    static const long long nanoseconds[] = { 0, 0, 0, 0, 1000000000, -1 };
    struct timespec t = { PICK(seconds), PICK(nanoseconds) };
    tell(" every %lld.%lld", (long long)t.tv_sec, (long long)t.tv_nsec);
    return t;
}

// Seconds to the nearest 100: what is left of a timer differs by how long the calls have taken.
static inline long long hundreds(struct timespec t) { return (t.tv_sec + 50) / 100 * 100; }

static inline int any_clock(void)
{
    static const int rare[] = { 10, 12, 13, 15, 16, 17, 31, 100, -1, -2, -3, -5, -7, -10, 0x7fffffff, (int)0x80000000, -6, -1234567 * 8 + 2, -1234567 * 8 + 6 };
    static const int usual[] = { 0, 1, 1, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 9, 11 };
    int clock = one_in(4) ? PICK(rare) : PICK(usual);
    tell(" clock %d", clock);
    return clock;
}

static inline uint64_t any_number(void)
{
    static const uint64_t n[] = { 0, 1, 2, 3, 4, 7, 8, 16, 63, 64, 65, 128, 255, 256, 4095, 4096, 4097, 0x7fffffff, 0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, ~0ull };
    uint64_t v = PICK(n);
    tell(" %llx", (unsigned long long)v);
    return v;
}

// Some of the bits given, and rarely any other.
static inline uint64_t some_of(const uint64_t *bits, unsigned count)
{
    uint64_t v = 0;
    for (unsigned i = 0; i < count; i++)
        if (one_in(3)) v |= bits[i];
    if (one_in(12)) v |= 1ull << below(64);
    tell(" %llx", (unsigned long long)v);
    return v;
}

// Prints the call's name and arguments with its result: "ok", a value, or the error's name; what it has told besides.
static inline void result(const char *name, long r, int show, const char *format, ...)
{
    char more[300] = "";
    int error = errno;
    if (r >= 0) {
        va_list arguments;
        va_start(arguments, format);
        vsnprintf(more, sizeof more, format, arguments);
        va_end(arguments);
    }
    if (r < 0) say("%s%s: %s", name, told, error_name(error));
    else if (show) say("%s%s: %ld%s", name, told, r, more);
    else say("%s%s: ok%s", name, told, more);
    told_length = 0;
    told[0] = 0;
}
