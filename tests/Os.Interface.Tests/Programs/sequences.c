// Restartable sequences (rseq(2)), registered by hand in place of the C library's: the processor's number in memory, sequences that a
// signal, a change of the processor or another thread's barrier sends to their abort, and the errors in their order.
#include "report.h"
#include <stddef.h>

#define SIGNATURE 0x53053053
struct area { uint32_t cpu_start, cpu; uint64_t sequence; uint32_t flags, rest[3]; } __attribute__((aligned(32)));

extern const ptrdiff_t __rseq_offset;
extern const unsigned __rseq_size;
static struct area mine;

static long rseq(void *area, unsigned bytes, int flags, unsigned signature) { return syscall(SYS_rseq, area, bytes, flags, signature); }
static void *library(void) { return (char *)__builtin_thread_pointer() + __rseq_offset; }
static int leave_library(void) { return rseq(library(), 32, 1, SIGNATURE); }

static unsigned processor(void)
{
    unsigned cpu = -1;
    syscall(SYS_getcpu, &cpu, NULL, NULL);
    return cpu;
}

// Spins in a sequence; comes back by its abort alone.
static int spin(void)
{
    int aborted;
    asm volatile(".pushsection .data.sequences, \"aw\"\n\t.balign 32\n77:\t.long 0, 0\n\t.quad 1f, 2f - 1f, 3f\n\t.popsection\n\t"
                 "lea 77b(%%rip), %%rax\n\tmov %%rax, %1\n1:\tpause\n\tjmp 1b\n2:\tud2\n\t.long 0x53053053\n3:\tmovl $1, %0\n\t"
                 : "=r"(aborted), "=m"(mine.sequence) : : "rax", "memory");
    return aborted;
}

static volatile int alarms;
static void count(int signal) { alarms++; }

static void alarm_soon(void)
{
    struct sigaction a = { .sa_handler = count };
    struct itimerval v = { { 0, 0 }, { 0, 20000 } };
    sigaction(SIGALRM, &a, NULL);
    setitimer(ITIMER_REAL, &v, NULL);
}

static void *thread(void *argument)
{
    struct area *its = library();
    TRUTH("a thread has its own", its->cpu == processor() && rseq(its, 32, 0, SIGNATURE) < 0 && errno == EBUSY);
    return NULL;
}

static int errors(void)
{
    TRUTH("the library has registered", __rseq_size >= 20);
    TRUTH("with the processor's number", ((struct area *)library())->cpu == processor());
    pthread_t t;
    pthread_create(&t, NULL, thread, NULL);
    pthread_join(t, NULL);
    CALL("another area", rseq(&mine, 32, 0, SIGNATURE));
    CALL("another length", rseq(library(), 64, 0, SIGNATURE));
    CALL("another signature", rseq(library(), 32, 0, 1));
    CALL("again", rseq(library(), 32, 0, SIGNATURE));
    CALL("unknown flag", rseq(library(), 32, 2, SIGNATURE));
    CALL("leave with an unknown flag", rseq(library(), 32, 3, SIGNATURE));
    CALL("leave another area", rseq(&mine, 32, 1, SIGNATURE));
    CALL("leave with another length", rseq(library(), 64, 1, SIGNATURE));
    CALL("leave with another signature", rseq(library(), 32, 1, 1));
    CALL("leave", leave_library());
    say("number %d, %d", ((struct area *)library())->cpu_start, ((struct area *)library())->cpu);
    CALL("leave again", leave_library());
    CALL("odd address", rseq((char *)&mine + 8, 32, 0, SIGNATURE));
    CALL("odd length", rseq(&mine, 31, 0, SIGNATURE));
    CALL("the kernel's address", rseq((void *)0xffff800000000000, 32, 0, SIGNATURE));
    CALL("register", rseq(&mine, 32, 0, SIGNATURE));
    TRUTH("number", mine.cpu == processor() && mine.cpu_start == mine.cpu);
    return 0;
}

