// /dev/rtc0 (rtc(4)): the time of the battery-backed clock, its periodic, update and alarm interrupts.
#include "report.h"
#include <linux/rtc.h>
#include <sys/ioctl.h>

static long seconds(struct rtc_time *t)
{
    struct tm tm = { t->tm_sec, t->tm_min, t->tm_hour, t->tm_mday, t->tm_mon, t->tm_year };
    return timegm(&tm);
}

static void requests(int fd)
{
    struct rtc_time t = { 0 }, early = { .tm_year = 69, .tm_mday = 1 }, leap = { .tm_year = 121, .tm_mon = 1, .tm_mday = 29 }, hour = { .tm_year = 120, .tm_mday = 1, .tm_hour = 24 };
    unsigned long rate = 0;
    CALL("another request", ioctl(fd, 0x7077, 0));
    CALL("rate 0", ioctl(fd, RTC_IRQP_SET, 0));
    CALL("rate 8193", ioctl(fd, RTC_IRQP_SET, 8193));
    CALL("rate 100", ioctl(fd, RTC_IRQP_SET, 100));
    CALL("read the rate", ioctl(fd, RTC_IRQP_READ, &rate));
    say("rate %lu", rate);
    CALL("rate to a bad address", ioctl(fd, RTC_IRQP_READ, BAD));
    CALL("time to a bad address", ioctl(fd, RTC_RD_TIME, BAD));
    CALL("time from a bad address", ioctl(fd, RTC_SET_TIME, BAD));
    CALL("before 1970", ioctl(fd, RTC_SET_TIME, &early));
    CALL("no leap day", ioctl(fd, RTC_SET_TIME, &leap));
    CALL("hour 24", ioctl(fd, RTC_SET_TIME, &hour));
    CALL("time", ioctl(fd, RTC_RD_TIME, &t));
    long difference = seconds(&t) - now(CLOCK_REALTIME) / SECOND;
    TRUTH("as the wall clock", difference >= -2 && difference <= 2);
    say("days %d %d %d", t.tm_wday, t.tm_yday, t.tm_isdst);
    struct tm later = { .tm_year = 124, .tm_mon = 1, .tm_mday = 28, .tm_hour = 23, .tm_min = 59, .tm_sec = 58 };
    struct rtc_time set = { 58, 59, 23, 28, 1, 124 };
    CALL("set", ioctl(fd, RTC_SET_TIME, &set));
    struct timespec pause = { 3, 0 };
    nanosleep(&pause, NULL);
    ioctl(fd, RTC_RD_TIME, &t);
    say("leap day %d-%d-%d %d:%d", t.tm_year + 1900, t.tm_mon + 1, t.tm_mday, t.tm_hour, t.tm_min);
    long late = seconds(&t) - timegm(&later);
    TRUTH("three seconds later", late >= 2 && late <= 4);
    char text[40];
    read_text("/sys/class/rtc/rtc0/since_epoch", text, sizeof text);
    TRUTH("since_epoch", atol(text) - seconds(&t) <= 1);
    read_text("/sys/class/rtc/rtc0/max_user_freq", text, sizeof text);
    say("max_user_freq %d", atoi(text));
    TRUTH("the wall clock goes its own way", now(CLOCK_REALTIME) / SECOND < timegm(&later) - 86400);
}

static void periodic(int fd)
{
    unsigned long data;
    unsigned small;
    struct pollfd p = { fd, POLLIN, 0 };
    CALL("read of 3", read(fd, &data, 3));
    CALL("read of 5", read(fd, &data, 5));
    CALL("write", write(fd, &data, 8));
    VALUE("poll without interrupts", poll(&p, 1, 20));
    ioctl(fd, RTC_IRQP_SET, 50);
    long long start = now(CLOCK_MONOTONIC);
    CALL("on", ioctl(fd, RTC_PIE_ON, 0));
    for (int i = 0; i < 5; i++) {
        long n = read(fd, &data, sizeof data);
        say("%ld: %lx", n, data);
    }
    say("took %lld ms", about(now(CLOCK_MONOTONIC) - start, 10 * MS) / MS);
    usleep(90000);
    say("%ld", (long)read(fd, &small, sizeof small));
    say("four have come: %x", small);
    CALL("off", ioctl(fd, RTC_PIE_OFF, 0));
    usleep(30000);
    fcntl(fd, F_SETFL, O_NONBLOCK);
    CALL("none is left", read(fd, &data, sizeof data));
    fcntl(fd, F_SETFL, 0);
    VALUE("poll", poll(&p, 1, 0));
    ioctl(fd, RTC_PIE_ON, 0);
    VALUE("poll", poll(&p, 1, 1000));
    say("events %x", p.revents);
    CALL("bad address", read(fd, BAD, 8));
    ioctl(fd, RTC_PIE_OFF, 0);
}

