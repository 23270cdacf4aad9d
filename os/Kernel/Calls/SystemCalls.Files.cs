namespace CoSim.Os;

/// <summary>Calls on descriptors.</summary>
public static unsafe partial class SystemCalls
{
    private const int IovMax = 1024;

    private static void RegisterFiles()
    {
        Set(Nr.Read, &Read);
        Set(Nr.Write, &Write);
        Set(Nr.Pread64, &ReadAt);
        Set(Nr.Pwrite64, &WriteAt);
        Set(Nr.Readv, &ReadVector);
        Set(Nr.Writev, &WriteVector);
        Set(Nr.Preadv, &ReadVectorAt);
        Set(Nr.Pwritev, &WriteVectorAt);
        Set(Nr.Lseek, &Lseek);
        Set(Nr.Close, &Close);
        Set(Nr.CloseRange, &CloseRange);
        Set(Nr.Dup, &Dup);
        Set(Nr.Dup2, &Dup2);
        Set(Nr.Dup3, &Dup3);
        Set(Nr.Pipe, &PipeCall);
        Set(Nr.Pipe2, &Pipe2);
        Set(Nr.Fcntl, &Fcntl);
        Set(Nr.Ioctl, &Ioctl);
        Set(Nr.Fsync, &CheckDescriptor);
        Set(Nr.Fdatasync, &CheckDescriptor);
        Set(Nr.Syncfs, &CheckDescriptor);
        Set(Nr.Flock, &CheckDescriptor);
        Set(Nr.Fadvise64, &CheckDescriptor);
        Set(Nr.Sync, &Succeed);
        Set(Nr.Ftruncate, &Ftruncate);
        Set(Nr.Fallocate, &Fallocate);
        Set(Nr.Getdents64, &Getdents64);
        Set(Nr.Sendfile, &Sendfile);
        Set(Nr.MemfdCreate, &MemfdCreate);
    }

    private static long CheckDescriptor(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        File.Put(file);
        return 0;
    }

    private static long Read(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        long r = File.Read(file, f->Rsi, f->Rdx, &file->Position);
        File.Put(file);
        return r;
    }

    private static long Write(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        long r = File.Write(file, f->Rsi, f->Rdx, &file->Position);
        File.Put(file);
        return r;
    }

    private static long ReadAt(TrapFrame* f) => At(f, false);

    private static long WriteAt(TrapFrame* f) => At(f, true);

    private static long At(TrapFrame* f, bool write)
    {
        if ((long)f->R10 < 0) return -Errno.EINVAL;
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        ulong position = f->R10;
        long r = !HasPositions(file, write) ? -Errno.ESPIPE : write ? File.Write(file, f->Rsi, f->Rdx, &position) : File.Read(file, f->Rsi, f->Rdx, &position);
        File.Put(file);
        return r;
    }

    private static bool HasPositions(File* file, bool write) => file->Ops != null && file->Ops->Seekable && !(write && file->Ops->NoPositionedWrite);

    private static long ReadVector(TrapFrame* f) => Vector(f, false, false);

    private static long WriteVector(TrapFrame* f) => Vector(f, true, false);

    private static long ReadVectorAt(TrapFrame* f) => Vector(f, false, true);

    private static long WriteVectorAt(TrapFrame* f) => Vector(f, true, true);

    private static long Vector(TrapFrame* f, bool write, bool at)
    {
        if (f->Rdx > IovMax || at && (long)f->R10 < 0) return -Errno.EINVAL;
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        if (at && !HasPositions(file, write))
        {
            File.Put(file);
            return -Errno.ESPIPE;
        }
        ulong own = f->R10;
        ulong* position = at ? &own : &file->Position;
        long total = 0;
        for (ulong i = 0; i < f->Rdx; i++)
        {
            long r = UserMemory.Read64(f->Rsi + i * 16, out ulong start);
            if (UserMemory.Read64(f->Rsi + i * 16 + 8, out ulong length) != 0) r = -Errno.EFAULT;
            if (r != 0) r = -Errno.EFAULT;
            else if ((long)length < 0) r = -Errno.EINVAL;
            else if (length == 0) continue;
            else r = write ? File.Write(file, start, length, position) : File.Read(file, start, length, position);
            if (r < 0)
            {
                if (total == 0) total = r;
                break;
            }
            total += r;
            if ((ulong)r < length) break;
        }
        File.Put(file);
        return total;
    }

    private static long Lseek(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        const int SeekData = 3, SeekHole = 4;
        long r = (uint)f->Rdx > SeekHole ? -Errno.EINVAL : -Errno.ESPIPE;
        if (r == -Errno.ESPIPE && file->Ops != null && file->Ops->SeeksNowhere) r = (long)file->Position;
        else if (r == -Errno.ESPIPE && (int)f->Rdx is SeekData or SeekHole && file->Inode->Type == FileMode.Directory && file->Inode->Device == ProcFs.Device) r = -Errno.ENXIO;
        else if (r == -Errno.ESPIPE && file->Ops != null && file->Ops->Seekable)
        {
            long at = (long)f->Rsi;
            if ((int)f->Rdx == 1) at += (long)file->Position;
            else if ((int)f->Rdx == 2) at += (long)file->Inode->Size;
            if ((int)f->Rdx is < 0 or > 2 || at < 0) r = -Errno.EINVAL;
            else
            {
                file->Position = (ulong)at;
                r = at;
            }
        }
        File.Put(file);
        return r;
    }

