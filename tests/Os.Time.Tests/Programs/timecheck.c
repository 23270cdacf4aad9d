/*
 * Asks a kernel about its time calls and prints what it answers, one line a question, without anything that depends on
 * when it runs (nor the alarm clocks, which Linux has only where it found a suitable RTC). The same binary runs on Linux, the oracle, and on our operating system; the outputs must be equal.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/timerfd.h>
#include <sys/times.h>
#include <sys/timex.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <linux/futex.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif
#define NSEC 1000000000LL

static long long now(clockid_t clock)
{
	struct timespec t;
	syscall(SYS_clock_gettime, clock, &t);
	return t.tv_sec * NSEC + t.tv_nsec;
}

static struct timespec spec(long long ns)
{
	struct timespec t = { ns / NSEC, ns % NSEC };
	return t;
}

static void result(const char *what, long r)
{
	printf("%s: %s\n", what, r >= 0 ? "ok" : strerrorname_np(errno));
}

static void value(const char *what, long long v)
{
	printf("%s: %lld\n", what, v);
}

/* "good" when ns lies in [low, low + 2 s): loaded machines are late, never early. */
static void took(const char *what, long long ns, long long low)
{
	if (ns >= low && ns < low + 2 * NSEC)
		printf("%s: good\n", what);
	else
		printf("%s: %lld instead of %lld\n", what, ns, low);
}

static volatile int signals;

static void handler(int sig)
{
	(void)sig;
	signals++;
}

static void clocks(void)
{
	static const int ids[] = { 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12, 16, 99, -1, -6, -2, -5 };
	char name[64];
	struct timespec t;

	for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
		snprintf(name, sizeof name, "gettime %d", ids[i]);
		result(name, syscall(SYS_clock_gettime, ids[i], &t));
		snprintf(name, sizeof name, "getres %d", ids[i]);
		memset(&t, 0xff, sizeof t);
		long r = syscall(SYS_clock_getres, ids[i], &t);
		result(name, r);
		if (r == 0)
			printf("%s: %lld.%09ld\n", name, (long long)t.tv_sec, t.tv_nsec);
	}
	result("getres null", syscall(SYS_clock_getres, 1, NULL));
	result("gettime fault", syscall(SYS_clock_gettime, 1, 8L));
	result("gettimeofday null", syscall(SYS_gettimeofday, NULL, NULL));
	result("time fault", syscall(SYS_time, 8L));
	t = spec(0);
	result("settime monotonic", syscall(SYS_clock_settime, 1, &t));
	result("settime tai", syscall(SYS_clock_settime, 11, &t));
	result("settime process cpu", syscall(SYS_clock_settime, 2, &t));
	result("settime realtime fault", syscall(SYS_clock_settime, 0, 8L));
	t.tv_nsec = NSEC;
	result("settime realtime nsec", syscall(SYS_clock_settime, 0, &t));
	t.tv_nsec = 0;
	t.tv_sec = -1;
	result("settime realtime negative", syscall(SYS_clock_settime, 0, &t));
	for (int i = 0; i < 1000; i++) {
		long long a = now(1), b = now(4), c = now(1), d = now(4);
		if (c < a || d < b) {
			printf("backwards\n");
			break;
		}
	}
	long long m = now(CLOCK_MONOTONIC), b = now(CLOCK_BOOTTIME);
	printf("boottime is not behind: %d\n", b >= m);
	struct timespec coarse;
	clock_gettime(CLOCK_MONOTONIC_COARSE, &coarse);
	long long behind = now(1) - (coarse.tv_sec * NSEC + coarse.tv_nsec);
	printf("coarse is behind by less than 100 ms: %d\n", behind >= 0 && behind < NSEC / 10);
	struct timespec v;
	clock_gettime(CLOCK_MONOTONIC, &v);
	long long diff = now(1) - (v.tv_sec * NSEC + v.tv_nsec);
	printf("vdso and call agree: %d\n", diff >= 0 && diff < NSEC / 10);
}

