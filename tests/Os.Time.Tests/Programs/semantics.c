/*
 * What changed between kernel versions: whether exec moves a task into the time namespace of its children (6.2), whether a
 * task that has unshared may make children that share its memory (6.2), and whether clone3 takes CLONE_NEWTIME (6.3).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static unsigned long inode(const char *path)
{
	struct stat s;
	return stat(path, &s) == 0 ? s.st_ino : 0;
}

static int same(void)
{
	return inode("/proc/self/ns/time") == inode("/proc/self/ns/time_for_children");
}

static int vfork_child(void *unused)
{
	(void)unused;
	_exit(0);
}

int main(int argc, char **argv)
{
	static char stack[65536];
	int status;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (argc > 1) {
		printf("after exec: %s\n", same() ? "moved" : "stayed");
		puts("== end");
		return 0;
	}
	puts("== semantics");
	struct clone_args args;
	memset(&args, 0, sizeof args);
	args.flags = 0x80;
	args.exit_signal = SIGCHLD;
	long r = syscall(SYS_clone3, &args, sizeof args);
	if (r == 0) {
		printf("clone3 child: %s\n", same() && inode("/proc/self/ns/time") != 4026531834UL ? "in a new namespace" : "not moved");
		_exit(0);
	}
	printf("clone3: %s\n", r > 0 ? "ok" : strerrorname_np(errno));
	if (r > 0)
		waitpid(r, &status, 0);
	printf("caller: %s\n", same() ? "stayed" : "changed");

	/* 0x80 in clone is part of the signal number: no namespace, and a child that only __WALL waits for. */
	pid_t pid = syscall(SYS_clone, 0x80 | SIGCHLD, 0, 0, 0, 0);
	if (pid == 0) {
		printf("clone with 0x80: %s\n", inode("/proc/self/ns/time") == 4026531834UL ? "not moved" : "moved");
		_exit(0);
	}
	r = waitpid(pid, &status, 0);
	printf("wait without __WALL: %s\n", r == pid ? "ok" : strerrorname_np(errno));
	if (r != pid)
		printf("wait with __WALL: %d\n", waitpid(pid, &status, __WALL) == pid);

	if (unshare(0x80) != 0)
		return 1;
	pid = clone(vfork_child, stack + sizeof stack, CLONE_VM | CLONE_VFORK | SIGCHLD, NULL);
	printf("vfork after unshare: %s\n", pid > 0 ? "ok" : strerrorname_np(errno));
	if (pid > 0)
		waitpid(pid, &status, 0);
	fflush(stdout);
	char *again[] = { argv[0], "again", NULL };
	execv("/proc/self/exe", again);
	return 1;
}