    private static long Close(TrapFrame* f) => FileTable.Close(Cpu.CurrentTask->Files, (int)f->Rdi);

    private static long CloseRange(TrapFrame* f)
    {
        const uint CloseOnExec = 4;
        uint first = (uint)f->Rdi, last = (uint)f->Rsi;
        if (first > last) return -Errno.EINVAL;
        FileTable* t = Cpu.CurrentTask->Files;
        for (uint fd = first; fd <= last && fd < (uint)t->Capacity; fd++)
        {
            if (t->Files[fd] == null) continue;
            if (((uint)f->Rdx & CloseOnExec) != 0) FileTable.SetCloseOnExec(t, (int)fd, true);
            else FileTable.Close(t, (int)fd);
        }
        return 0;
    }

    private static long Dup(TrapFrame* f) => Duplicate((int)f->Rdi, 0, false);

    private static long Duplicate(int fd, int lowest, bool closeOnExec)
    {
        File* file = FileTable.GetAny(fd);
        if (file == null) return -Errno.EBADF;
        int r = FileTable.Install(file, closeOnExec, lowest);
        if (r < 0) File.Put(file);
        return r;
    }

    private static long Dup2(TrapFrame* f)
    {
        File* file = FileTable.GetAny((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        if ((int)f->Rdi != (int)f->Rsi) return InstallCopy(file, (int)f->Rsi, false);
        File.Put(file);
        return (int)f->Rdi;
    }

    private static long Dup3(TrapFrame* f)
    {
        if ((int)f->Rdi == (int)f->Rsi || (f->Rdx & ~(ulong)OpenFlags.CloseOnExec) != 0) return -Errno.EINVAL;
        File* file = FileTable.GetAny((int)f->Rdi);
        return file == null ? -Errno.EBADF : InstallCopy(file, (int)f->Rsi, f->Rdx != 0);
    }

    private static long InstallCopy(File* file, int fd, bool closeOnExec)
    {
        int r = fd < 0 ? -Errno.EBADF : FileTable.InstallAt(file, fd, closeOnExec);
        if (r < 0) File.Put(file);
        return r;
    }

    private static long PipeCall(TrapFrame* f) => MakePipe(f->Rdi, 0);

    private static long Pipe2(TrapFrame* f) => MakePipe(f->Rdi, (int)f->Rsi);

    private static long MakePipe(ulong user, int flags)
    {
        if ((flags & ~(OpenFlags.CloseOnExec | OpenFlags.NonBlock)) != 0) return -Errno.EINVAL;
        File* reader, writer;
        int r = Pipe.Create(flags, &reader, &writer);
        if (r != 0) return r;
        bool close = (flags & OpenFlags.CloseOnExec) != 0;
        int a = FileTable.Install(reader, close, 0);
        if (a < 0)
        {
            File.Put(reader);
            File.Put(writer);
            return a;
        }
        int b = FileTable.Install(writer, close, 0);
        if (b < 0)
        {
            FileTable.Close(Cpu.CurrentTask->Files, a);
            File.Put(writer);
            return b;
        }
        if (UserMemory.Write64(user, (uint)a | (ulong)(uint)b << 32) == 0) return 0;
        FileTable.Close(Cpu.CurrentTask->Files, a);
        FileTable.Close(Cpu.CurrentTask->Files, b);
        return -Errno.EFAULT;
    }

    private static long Fcntl(TrapFrame* f)
    {
        const int DupFd = 0, GetFd = 1, SetFd = 2, GetFl = 3, SetFl = 4, GetLk = 5, SetLk = 6, SetLkw = 7, SetOwn = 8, DupFdCloexec = 1030, GetPipeSize = 1032;
        int fd = (int)f->Rdi;
        FileTable* t = Cpu.CurrentTask->Files;
        File* file = FileTable.GetAny(fd);
        if (file == null) return -Errno.EBADF;
        if ((file->Flags & OpenFlags.Path) != 0 && (int)f->Rsi is not (DupFd or DupFdCloexec or GetFd or SetFd or GetFl))
        {
            File.Put(file);
            return -Errno.EBADF;
        }
        long r = 0;
        switch ((int)f->Rsi)
        {
            case DupFd or DupFdCloexec:
                r = (int)f->Rdx < 0 || (int)f->Rdx >= FileTable.Max ? -Errno.EINVAL : Duplicate(fd, (int)f->Rdx, (int)f->Rsi == DupFdCloexec);
                break;
            case GetFd: r = FileTable.IsCloseOnExec(t, fd) ? 1 : 0; break;
            case SetFd: FileTable.SetCloseOnExec(t, fd, (f->Rdx & 1) != 0); break;
            case GetFl:
                r = ShownFlags(file);
                break;
            case SetFl:
                const int Settable = OpenFlags.Append | OpenFlags.NonBlock;
                file->Flags = file->Flags & ~Settable | (int)f->Rdx & Settable;
                break;
            case GetLk: r = UserMemory.CopyTo(f->Rdx, Text.Literal("\u0002\0"u8), 2); break; // F_UNLCK: there are no other lockers
            case SetLk or SetLkw or SetOwn: break;
            case GetPipeSize: r = file->Inode->Type == FileMode.Fifo ? (long)Pipe.Capacity : -Errno.EBADF; break;
            default: r = -Errno.EINVAL; break;
        }
        File.Put(file);
        return r;
    }

    private static long Ioctl(TrapFrame* f)
    {
        const uint FioClex = 0x5451, FioNclex = 0x5450, FioNbio = 0x5421;
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        uint command = (uint)f->Rsi;
        long r = 0;
        if (command is FioClex or FioNclex) FileTable.SetCloseOnExec(Cpu.CurrentTask->Files, (int)f->Rdi, command == FioClex);
        else if (command == FioNbio)
        {
            r = UserMemory.Read32(f->Rdx, out uint on);
            if (r == 0) file->Flags = on != 0 ? file->Flags | OpenFlags.NonBlock : file->Flags & ~OpenFlags.NonBlock;
        }
        else r = file->Ops == null || file->Ops->Ioctl == null ? -Errno.ENOTTY : file->Ops->Ioctl(file, command, f->Rdx);
        File.Put(file);
        return r;
    }

    private static long Ftruncate(TrapFrame* f)
    {
        if ((long)f->Rsi < 0) return -Errno.EINVAL;
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        // Queues and files of /proc take a length, and do nothing with it.
        bool unmoved = MessageQueues.Of(file) != null || file->Inode->Device == ProcFs.Device && file->Inode->Type == FileMode.Regular;
        long r = !file->CanWrite || file->Inode->FileOps != RamFs.FileOps && !unmoved ? -Errno.EINVAL : 0;
        if (r == 0 && !unmoved) PageCache.Truncate(file->Inode, f->Rsi);
        File.Put(file);
        return r;
    }

    private static long Fallocate(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        long r = f->Rsi != 0 ? -Errno.EOPNOTSUPP : !file->CanWrite || file->Inode->FileOps != RamFs.FileOps ? -Errno.EBADF : 0;
        if (r == 0 && f->Rdx + f->R10 > file->Inode->Size) PageCache.Truncate(file->Inode, f->Rdx + f->R10);
        File.Put(file);
        return r;
    }

    private static long Getdents64(TrapFrame* f)
    {
        File* file = FileTable.Get((int)f->Rdi);
        if (file == null) return -Errno.EBADF;
        long r = -Errno.ENOTDIR;
        if (file->Inode->Type == FileMode.Directory)
        {
            DirectoryWriter w = default;
            w.Capacity = Bits.Min(f->Rdx, 16384);
            w.Buffer = (byte*)Heap.Allocate(w.Capacity);
            w.Position = file->Position;
            if (w.Buffer == null) r = -Errno.ENOMEM;
            else
            {
                Vfs.Lock.Acquire();
                DirectoryWriter.Fill(&w, file->Dentry);
                Vfs.Lock.Release();
                if (w.Length == 0 && w.Full) r = -Errno.EINVAL;
                else r = UserMemory.CopyTo(f->Rsi, w.Buffer, w.Length) != 0 ? -Errno.EFAULT : (long)w.Length;
                if (r > 0) file->Position = w.Position;
                Heap.Free(w.Buffer);
            }
        }
        File.Put(file);
        return r;
    }

    /// <summary>Only between files that have pages: programs fall back to read and write on EINVAL.</summary>
    private static long Sendfile(TrapFrame* f) => -Errno.EINVAL;

    private static long MemfdCreate(TrapFrame* f)
    {
        File* file = AnonymousFile.CreateFile(RamFs.FileOps, null, OpenFlags.ReadWrite, "memfd:"u8, FileMode.Regular | 0x1FF);
        if (file == null) return -Errno.ENOMEM;
        int fd = FileTable.Install(file, (f->Rsi & 1) != 0, 0);
        if (fd < 0) File.Put(file);
        return fd;
    }

    /// <summary>The flags as programs see them: open(2) and memfd_create(2) add O_LARGEFILE.</summary>
    internal static int ShownFlags(File* file)
    {
        const int LargeFile = 0x8000;
        bool named = file->Inode->Device != AnonymousFile.Device || file->Ops == RamFs.FileOps;
        return file->Flags | (named && MessageQueues.Of(file) == null ? LargeFile : 0);
    }
}