static int following(void)
{
    leave_library();
    CALL("register", rseq(&mine, 32, 0, SIGNATURE));
    for (int i = 0; i < 4; i++) {
        cpu_set_t set;
        CPU_ZERO(&set);
        CPU_SET(i & 1, &set);
        CALL("move", sched_setaffinity(0, sizeof set, &set));
        say("number %d", mine.cpu);
    }
    int pid = fork();
    if (pid == 0) {
        CALL("a child has it", rseq(&mine, 32, 0, SIGNATURE));
        TRUTH("number", mine.cpu == processor());
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int aborting(void)
{
    leave_library();
    CALL("register", rseq(&mine, 32, 0, SIGNATURE));
    alarm_soon();
    int aborted = 0;
    while (!alarms) aborted += spin();
    TRUTH("aborted", aborted > 0);
    say("sequence %lu", (unsigned long)mine.sequence);
    return 0;
}

static int wrong(void)
{
    leave_library();
    rseq(&mine, 32, 0, 77);
    alarm_soon();
    return spin();
}

static int nowhere(void)
{
    leave_library();
    rseq(&mine, 32, 0, SIGNATURE);
    mine.sequence = 8;
    usleep(20000);
    return 0;
}

static volatile int spinning;
static void *barrier(void *argument)
{
    while (!spinning) usleep(1000);
    usleep(20000);
    CALL("barrier", syscall(SYS_membarrier, 128, 0, 0));
    return NULL;
}

static int barriers(void)
{
    pthread_t t;
    VALUE("query", syscall(SYS_membarrier, 0, 0, 0));
    CALL("unregistered", syscall(SYS_membarrier, 128, 0, 0));
    CALL("register", syscall(SYS_membarrier, 256, 0, 0));
    CALL("flags", syscall(SYS_membarrier, 128, 2, 0));
    CALL("one processor", syscall(SYS_membarrier, 128, 1, 0));
    CALL("one that is not there", syscall(SYS_membarrier, 128, 1, 5000));
    leave_library();
    rseq(&mine, 32, 0, SIGNATURE);
    pthread_create(&t, NULL, barrier, NULL);
    spinning = 1;
    say("aborted %d", spin());
    pthread_join(t, NULL);
    return 0;
}

static int registrations(void)
{
    VALUE("registrations", syscall(SYS_membarrier, 512, 0, 0));
    CALL("with a flag", syscall(SYS_membarrier, 512, 1, 0));
    for (int command = 4; command <= 256; command *= 4) { // global, private, private with the instruction stream, private with sequences
        CALL("register", syscall(SYS_membarrier, command, 0, 0));
        VALUE("registrations", syscall(SYS_membarrier, 512, 0, 0));
    }
    int pid = fork();
    if (pid == 0) {
        VALUE("a child's", syscall(SYS_membarrier, 512, 0, 0));
        CALL("a child's barrier", syscall(SYS_membarrier, 8, 0, 0));
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    return 0;
}

static int restarts_registered(void)
{
    CALL("register", syscall(SYS_membarrier, 256, 0, 0));
    VALUE("registrations", syscall(SYS_membarrier, 512, 0, 0));
    CALL("private barrier", syscall(SYS_membarrier, 8, 0, 0));
    return 0;
}

static int streams_registered(void)
{
    CALL("register", syscall(SYS_membarrier, 64, 0, 0));
    VALUE("registrations", syscall(SYS_membarrier, 512, 0, 0));
    CALL("private barrier", syscall(SYS_membarrier, 8, 0, 0));
    return 0;
}

int main(void)
{
    say("== errors");
    in_child(errors);
    say("== following");
    in_child(following);
    say("== aborting");
    say("status %d", in_child(aborting));
    say("== wrong signature");
    say("status %d", in_child(wrong));
    say("== no such sequence");
    say("status %d", in_child(nowhere));
    say("== barriers");
    in_child(barriers);
    say("== registrations");
    in_child(registrations);
    in_child(restarts_registered);
    in_child(streams_registered);
    return 0;
}
