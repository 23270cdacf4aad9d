// Random calls: namespaces, their files, processes and descriptors of processes.
static void offsets_write(void)
{
    static const char *words[] = { "monotonic", "monotonic", "boottime", "boottime", "1", "7", "0", "2", "01", "realtime", "monotonicx", "" };
    static const char *numbers[] = { "0", "1", "-1", "100000", "-100000", "1000000", "9223372036", "9223372037", "-9223372036", "-9223372037", "4611686018", "4611680000", "9223372036854775807",
        "9223372036854775808", "-9223372036854775808", "18446744073709551615", "99999999999999999999", "0x10", "+5", "--5", "x", "", "1e3" };
    static const char *parts[] = { "0", "0", "5", "999999999", "1000000000", "-1", "-0", "+7", "18446744073709551615", "4294967296", "x", "", "0x5", "1 2 3", "5x" };
    static const char *blanks[] = { " ", " ", " ", "\t", "  ", "    ", "", "\v", "\f", "\r" };
    static const char *ends[] = { "\n", "\n", "\n", "", "\n\n", " \n", "\r\n", " rest\n" };
    char text[6000] = "";
    for (int lines = below(7) == 0 ? 3 : 1 + below(2); lines > 0; lines--) {
        if (one_in(8)) strcat(text, PICK(blanks));
        strcat(text, PICK(words)), strcat(text, one_in(4) ? PICK(blanks) : " ");
        strcat(text, one_in(2) ? PICK(numbers) : "1000"), strcat(text, one_in(4) ? PICK(blanks) : " ");
        strcat(text, one_in(2) ? PICK(parts) : "0"), strcat(text, PICK(ends));
    }
    unsigned length = strlen(text);
    char shown[200] = "", *to = shown;
    for (unsigned i = 0; i < length && to < shown + 180; i++)
        if (text[i] < ' ') to += sprintf(to, "\\%o", text[i]);
        else *to++ = text[i];
    *to = 0;
    tell(" \"%s\"", shown);
    if (one_in(20)) length += one_in(2) ? 4095 - length : 4096 - length;
    else if (one_in(15)) length -= below(length / 2 + 1);
    tell(" %u", length);
    char path[60] = "/proc/self/timens_offsets";
    if (one_in(6)) {
        static const char *others[] = { "/proc/1/timens_offsets", "/proc/thread-self/timens_offsets", "/proc/self/task/1/timens_offsets", "/proc/99999999/timens_offsets" };
        strcpy(path, PICK(others));
        tell(" %s", path);
    }
    int fd = open(path, O_RDWR);
    if (fd < 0) {
        result("open of timens_offsets", fd, 0, "");
        return;
    }
    const void *bytes = one_in(12) ? place(text, length) : text;
    long r = one_in(10) ? pwrite(fd, bytes, length, below(2)) : write(fd, bytes, length);
    result("timens_offsets", r, 1, "");
    close(fd);
}

static void offsets_read(void)
{
    char text[200];
    int n = read_text(one_in(4) ? "/proc/1/timens_offsets" : "/proc/self/timens_offsets", text, sizeof text);
    for (int i = 0; i < n; i++)
        if (text[i] == '\n') text[i] = ';';
    result("offsets are", n, 0, " %s", text);
}

static void namespace_open(void)
{
    static const char *paths[] = { "/proc/self/ns/time", "/proc/self/ns/time_for_children", "/proc/1/ns/time", "/proc/self/ns/user", "/proc/1/ns/user", "/proc/self/ns", "/proc/self/ns/none",
        "/proc/99999999/ns/time", "/proc/self/task/1/ns/time", "/proc/thread-self/ns/time_for_children", "/proc/self/timens_offsets", "/proc/self/comm" };
    static const int flags[] = { O_RDONLY, O_RDONLY, O_RDONLY, O_RDWR, O_WRONLY, O_PATH, O_RDONLY | O_CLOEXEC, O_RDONLY | O_DIRECTORY, O_RDONLY | O_NOFOLLOW, O_RDONLY | O_CREAT, O_RDONLY | O_CREAT | O_EXCL, O_RDONLY | O_TRUNC };
    const char *path = PICK(paths);
    int f = PICK(flags);
    tell(" %s %x", path, f);
    long r = open(path, f, 0600);
    keep(r);
    result("open", r, 0, "");
}

static void namespace_ask(void)
{
    static const unsigned requests[] = { 0xb701, 0xb701, 0xb702, 0xb703, 0xb703, 0xb704, 0xb705, 0xb700, 0x5401, 0x5421 };
    int fd = any_descriptor();
    unsigned request = PICK(requests);
    tell(" %x", request);
    int none = 0, *p = request == 0x5421 ? &none : place(&none, 4);
    long r = ioctl(fd, request, p);
    int owner = request == 0xb704 && is_plain(p) ? *p : 0;
    if (r > 2 && (request == 0xb701 || request == 0xb702)) keep(r), r = 0;
    if (r >= 0 && request == 0x5421) fcntl(fd, F_SETFL, O_NONBLOCK);
    result("ioctl", r, 1, " %d", owner);
}

