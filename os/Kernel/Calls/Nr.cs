namespace CoSim.Os;

/// <summary>System call numbers of Linux x86-64 (arch/x86/entry/syscalls/syscall_64.tbl).</summary>
public static class Nr
{
    public const int Read = 0, Write = 1, Open = 2, Close = 3, Stat = 4, Fstat = 5, Lstat = 6, Poll = 7, Lseek = 8, Mmap = 9, Mprotect = 10, Munmap = 11, Brk = 12;
    public const int RtSigaction = 13, RtSigprocmask = 14, RtSigreturn = 15, Ioctl = 16, Pread64 = 17, Pwrite64 = 18, Readv = 19, Writev = 20, Access = 21, Pipe = 22;
    public const int Select = 23, SchedYield = 24, Mremap = 25, Msync = 26, Madvise = 28, Dup = 32, Dup2 = 33, Pause = 34, Getpid = 39, Sendfile = 40, Clone = 56, Fork = 57;
    public const int Vfork = 58, Execve = 59, Exit = 60, Wait4 = 61, Kill = 62, Uname = 63, Fcntl = 72, Flock = 73, Fsync = 74, Fdatasync = 75, Truncate = 76, Ftruncate = 77;
    public const int Getdents = 78, Getcwd = 79, Chdir = 80, Fchdir = 81, Rename = 82, Mkdir = 83, Rmdir = 84, Creat = 85, Link = 86, Unlink = 87, Symlink = 88, Readlink = 89;
    public const int Chmod = 90, Fchmod = 91, Chown = 92, Fchown = 93, Lchown = 94, Umask = 95, Getrlimit = 97, Getrusage = 98, Sysinfo = 99, Getuid = 102, Syslog = 103;
    public const int Getgid = 104, Setuid = 105, Setgid = 106, Geteuid = 107, Getegid = 108, Setpgid = 109, Getppid = 110, Getpgrp = 111, Setsid = 112, Setreuid = 113, Setregid = 114;
    public const int Getgroups = 115, Setgroups = 116, Setresuid = 117, Getresuid = 118, Setresgid = 119, Getresgid = 120, Getpgid = 121, Getsid = 124, Capget = 125, Capset = 126, RtSigpending = 127;
    public const int RtSigtimedwait = 128, RtSigqueueinfo = 129, RtTgsigqueueinfo = 297, RtSigsuspend = 130, Sigaltstack = 131, Utime = 132, Mknod = 133, Personality = 135, Statfs = 137, Fstatfs = 138;
    public const int Getpriority = 140, Setpriority = 141, SchedSetparam = 142, SchedGetparam = 143, SchedSetscheduler = 144, SchedGetscheduler = 145, SchedGetPriorityMax = 146;
    public const int SchedGetPriorityMin = 147, SchedRrGetInterval = 148, Mlock = 149, Munlock = 150, Mlockall = 151, Munlockall = 152, Prctl = 157, ArchPrctl = 158, Setrlimit = 160;
    public const int Chroot = 161, Sync = 162, Mount = 165, Umount2 = 166, Reboot = 169, Sethostname = 170, Setdomainname = 171, Gettid = 186, Tkill = 200, Futex = 202;
    public const int SchedSetaffinity = 203, SchedGetaffinity = 204, EpollCreate = 213, Getdents64 = 217, SetTidAddress = 218, RestartSyscall = 219, Fadvise64 = 221;
    public const int ExitGroup = 231, EpollWait = 232, EpollCtl = 233, Tgkill = 234, Utimes = 235, Waitid = 247, Openat = 257, Mkdirat = 258, Mknodat = 259, Fchownat = 260;
    public const int Newfstatat = 262, MqOpen = 240, MqUnlink = 241, MqTimedsend = 242, MqTimedreceive = 243, MqNotify = 244, MqGetsetattr = 245, Unlinkat = 263, Renameat = 264, Linkat = 265, Symlinkat = 266, Readlinkat = 267, Fchmodat = 268, Faccessat = 269, Pselect6 = 270;
    public const int Ppoll = 271, Unshare = 272, SetRobustList = 273, GetRobustList = 274, Utimensat = 280, EpollPwait = 281, Eventfd = 284, Fallocate = 285, Eventfd2 = 290;
    public const int EpollCreate1 = 291, Dup3 = 292, Pipe2 = 293, Preadv = 295, Pwritev = 296, Prlimit64 = 302, Syncfs = 306, Setns = 308, Getcpu = 309, Renameat2 = 316;
    public const int Getrandom = 318, MemfdCreate = 319, Membarrier = 324, Preadv2 = 327, Pwritev2 = 328, Statx = 332, Rseq = 334, PidfdSendSignal = 424, PidfdOpen = 434, Clone3 = 435, CloseRange = 436, Faccessat2 = 439, EpollPwait2 = 441, FutexWaitv = 449;
    public const int Max = 452;
}