static void sleeps(void)
{
	struct timespec t, left;
	long long a = now(1);

	t = spec(20000000);
	result("nanosleep", syscall(SYS_nanosleep, &t, NULL));
	took("nanosleep", now(1) - a, 20000000);
	t.tv_nsec = NSEC;
	result("nanosleep nsec", syscall(SYS_nanosleep, &t, NULL));
	t.tv_nsec = -1;
	result("nanosleep negative", syscall(SYS_nanosleep, &t, NULL));
	result("nanosleep fault", syscall(SYS_nanosleep, 8L, NULL));
	static const int ids[] = { 0, 1, 4, 5, 6, 7, 11, 3, 10, 99 };
	for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
		char name[64];
		int id = ids[i];
		long long s = now(id == 99 || id == 10 ? 1 : id);
		snprintf(name, sizeof name, "clock_nanosleep %d", id);
		t = spec(5000000);
		long r = syscall(SYS_clock_nanosleep, id, 0, &t, NULL);
		result(name, r);
		if (r == 0)
			took(name, now(id) - s, 5000000);
		s = now(1);
		t = spec(now(id == 99 || id == 10 ? 1 : id) + 5000000);
		snprintf(name, sizeof name, "clock_nanosleep %d absolute", id);
		r = syscall(SYS_clock_nanosleep, id, TIMER_ABSTIME, &t, NULL);
		result(name, r);
		if (r == 0)
			took(name, now(1) - s, 5000000 - 100000);
	}
	t = spec(1);
	a = now(1);
	result("past", syscall(SYS_clock_nanosleep, 1, TIMER_ABSTIME, &t, NULL));
	took("past", now(1) - a, 0);

	signal(SIGALRM, handler);
	struct itimerval it = { { 0, 0 }, { 0, 20000 } };
	setitimer(ITIMER_REAL, &it, NULL);
	t = spec(NSEC);
	left = spec(0);
	a = now(1);
	result("interrupted", syscall(SYS_nanosleep, &t, &left));
	took("interrupted", now(1) - a, 20000000);
	long long rest = left.tv_sec * NSEC + left.tv_nsec;
	printf("remaining fits: %d\n", rest > 0 && rest <= NSEC - 10000000);
	value("signals", signals);
}

static void itimers(void)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, old;
	signal(SIGALRM, handler);
	signals = 0;
	value("alarm first", alarm(100));
	value("alarm again", alarm(0));
	result("setitimer", setitimer(ITIMER_REAL, &it, NULL));
	while (signals < 3)
		pause();
	it.it_interval.tv_usec = it.it_value.tv_usec = 0;
	result("setitimer stop", setitimer(ITIMER_REAL, &it, &old));
	value("old interval", old.it_interval.tv_usec);
	result("getitimer", getitimer(ITIMER_REAL, &old));
	value("stopped", old.it_value.tv_sec + old.it_value.tv_usec);
	it.it_value.tv_usec = 1000000;
	result("setitimer usec", setitimer(ITIMER_REAL, &it, NULL));
	result("setitimer which", setitimer(3, &old, NULL));
	result("getitimer which", getitimer(7, &old));
	signal(SIGVTALRM, handler);
	signal(SIGPROF, handler);
	for (int which = ITIMER_VIRTUAL; which <= ITIMER_PROF; which++) {
		signals = 0;
		it.it_value.tv_usec = 20000;
		setitimer(which, &it, NULL);
		for (long long end = now(1) + 3 * NSEC; !signals && now(1) < end;)
			for (volatile int i = 0; i < 1000; i++)
				;
		printf("cpu itimer %d: %d\n", which, signals);
	}
}

