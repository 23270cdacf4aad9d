// A program that is moved to another machine while messages wait in queues, processes wait for messages and to be told of them, and a
// process lives in a root directory of its own. It says "good", or what is not.
#include "report.h"
#include <mqueue.h>

static int bad;

static void check(const char *what, int condition)
{
    if (condition) return;
    say("%s is wrong (%s)", what, error_name(errno));
    bad = 1;
}

// Long enough to be moved meanwhile.
static void stay(void)
{
    struct timespec t = span(now(CLOCK_MONOTONIC) + 900 * MS);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR) { }
}

static int receiving(void)
{
    char message[16];
    unsigned priority;
    mqd_t q = mq_open("/waited", O_RDONLY);
    struct timespec end = span(now(CLOCK_REALTIME) + 100000 * SECOND);
    check("what a waiting process receives", mq_timedreceive(q, message, sizeof message, &priority, &end) == 5 && !memcmp(message, "hello", 5) && priority == 3);
    return bad;
}

static int rooted(void)
{
    char path[100];
    struct stat a, b;
    mkdir("/prison", 0755);
    mkdir("/prison/cell", 0755);
    int fd = open("/prison/cell/wall", O_RDWR | O_CREAT, 0600);
    check("writing", write(fd, "1234", 4) == 4);
    check("chroot", chroot("/prison") == 0 && chdir("/cell") == 0);
    stay();
    check("the working directory", getcwd(path, sizeof path) && !strcmp(path, "/cell"));
    check("the root directory", stat("/", &a) == 0 && stat("..", &b) == 0 && a.st_ino == b.st_ino && stat("/cell/wall", &b) == 0 && b.st_size == 4);
    check("nothing above", open("/proc/self/stat", O_RDONLY) < 0 && errno == ENOENT);
    check("the open file", write(fd, "5", 1) == 1 && lseek(fd, 0, SEEK_CUR) == 5);
    return bad;
}

int main(void)
{
    struct mq_attr small = { .mq_maxmsg = 4, .mq_msgsize = 16 }, large = { .mq_maxmsg = 3, .mq_msgsize = 100000 }, got;
    char text[16];
    static char long_text[100000], back[100000];
    unsigned priority;
    mqd_t waited = mq_open("/waited", O_RDWR | O_CREAT, 0600, &small), full = mq_open("/full", O_RDWR | O_CREAT | O_NONBLOCK, 0640, &small);
    mqd_t deleted = mq_open("/deleted", O_RDWR | O_CREAT | O_NONBLOCK, 0600, &large), told = mq_open("/told", O_RDWR | O_CREAT, 0600, &small);
    check("queues", waited >= 0 && full >= 0 && deleted >= 0 && told >= 0);
    mq_unlink("/deleted");
    static const struct { const char *text; unsigned priority; } messages[] = { { "low", 1 }, { "high", 9 }, { "", 5 }, { "second", 9 } };
    for (int i = 0; i < 4; i++) check("sending", mq_send(full, messages[i].text, strlen(messages[i].text), messages[i].priority) == 0);
    for (unsigned i = 0; i < sizeof long_text; i++) long_text[i] = i * 7 + i / 251;
    check("sending much", mq_send(deleted, long_text, sizeof long_text - 3, 0) == 0);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigprocmask(SIG_BLOCK, &set, NULL);
    struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1, .sigev_value.sival_int = 42 };
    check("asking", mq_notify(told, &event) == 0);
    int receiver = fork();
    if (receiver == 0) _exit(receiving());
    int prisoner = fork();
    if (prisoner == 0) _exit(rooted());
    stay();
    static const int order[] = { 1, 3, 2, 0 };
    check("a full queue", mq_send(full, "x", 1, 0) < 0 && errno == EAGAIN);
    for (int i = 0; i < 4; i++) {
        int n = mq_receive(full, text, sizeof text, &priority), wanted = order[i];
        check("a message", n == (int)strlen(messages[wanted].text) && !memcmp(text, messages[wanted].text, n) && priority == messages[wanted].priority);
    }
    check("the end", mq_receive(full, text, sizeof text, NULL) < 0 && errno == EAGAIN);
    check("attributes", mq_getattr(full, &got) == 0 && got.mq_maxmsg == 4 && got.mq_msgsize == 16 && got.mq_flags == O_NONBLOCK && got.mq_curmsgs == 0);
    check("a long message", mq_receive(deleted, back, sizeof back, NULL) == sizeof back - 3 && !memcmp(back, long_text, sizeof back - 3));
    check("a deleted queue", mq_open("/deleted", O_RDWR) < 0 && errno == ENOENT);
    mqd_t again = mq_open("/full", O_RDWR);
    check("its name", again >= 0 && mq_send(again, "again", 5, 0) == 0 && mq_receive(full, text, sizeof text, NULL) == 5);
    check("telling", mq_send(told, "news", 4, 0) == 0);
    struct timespec soon = { 2, 0 };
    siginfo_t info;
    check("being told", sigtimedwait(&set, &info, &soon) == SIGUSR1 && info.si_code == SI_MESGQ && info.si_value.sival_int == 42);
    check("waking", mq_send(waited, "hello", 5, 3) == 0);
    int status;
    check("the receiver", waitpid(receiver, &status, 0) == receiver && status == 0);
    check("the prisoner", waitpid(prisoner, &status, 0) == prisoner && status == 0);
    if (!bad) say("good");
    return bad;
}
