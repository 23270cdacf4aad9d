namespace CoSim.Os;

/// <summary>Error numbers of the Linux x86-64 ABI. System calls return them negated.</summary>
public static class Errno
{
    public const int EPERM = 1, ENOENT = 2, ESRCH = 3, EINTR = 4, EIO = 5, ENXIO = 6, E2BIG = 7, ENOEXEC = 8, EBADF = 9, ECHILD = 10;
    public const int EAGAIN = 11, ENOMEM = 12, EACCES = 13, EFAULT = 14, EBUSY = 16, EEXIST = 17, EXDEV = 18, ENODEV = 19, ENOTDIR = 20;
    public const int EISDIR = 21, EINVAL = 22, ENFILE = 23, EMFILE = 24, ENOTTY = 25, ETXTBSY = 26, EFBIG = 27, ENOSPC = 28, ESPIPE = 29;
    public const int EROFS = 30, EMLINK = 31, EPIPE = 32, EDOM = 33, ERANGE = 34, EDEADLK = 35, ENAMETOOLONG = 36, ENOSYS = 38, ENOTEMPTY = 39;
    public const int ELOOP = 40, ETIME = 62, EOVERFLOW = 75, EUSERS = 87, ENOTSOCK = 88, EMSGSIZE = 90, EOPNOTSUPP = 95, ETIMEDOUT = 110, ECANCELED = 125;

    /// <summary>
    /// Kernel-internal: a system call was interrupted by a signal. ERESTARTSYS restarts if the handler has SA_RESTART (or none runs);
    /// ERESTARTNOHAND restarts only if no handler runs; ERESTART_RESTARTBLOCK resumes through restart_syscall (kept as EINTR when a
    /// handler runs). User space sees EINTR or the restart, never these numbers.
    /// </summary>
    public const int ERESTARTSYS = 512, ERESTARTNOINTR = 513, ERESTARTNOHAND = 514, ERESTART_RESTARTBLOCK = 516;
}