static void timers(void)
{
	struct sigevent ev;
	timer_t id;
	struct itimerspec s = { { 0, 10000000 }, { 0, 10000000 } }, old;
	sigset_t set;
	siginfo_t info;
	struct timespec t;
	static const int ids[] = { 0, 1, 2, 3, 4, 5, 6, 7, 10, 11, 12 };

	for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
		char name[64];
		int kid = -1;
		snprintf(name, sizeof name, "timer_create %d", ids[i]);
		long r = syscall(SYS_timer_create, ids[i], NULL, &kid);
		result(name, r);
		if (r == 0)
			syscall(SYS_timer_delete, kid);
	}
	memset(&ev, 0, sizeof ev);
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_signo = 65;
	int kid;
	result("timer_create signal 65", syscall(SYS_timer_create, 1, &ev, &kid));
	ev.sigev_notify = 9;
	ev.sigev_signo = SIGRTMIN;
	result("timer_create notify 9", syscall(SYS_timer_create, 1, &ev, &kid));
	ev.sigev_notify = SIGEV_SIGNAL;
	ev.sigev_value.sival_int = 4711;
	sigemptyset(&set);
	sigaddset(&set, SIGRTMIN);
	sigprocmask(SIG_BLOCK, &set, NULL);
	result("timer_create", timer_create(CLOCK_MONOTONIC, &ev, &id));
	result("timer_settime", timer_settime(id, 0, &s, NULL));
	usleep(100000);
	t = spec(NSEC);
	long r = sigtimedwait(&set, &info, &t);
	value("signal is SIGRTMIN", r == SIGRTMIN);
	value("si_code", info.si_code);
	value("si_value", info.si_value.sival_int);
	printf("overrun plausible: %d\n", info.si_overrun >= 6 && info.si_overrun < 60);
	printf("getoverrun plausible: %d\n", timer_getoverrun(id) >= 6);
	result("timer_gettime", timer_gettime(id, &old));
	value("interval", old.it_interval.tv_nsec);
	printf("value plausible: %d\n", old.it_value.tv_sec == 0 && old.it_value.tv_nsec > 0 && old.it_value.tv_nsec <= 10000000);
	memset(&s, 0, sizeof s);
	result("disarm", timer_settime(id, 0, &s, &old));
	t = spec(0);
	while (sigtimedwait(&set, &info, &t) > 0)
		;
	timer_gettime(id, &old);
	value("disarmed", old.it_value.tv_nsec + old.it_value.tv_sec);
	s.it_value = spec(now(1) + 10000000);
	result("absolute", timer_settime(id, TIMER_ABSTIME, &s, NULL));
	t = spec(NSEC);
	value("absolute fires", sigtimedwait(&set, &info, &t) == SIGRTMIN);
	s.it_value = spec(1);
	timer_settime(id, TIMER_ABSTIME, &s, NULL);
	value("past fires", sigtimedwait(&set, &info, &t) == SIGRTMIN);
	s.it_value.tv_nsec = NSEC;
	result("bad nsec", timer_settime(id, 0, &s, NULL));
	result("delete", timer_delete(id));
	result("delete again", syscall(SYS_timer_delete, 4242));
	result("gettime unknown", syscall(SYS_timer_gettime, 4242, &old));

	ev.sigev_signo = SIGRTMIN;
	result("cpu timer", timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &id));
	memset(&s, 0, sizeof s);
	s.it_value.tv_nsec = 20000000;
	timer_settime(id, 0, &s, NULL);
	t = spec(0);
	r = -1;
	for (long long end = now(1) + 3 * NSEC; r < 0 && now(1) < end;)
		r = sigtimedwait(&set, &info, &t);
	value("cpu timer fires", r == SIGRTMIN);
	timer_delete(id);
}

static void timerfds(void)
{
	unsigned long long n = 0;
	struct itimerspec s = { { 0, 0 }, { 0, 10000000 } }, old;
	static const int ids[] = { 0, 1, 2, 4, 5, 7, 11 };

	for (unsigned i = 0; i < sizeof ids / sizeof *ids; i++) {
		char name[64];
		snprintf(name, sizeof name, "timerfd_create %d", ids[i]);
		int f = timerfd_create(ids[i], 0);
		result(name, f);
		if (f >= 0)
			close(f);
	}
	result("timerfd_create flags", timerfd_create(1, 1));
	int fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
	result("read unarmed", read(fd, &n, 8));
	result("read short", read(fd, &n, 4));
	result("settime", timerfd_settime(fd, 0, &s, NULL));
	struct pollfd p = { fd, POLLIN, 0 };
	value("poll", poll(&p, 1, 1000));
	value("revents", p.revents);
	value("read", read(fd, &n, 8));
	value("ticks", n);
	value("poll after", poll(&p, 1, 0));
	s.it_interval.tv_nsec = 5000000;
	timerfd_settime(fd, 0, &s, NULL);
	usleep(60000);
	read(fd, &n, 8);
	printf("periodic plausible: %d\n", n >= 9 && n < 60);
	result("gettime", timerfd_gettime(fd, &old));
	value("interval", old.it_interval.tv_nsec);
	s.it_value.tv_nsec = NSEC;
	result("bad nsec", timerfd_settime(fd, 0, &s, NULL));
	result("bad flags", timerfd_settime(fd, 8, &s, NULL));
	result("not a timerfd", timerfd_settime(1, 0, &old, NULL));
	result("bad fd", timerfd_settime(99, 0, &old, NULL));
	memset(&s, 0, sizeof s);
	s.it_value = spec(1);
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL);
	value("past", poll(&p, 1, 1000));
	close(fd);
}