static void updates(int fd)
{
    unsigned long data = 0;
    CALL("updates", ioctl(fd, RTC_UIE_ON, 0));
    read(fd, &data, sizeof data);
    long long start = now(CLOCK_MONOTONIC);
    read(fd, &data, sizeof data);
    read(fd, &data, sizeof data);
    say("%lx, two took %lld ms", data, about(now(CLOCK_MONOTONIC) - start, 100 * MS) / MS);
    CALL("no updates", ioctl(fd, RTC_UIE_OFF, 0));
}

static void alarms(int fd)
{
    struct rtc_time t;
    struct rtc_wkalrm w = { 0 };
    unsigned long data = 0;
    ioctl(fd, RTC_RD_TIME, &t);
    long at = seconds(&t) + 3;
    time_t when = at;
    struct tm *tm = gmtime(&when);
    t = (struct rtc_time){ tm->tm_sec, tm->tm_min, tm->tm_hour, tm->tm_mday, tm->tm_mon, tm->tm_year };
    CALL("alarm from a bad address", ioctl(fd, RTC_ALM_SET, BAD));
    CALL("alarm", ioctl(fd, RTC_ALM_SET, &t));
    CALL("read it", ioctl(fd, RTC_WKALM_RD, &w));
    say("enabled %d, in place %d", w.enabled, seconds(&w.time) == at);
    CALL("on", ioctl(fd, RTC_AIE_ON, 0));
    long long start = now(CLOCK_MONOTONIC);
    VALUE("read", read(fd, &data, sizeof data));
    long long took = now(CLOCK_MONOTONIC) - start;
    say("%lx", data);
    TRUTH("took two to three seconds", took > 2 * SECOND - 100 * MS && took < 3 * SECOND + 300 * MS);
    w.enabled = 1;
    w.time = t;
    w.time.tm_hour = 25;
    CALL("wake alarm at hour 25", ioctl(fd, RTC_WKALM_SET, &w));
    w.time = t;
    w.time.tm_year++;
    CALL("wake alarm in a year", ioctl(fd, RTC_WKALM_SET, &w));
    memset(&w, 0, sizeof w);
    CALL("read it", ioctl(fd, RTC_WKALM_RD, &w));
    say("enabled %d, year %d", w.enabled, w.time.tm_year - t.tm_year);
    CALL("off", ioctl(fd, RTC_AIE_OFF, 0));
    CALL("read it", ioctl(fd, RTC_WKALM_RD, &w));
    say("enabled %d", w.enabled);
}

static int unprivileged(void)
{
    setuid(1000);
    CALL("open", open("/dev/rtc0", O_RDONLY));
    return 0;
}

static int held;
static int holding(void)
{
    struct rtc_time t = { .tm_year = 120, .tm_mday = 1 };
    setuid(1000);
    CALL("set the time", ioctl(held, RTC_SET_TIME, &t));
    CALL("rate 64", ioctl(held, RTC_IRQP_SET, 64));
    CALL("on", ioctl(held, RTC_PIE_ON, 0));
    CALL("off", ioctl(held, RTC_PIE_OFF, 0));
    CALL("rate 65", ioctl(held, RTC_IRQP_SET, 65));
    CALL("rate 10000", ioctl(held, RTC_IRQP_SET, 10000));
    return 0;
}

int main(void)
{
    int fd = held = open("/dev/rtc0", O_RDONLY);
    CALL("open", fd);
    CALL("only once", open("/dev/rtc0", O_RDONLY));
    unsigned long rate;
    ioctl(fd, RTC_IRQP_READ, &rate);
    say("rate %lu", rate);
    say("== requests");
    requests(fd);
    say("== periodic");
    periodic(fd);
    say("== updates");
    updates(fd);
    say("== alarms");
    alarms(fd);
    say("== users");
    in_child(holding);
    close(fd);
    in_child(unprivileged);
    CALL("open again", open("/dev/rtc0", O_RDONLY));
    return 0;
}