static const uint64_t spaces[] = { CLONE_NEWTIME, CLONE_NEWTIME, 0x10000000, CLONE_FS, CLONE_FILES, CLONE_SYSVSEM, CLONE_VM, CLONE_SIGHAND, CLONE_THREAD };

static void namespace_leave(void)
{
    uint64_t flags = below(3) ? CLONE_NEWTIME | (one_in(4) ? 0x10000000 : 0) : some_of(spaces, COUNT(spaces));
    // Spaces that are not those of time and users are not asked for.
    flags &= ~0x6e020000ull & ~0xffffffff00000000ull;
    tell(" %llx", (unsigned long long)flags);
    result("unshare", syscall(SYS_unshare, flags), 0, "");
}

static void namespace_enter(void)
{
    static const uint64_t kinds[] = { 0, 0, CLONE_NEWTIME, CLONE_NEWTIME, CLONE_NEWTIME, 0x10000000, 0x10000080, 1, 0x100, -1 };
    int fd = any_descriptor();
    uint64_t flags = PICK(kinds);
    tell(" %llx", (unsigned long long)flags);
    result("setns", syscall(SYS_setns, fd, flags), 0, "");
}

// The child ends at once, and touches nothing of its parent's.
static long make(long number, long a, long b, long c)
{
    register long r10 __asm__("r10") = 0, r8 __asm__("r8") = 0;
    long r;
    __asm__ volatile("syscall; test %0, %0; jnz 1f; mov $60, %%eax; mov $3, %%edi; syscall; 1:" : "=a"(r) : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8) : "rcx", "r11", "memory");
    if (r < 0) errno = -r, r = -1;
    return r;
}

static void collect(long pid)
{
    int status = 0;
    while (syscall(SYS_wait4, (long)(int)pid, &status, __WALL, NULL) < 0 && errno == EINTR) { }
}

static void process_make(void)
{
    static const uint64_t bits[] = { CLONE_SIGHAND, CLONE_THREAD, CLONE_FS, CLONE_FILES, 0x10000000, CLONE_PARENT, CLONE_SYSVSEM, CLONE_UNTRACED, CLONE_PARENT_SETTID, CLONE_CHILD_CLEARTID };
    static const int signals[] = { SIGCHLD, 0, 0x80, 0x91, 0xff, 64, 65, SIGUSR1 };
    uint64_t flags = (below(3) ? 0 : some_of(bits, COUNT(bits)) & ~0x6e020000ull & ~0xffffffff000000ffull & ~(uint64_t)(CLONE_VM | CLONE_PTRACE | CLONE_SETTLS | CLONE_PIDFD)) | PICK(signals);
    // Another's child would stay.
    flags &= ~(uint64_t)CLONE_PARENT;
    tell(" %llx", (unsigned long long)flags);
    void *p = place(&(int){ 0 }, 4);
    // Whether the parent's place could be written is not told.
    long r = make(SYS_clone, flags, 0, (long)p);
    if (r > 0) collect(r);
    result("clone", r, 0, "");
}

static void process_make3(void)
{
    static const uint64_t bits[] = { CLONE_NEWTIME, CLONE_NEWTIME, CLONE_SIGHAND, CLONE_THREAD, CLONE_FS, CLONE_FILES, 0x10000000, CLONE_DETACHED, 0x100000000ull };
    static const unsigned sizes[] = { 0, 8, 63, 64, 65, 72, 80, 88, 88, 88, 88, 89, 96, 4096, 4097, 0xffffffff };
    static const uint64_t signals[] = { SIGCHLD, SIGCHLD, 0, 64, 65, 0x91, 255, 256, 0x100000000ull };
    uint64_t a[16] = { 0 };
    a[0] = below(3) ? some_of(bits, COUNT(bits)) & ~0x6e020000ull & ~(uint64_t)(CLONE_VM | CLONE_PARENT | CLONE_PTRACE | CLONE_SETTLS) : CLONE_NEWTIME;
    a[4] = PICK(signals);
    // A stack needs a size, and a size needs a stack; both would be used only with CLONE_VM.
    if (one_in(10)) a[5] = 4096;
    else if (one_in(10)) a[6] = 4096;
    if (one_in(10)) a[11] = 1;
    unsigned size = PICK(sizes);
    tell(" flags %llx signal %llx stack %llx,%llx beyond %llx size %u", (unsigned long long)a[0], (unsigned long long)a[4], (unsigned long long)a[5], (unsigned long long)a[6], (unsigned long long)a[11], size);
    int fd = -1;
    a[1] = (uintptr_t)&fd;
    void *p = place(a, 128);
    if (is_plain(p)) memset((char *)p + 128, 0, sizeof plain - 8192);
    long r = make(SYS_clone3, (long)p, size, 0);
    if (r > 0) collect(r);
    if (fd > 2) close(fd);
    result("clone3", r, 0, "");
}