static void timeouts(void)
{
	struct pollfd p = { 0, 0, 0 };
	int word = 5;
	struct timespec t;
	long long a = now(1);

	value("poll timeout", poll(&p, 0, 20));
	took("poll timeout", now(1) - a, 20000000);
	struct timeval tv = { 0, 20000 };
	a = now(1);
	value("select timeout", select(0, NULL, NULL, NULL, &tv));
	took("select timeout", now(1) - a, 20000000);
	t = spec(20000000);
	a = now(1);
	result("futex relative", syscall(SYS_futex, &word, FUTEX_WAIT, 5, &t, NULL, 0));
	took("futex relative", now(1) - a, 20000000);
	t = spec(now(1) + 20000000);
	a = now(1);
	result("futex absolute", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 5, &t, NULL, ~0));
	took("futex absolute", now(1) - a, 20000000 - 100000);
	t = spec(now(0) + 20000000);
	a = now(1);
	result("futex realtime", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 5, &t, NULL, ~0));
	took("futex realtime", now(1) - a, 20000000 - 100000);
	t = spec(-1);
	t.tv_sec = -1;
	result("futex negative", syscall(SYS_futex, &word, FUTEX_WAIT, 5, &t, NULL, 0));
	result("futex value", syscall(SYS_futex, &word, FUTEX_WAIT, 6, NULL, NULL, 0));
}

static void adjust(void)
{
	struct timex x;
	memset(&x, 0, sizeof x);
	printf("adjtimex read: %d\n", adjtimex(&x) >= 0);
	value("tick", x.tick);
	value("precision", x.precision);
	value("tolerance", x.tolerance);
	x.modes = ADJ_TICK;
	x.tick = 8000;
	result("tick 8000", adjtimex(&x));
	x.modes = 0x8000;
	result("adjtime without singleshot", adjtimex(&x));
	result("clock_adjtime 1", clock_adjtime(1, &x));
	result("clock_adjtime 2", clock_adjtime(2, &x));
	result("clock_adjtime 99", clock_adjtime(99, &x));
	struct timeval tv = { 1, 1000000 };
	result("settimeofday usec", syscall(SYS_settimeofday, &tv, NULL));
	struct timezone tz = { 1000, 0 };
	result("settimeofday zone", syscall(SYS_settimeofday, NULL, &tz));
}

static int put(const char *text)
{
	int fd = open("/proc/self/timens_offsets", O_WRONLY), r;
	r = write(fd, text, strlen(text));
	int e = errno;
	close(fd);
	errno = e;
	return r;
}

static void show(const char *what)
{
	char text[200];
	int fd = open("/proc/self/timens_offsets", O_RDONLY);
	int n = read(fd, text, sizeof text - 1);
	close(fd);
	text[n < 0 ? 0 : n] = 0;
	printf("%s:\n%s", what, text);
}

static unsigned long inode(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 ? s.st_ino : 0;
}

static void offsets_text(void)
{
	static const char *const texts[] = {
		"not an offset", "1 10", "1 10 -10", "1 10 1000000001", "0 10 0", "1 10 0\na", "\n", "monotonic 1", "monotonicx 1 1",
		"1 9223372036 0", "1 -9223372036 0", "boottime 4611686019 0", "1 -2000000000 0", "monotonic 10 5", "7 20 6 junk\n",
		"boottime 1 2\nmonotonic 3 4\n", "1 5 5\n1 6 6\n", "monotonic -1 5\nboottime -1 5\nthird", " monotonic\t7   8  ",
	};
	for (unsigned i = 0; i < sizeof texts / sizeof *texts; i++) {
		int r = put(texts[i]);
		printf("write %u: %d %s\n", i, r, r < 0 ? strerrorname_np(errno) : "");
		if (r >= 0)
			show("offsets");
	}
}

static int in_child(int (*f)(void))
{
	int status;
	fflush(stdout);
	pid_t pid = fork();
	if (pid == 0) {
		int r = f();
		fflush(stdout);
		_exit(r);
	}
	waitpid(pid, &status, 0);
	return status;
}

static long long before_mono, before_boot;

