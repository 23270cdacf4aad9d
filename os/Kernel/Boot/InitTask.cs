using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The first task: finishes initialisation as a kernel thread, then becomes the user's init.</summary>
public static unsafe class InitTask
{
    /// <summary>Body of the first kernel thread. Does not return.</summary>
    public static void Run(void* argument)
    {
        Task* self = Cpu.CurrentTask;
        TaskList.Init = self->Group;
        Smp.BringUpAll();
        RamFs.Initialize();
        Pipe.Initialize();
        Tty.Initialize();
        EventFd.Initialize();
        PidFd.Initialize();
        Epoll.Initialize();
        Vfs.Root = RamFs.CreateRoot();
        self->Fs = Heap.New<FsContext>();
        self->Fs->Refs = 1;
        self->Fs->Umask = 0x12;
        self->Fs->Root = self->Fs->Working = Vfs.Root;
        Dentry.Get(Vfs.Root);
        Dentry.Get(Vfs.Root);
        if (BootMemory.InitrdLength != 0)
        {
            Log.Print("Trying to unpack rootfs image as initramfs..."u8);
            Initramfs.Unpack((byte*)(BootMemory.InitrdAddress + BootMemory.InitrdLength <= BootMemory.DirectMapEnd ? DirectMap.Pointer(BootMemory.InitrdAddress) : Mmio.Map(BootMemory.InitrdAddress, BootMemory.InitrdLength)), BootMemory.InitrdLength);
        }
        ProcFs.Initialize();
        SysFs.Initialize();
        MessageQueues.Initialize();
        MountAt("proc"u8, ProcFs.Root);
        MountAt("sys"u8, SysFs.Root);
        Dentry* dev = Vfs.MakeDirectory(Vfs.Root, Text.Literal("dev"u8), 3);
        Devices.Initialize(dev);
        Dentry.Put(Vfs.MakeDirectory(Vfs.Root, Text.Literal("tmp"u8), 3));
        SerialPort.StartReceiving();
        Time.LateInit();
        BecomeUser(self);
    }

    private static void MountAt(System.ReadOnlySpan<byte> name, Dentry* root)
    {
        Dentry* d = Vfs.MakeDirectory(Vfs.Root, Text.Literal(name), name.Length);
        if (d != null) Vfs.Mount(d, root);
    }

    private static void BecomeUser(Task* self)
    {
        self->Flags &= ~TaskFlags.KernelThread;
        self->Handlers = Heap.New<SignalHandlers>();
        self->Handlers->Refs = 1;
        self->Files = FileTable.Create(64);
        self->Group->Session = self->Group->ProcessGroup = self->Pid;
        self->StartBoottimeNs = Time.BoottimeNs();
        self->StartMonotonicNs = Time.MonotonicNs();
        Limits.SetDefaults(self->Group);
        OpenConsole();

        // On the stack's top, where entries from user mode build theirs.
        TrapFrame* f = (TrapFrame*)(self->KernelStackTop - (ulong)sizeof(TrapFrame));
        byte* path = (byte*)Heap.Allocate(Vfs.PathMax);
        long r = -Errno.ENOENT;
        if (CommandLine.Find("init"u8, out byte* value, out int length) && length > 0) r = Try(f, path, value, length);
        else
        {
            r = Try(f, path, Text.Literal("/init"u8), 5);
            if (r == -Errno.ENOENT) r = Try(f, path, Text.Literal("/sbin/init"u8), 10);
            if (r == -Errno.ENOENT) r = Try(f, path, Text.Literal("/bin/sh"u8), 7);
        }
        if (r != 0) Log.Panic("No working init found: %s failed with error %d. Pass init= to the kernel."u8, (ulong)path, (ulong)r);
        Machine.RunOnStack(&Enter, (ulong)f, (ulong)f - 512);
    }

    private static void Enter(ulong frame)
    {
        TrapFrame* f = (TrapFrame*)frame;
        Machine.Cli();
        Traps.ReturnToUser(f);
        VectorRegisters.Install(f, Cpu.CurrentTask);
        Machine.ReturnToUser((CpuFrame*)f);
    }

    private static void OpenConsole()
    {
        Vfs.Walk w;
        if (Vfs.Resolve(Vfs.Root, Text.Literal("/dev/console"u8), true, &w) != 0 || w.Entry == null) return;
        File* f = File.Open(w.Entry, OpenFlags.ReadWrite, out int error);
        w.Release();
        if (f == null)
        {
            Log.Print("Warning: unable to open an initial console."u8);
            return;
        }
        FileTable.Install(f, false, 0);
        File.Get(f);
        FileTable.Install(f, false, 0);
        File.Get(f);
        FileTable.Install(f, false, 0);
    }

    private static long Try(TrapFrame* f, byte* path, byte* name, int length)
    {
        Text.Copy(path, name, (ulong)length);
        path[length] = 0;
        ExecArguments a = default;
        a.Strings = (byte*)Heap.Allocate(ExecArguments.Capacity);
        if (a.Strings == null) return -Errno.ENOMEM;
        ProcessExec.AddString(&a, path);
        AddInitArguments(&a);
        ProcessExec.AddString(&a, Text.Literal("HOME=/"u8));
        ProcessExec.AddString(&a, Text.Literal("TERM=linux"u8));
        ProcessExec.AddString(&a, Text.Literal("PATH=/sbin:/usr/sbin:/bin:/usr/bin"u8));
        a.Arguments -= 3;
        a.Environment = 3;
        Log.Print("Run %s as init process"u8, (ulong)path);
        long r = ProcessExec.Execute(f, path, &a);
        Heap.Free(a.Strings);
        return r;
    }

    /// <summary>The words after "--"; double quotes keep spaces together and are removed.</summary>
    private static void AddInitArguments(ExecArguments* a)
    {
        byte* word = (byte*)Heap.Allocate(Vfs.PathMax);
        byte* at = CommandLine.InitArguments;
        while (word != null && CommandLine.NextWord(ref at, out byte* w, out int n))
        {
            int k = 0;
            for (int i = 0; i < n && k < Vfs.PathMax - 1; i++) if (w[i] != '"') word[k++] = w[i];
            word[k] = 0;
            ProcessExec.AddString(a, word);
        }
        Heap.Free(word);
    }
}