static void process_wait(void)
{
    static const int options[] = { WNOHANG, WNOHANG | WEXITED, WNOHANG | WEXITED | WNOWAIT, WNOHANG | WSTOPPED, WNOHANG | __WALL, WNOHANG | __WCLONE | WEXITED, 0x10 | WNOHANG, WNOHANG | WEXITED | WCONTINUED | WUNTRACED };
    static const int kinds[] = { P_ALL, P_PID, P_PGID, 3, 4, -1 };
    int o = PICK(options), kind = PICK(kinds), pid = one_in(3) ? -1 : one_in(2) ? 99999999 : one_in(2) ? 0 : 0x80000000;
    tell(" %x %d", o, pid);
    char info[128] = { 0 };
    if (one_in(2)) result("wait4", syscall(SYS_wait4, pid, place(info, 4), o, NULL), 0, "");
    else {
        if (kind == 3) pid = any_descriptor();
        tell(" kind %d", kind);
        result("waitid", syscall(SYS_waitid, kind, pid, place(info, 128), o, NULL), 0, "");
    }
}

static void process_descriptor(void)
{
    static const int flags[] = { 0, 0, O_NONBLOCK, 1, -1, O_CLOEXEC };
    int self = syscall(SYS_getpid), pids[] = { self, self, 1, 0, -1, 99999999, 2 };
    if (one_in(2)) {
        int pid = PICK(pids), f = PICK(flags);
        tell(" of %s flags %x", pid == self ? "self" : pid == 1 ? "1" : pid == 2 ? "2" : "nobody", f);
        long r = syscall(SYS_pidfd_open, pid, f);
        keep(r);
        result("pidfd_open", r, 0, "");
        return;
    }
    static const int signals[] = { 0, SIGUSR1, 64, 65, -1 };
    int fd = any_descriptor(), s = PICK(signals);
    siginfo_t info = { .si_signo = below(4) ? s : s + 1, .si_code = one_in(2) ? SI_QUEUE : SI_USER };
    tell(" %d code %d signo %d", s, info.si_code, info.si_signo);
    // Only this process is to get signals, if at all.
    if (s > 0 && s < 65) s = 0, info.si_signo = 0;
    void *p = one_in(2) ? NULL : place(&info, 128);
    result("pidfd_send_signal", syscall(SYS_pidfd_send_signal, fd, s, p, one_in(6)), 0, "");
}

static void descriptor_use(void)
{
    static const unsigned sizes[] = { 0, 4, 7, 8, 9, 64 };
    int fd = any_descriptor();
    if (fd == 1) fd = 99;
    char bytes[144] = { 0 };
    unsigned size = PICK(sizes);
    switch (below(9)) {
    case 0:
        result("read", syscall(SYS_read, fd, place(bytes, 64), size), 1, " of %u", size);
        return;
    case 1:
        result("write", syscall(SYS_write, fd, place(bytes, 64), size), 1, " of %u", size);
        return;
    case 2:
        result("pread", syscall(SYS_pread64, fd, place(bytes, 64), size, (long)below(3) - 1), 1, " of %u", size);
        return;
    case 3:
        result("lseek", syscall(SYS_lseek, fd, (long)below(3) - 1, below(6)), 1, "");
        return;
    case 4: {
        struct stat s = { 0 };
        long r = fstat(fd, &s);
        result("fstat", r, 0, " mode %o size %ld links %ld", s.st_mode, (long)s.st_size, (long)s.st_nlink);
        return;
    }
    case 5: {
        char path[60], text[100] = "";
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        long r = readlink(path, text, sizeof text - 1);
        // Numbers of namespaces and processes are each kernel's own.
        if (r > 0 && strncmp(text, "/proc", 5) == 0) strcpy(text, "/proc");
        char *number = strchr(text, '[');
        if (number && number[1] >= '0' && number[1] <= '9') *number = 0;
        result("readlink", r, 0, " %s", text);
        return;
    }
    case 6:
        result("fcntl", fcntl(fd, one_in(2) ? F_GETFL : F_GETFD), 1, "");
        return;
    case 7:
        result("mmap", (long)mmap(NULL, 4096, PROT_READ, one_in(2) ? MAP_SHARED : MAP_PRIVATE, fd, 0) == -1 ? -1 : 0, 0, "");
        return;
    default:
        result("ftruncate", syscall(SYS_ftruncate, fd, (long)below(3) - 1), 0, "");
        return;
    }
}

static void user_change(void)
{
    int group = one_in(2);
    tell(" %s", group ? "group" : "user");
    result("setresid", group ? syscall(SYS_setresgid, 1000, 1000, 1000) : syscall(SYS_setresuid, 1000, 1000, 1000), 0, "");
}