static int member(void)
{
	long long m = now(CLOCK_MONOTONIC), b = now(CLOCK_BOOTTIME);
	struct timespec v, t;
	struct sysinfo si;

	printf("entered: %d\n", inode("/proc/self/ns/time") == inode("/proc/self/ns/time_for_children"));
	took("monotonic", m - before_mono, 86400 * NSEC);
	took("boottime", b - before_boot, 172800 * NSEC);
	took("raw like monotonic", now(CLOCK_MONOTONIC_RAW) - before_mono + NSEC, 86400 * NSEC + (now(CLOCK_MONOTONIC_RAW) - now(CLOCK_MONOTONIC)) + NSEC);
	clock_gettime(CLOCK_MONOTONIC, &v);
	took("vdso", v.tv_sec * NSEC + v.tv_nsec - m, 0);
	clock_gettime(CLOCK_BOOTTIME, &v);
	took("vdso boottime", v.tv_sec * NSEC + v.tv_nsec - b, 0);
	clock_gettime(CLOCK_REALTIME, &v);
	took("vdso realtime", now(0) - (v.tv_sec * NSEC + v.tv_nsec), 0);
	sysinfo(&si);
	printf("sysinfo: %d\n", si.uptime * NSEC >= b - NSEC && si.uptime * NSEC < b + 2 * NSEC);
	result("frozen", put("monotonic 1 1"));
	t = spec(m + 50000000);
	syscall(SYS_clock_nanosleep, 1, TIMER_ABSTIME, &t, NULL);
	printf("absolute sleep ends in time: %d\n", now(1) >= m + 50000000 && now(1) < m + NSEC);
	int word = 1;
	t = spec(now(1) + 20000000);
	m = now(1);
	result("futex", syscall(SYS_futex, &word, FUTEX_WAIT_BITSET, 1, &t, NULL, ~0));
	took("futex", now(1) - m, 20000000 - 100000);
	int fd = timerfd_create(CLOCK_BOOTTIME, 0);
	struct itimerspec s = { { 0, 0 }, spec(now(CLOCK_BOOTTIME) + 20000000) };
	timerfd_settime(fd, TFD_TIMER_ABSTIME, &s, NULL);
	unsigned long long n;
	m = now(1);
	read(fd, &n, 8);
	took("timerfd", now(1) - m, 20000000 - 200000);
	char text[64] = "";
	FILE *f = fopen("/proc/uptime", "r");
	double up = 0;
	if (f && fgets(text, sizeof text, f))
		up = atof(text);
	printf("/proc/uptime: %d\n", up * 1e9 >= b - 1e7 && up * 1e9 < b + 2e9);
	return 0;
}

static void namespaces(void)
{
	before_mono = now(CLOCK_MONOTONIC);
	before_boot = now(CLOCK_BOOTTIME);
	printf("initial: %lu\n", inode("/proc/self/ns/time"));
	show("initial offsets");
	result("write in initial", put("monotonic 1 1"));
	result("bad text in initial", put("x"));
	result("range in initial", put("1 9223372036 0"));
	int home = open("/proc/self/ns/time", O_RDONLY);
	result("open ns", home);
	value("nstype", ioctl(home, 0xb703));
	result("parent", ioctl(home, 0xb702));
	result("owner uid", ioctl(home, 0xb704, 0));
	result("setns bad fd", setns(99, 0));
	result("setns wrong type", setns(home, CLONE_NEWNET));
	result("setns no ns", setns(1, 0));
	char link[64];
	int n = readlink("/proc/self/ns/time", link, sizeof link - 1);
	link[n < 0 ? 0 : n] = 0;
	printf("link: %s\n", link);

	result("unshare", unshare(CLONE_NEWTIME));
	printf("caller stays: %d\n", inode("/proc/self/ns/time") == 4026531834UL && inode("/proc/self/ns/time_for_children") != 4026531834UL);
	sleep(1); /* clocks of one second, however young the machine: offsets of -1 are in range */
	offsets_text();
	put("monotonic 86400 0\nboottime 172800 0\n");
	show("children");
	took("caller's clock", now(1) - before_mono, NSEC);
	before_mono = now(CLOCK_MONOTONIC);
	before_boot = now(CLOCK_BOOTTIME);
	value("child", in_child(member));
	result("frozen for the parent", put("monotonic 1 1"));
	int there = open("/proc/self/ns/time_for_children", O_RDONLY);
	value("nstype", ioctl(there, 0xb703));
	long long m = now(1);
	result("setns", setns(there, CLONE_NEWTIME));
	took("moved", now(1) - m, 86400 * NSEC);
	struct timespec v;
	clock_gettime(CLOCK_MONOTONIC, &v);
	took("moved vdso", v.tv_sec * NSEC + v.tv_nsec - m, 86400 * NSEC);
	result("back", setns(home, 0));
	took("back", now(1) - m, 0);
	clock_gettime(CLOCK_MONOTONIC, &v);
	took("back vdso", v.tv_sec * NSEC + v.tv_nsec - m, 0);
	printf("home: %lu\n", inode("/proc/self/ns/time"));
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("== clocks"); clocks();
	puts("== sleeps"); sleeps();
	puts("== itimers"); itimers();
	puts("== timers"); timers();
	puts("== timerfds"); timerfds();
	puts("== timeouts"); timeouts();
	puts("== adjust"); adjust();
	puts("== namespaces"); namespaces();
	puts("== end");
	return 0;
}
