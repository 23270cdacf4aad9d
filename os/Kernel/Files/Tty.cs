using System.Runtime.CompilerServices;

namespace CoSim.Os;

/// <summary>struct termios of the kernel ABI (36 bytes).</summary>
public struct Termios
{
    public const uint Icrnl = 0x100, Inlcr = 0x40, Igncr = 0x80, Opost = 1, Onlcr = 4, Isig = 1, Icanon = 2, Echo = 8, EchoE = 0x10, EchoK = 0x20, EchoCtl = 0x200;
    public uint Input, Output, Control, Local;
    public byte Line;
    public ControlCharacters Characters;
}

[InlineArray(19)]
public struct ControlCharacters { private byte _first; }

/// <summary>The console terminal on COM1: line discipline, termios, job control signals (termios(3), tty_ioctl(4)).</summary>
public unsafe partial struct Tty
{
    private const int Vintr = 0, Vquit = 1, Verase = 2, Vkill = 3, Veof = 4, Vtime = 5, Vmin = 6, Vsusp = 10, Veol = 11;
    private const int Size = 4096;

    [InlineArray(Size)]
    private struct Ring { private byte _first; }

    private SpinLock _lock;
    private Ring _ring;
    private uint _head, _tail;      // _head: end of what readers may have
    private uint _edit;             // end of the line being edited
    private Termios _termios;
    private WaitQueue _readers;
    private int _foreground, _session;
    private ushort _rows, _columns;

    /// <summary>The one terminal.</summary>
    private static Tty s_console;
    private static FileOps s_ops;

    /// <summary>The one terminal.</summary>
    public static Tty* Console => Text.Address(ref s_console);

    /// <summary>Operations of /dev/console, /dev/tty and /dev/ttyS0.</summary>
    public static FileOps* Ops => Text.Address(ref s_ops);

    /// <summary>Sets the defaults of a serial console: canonical mode, echo, 115200 baud, 80 by 24.</summary>
    public static void Initialize()
    {
        s_ops.Read = &Read;
        s_ops.Write = &Write;
        s_ops.Poll = &Poll;
        s_ops.Ioctl = &Ioctl;
        Tty* t = Console;
        t->_termios.Input = Termios.Icrnl | 0x400; // IXON
        t->_termios.Output = Termios.Opost | Termios.Onlcr;
        t->_termios.Control = 0x1CB2; // B115200 CS8 CREAD HUPCL CLOCAL, as a serial console has it
        t->_termios.Local = Termios.Isig | Termios.Icanon | Termios.Echo | Termios.EchoE | Termios.EchoK | Termios.EchoCtl | 0x8800;
        byte* c = (byte*)Text.Address(ref t->_termios.Characters);
        c[Vintr] = 3; c[Vquit] = 0x1C; c[Verase] = 0x7F; c[Vkill] = 0x15; c[Veof] = 4; c[Vmin] = 1; c[Vsusp] = 0x1A;
        t->_rows = 24;
        t->_columns = 80;
    }

    /// <summary>A byte has arrived; interrupt context.</summary>
    public static void Receive(Tty* t, byte c)
    {
        byte* chars = (byte*)Text.Address(ref t->_termios.Characters);
        t->_lock.Acquire();
        if (c == '\r' && (t->_termios.Input & Termios.Igncr) != 0) { t->_lock.Release(); return; }
        if (c == '\r' && (t->_termios.Input & Termios.Icrnl) != 0) c = (byte)'\n';
        else if (c == '\n' && (t->_termios.Input & Termios.Inlcr) != 0) c = (byte)'\r';
        int signal = 0;
        if ((t->_termios.Local & Termios.Isig) != 0 && c != 0)
            signal = c == chars[Vintr] ? Signal.INT : c == chars[Vquit] ? Signal.QUIT : c == chars[Vsusp] ? Signal.TSTP : 0;
        if (signal != 0)
        {
            t->_head = t->_tail = t->_edit;
            EchoByte(t, c);
        }
        else if ((t->_termios.Local & Termios.Icanon) != 0) Edit(t, c, chars);
        else
        {
            Append(t, c);
            t->_head = t->_edit;
            EchoByte(t, c);
        }
        int foreground = t->_foreground;
        t->_lock.Release();
        if (signal != 0) SignalGroup(foreground, signal);
        else WaitQueue.WakeAll(&t->_readers);
    }

    private static void Edit(Tty* t, byte c, byte* chars)
    {
        if (c == chars[Verase] || c == 8)
        {
            if (t->_edit != t->_head) Erase(t);
        }
        else if (c == chars[Vkill])
        {
            while (t->_edit != t->_head) Erase(t);
        }
        else if (c == chars[Veof])
        {
            Append(t, 0); // an end mark: readers stop before it
            t->_head = t->_edit;
        }
        else
        {
            EchoByte(t, c);
            Append(t, c);
            if (c == '\n' || c == chars[Veol] && c != 0) t->_head = t->_edit;
        }
    }

    private static void Erase(Tty* t)
    {
        t->_edit--;
        if ((t->_termios.Local & Termios.Echo) != 0) SerialPort.WriteRaw(Text.Literal("\b \b"u8), 3);
    }

    private static void Append(Tty* t, byte c)
    {
        if (t->_edit - t->_tail >= Size - 1) return;
        ((byte*)Text.Address(ref t->_ring))[t->_edit++ % Size] = c;
    }

    private static void EchoByte(Tty* t, byte c)
    {
        if ((t->_termios.Local & Termios.Echo) == 0) return;
        byte* text = stackalloc byte[2];
        if (c < 32 && c != '\n' && c != '\t' && (t->_termios.Local & Termios.EchoCtl) != 0)
        {
            text[0] = (byte)'^';
            text[1] = (byte)(c + 64);
            SerialPort.WriteRaw(text, 2);
            return;
        }
        text[0] = c;
        SerialPort.Write(text, 1);
    }

    private static void SignalGroup(int processGroup, int signal)
    {
        if (processGroup == 0) return;
        SigInfo info;
        SigInfo.Set(&info, signal, SignalCode.Kernel);
        ulong flags = TaskList.Lock.AcquireIrqSave();
        for (Task* p = TaskList.First; p != null; p = p->NextTask)
            if (p->Group->Leader == p && p->Group->ProcessGroup == processGroup) SignalDelivery.SendLocked(p->Group, null, &info);
        TaskList.Lock.ReleaseIrqRestore(flags);
    }

    private static long Write(File* f, ulong user, ulong count, ulong* position)
    {
        byte* chunk = stackalloc byte[512];
        bool cooked = (s_console._termios.Output & (Termios.Opost | Termios.Onlcr)) == (Termios.Opost | Termios.Onlcr);
        for (ulong done = 0; done < count;)
        {
            ulong n = Bits.Min(512, count - done);
            if (UserMemory.CopyFrom(chunk, user + done, n) != 0) return done == 0 ? -Errno.EFAULT : (long)done;
            if (cooked) SerialPort.Write(chunk, (int)n);
            else SerialPort.WriteRaw(chunk, (int)n);
            done += n;
        }
        return (long)count;
    }

    private static long Read(File* f, ulong user, ulong count, ulong* position)
    {
        Tty* t = Console;
        if (count == 0) return 0;
        WaitEntry entry = default;
        entry.Task = Cpu.CurrentTask;
        WaitQueue.Add(&t->_readers, &entry);
        long r;
        for (; ; )
        {
            Cpu.CurrentTask->State = TaskState.Interruptible;
            if (t->_head != t->_tail)
            {
                Cpu.CurrentTask->State = TaskState.Running;
                r = Take(t, user, count);
                break;
            }
            bool poll = (t->_termios.Local & Termios.Icanon) == 0 && ((byte*)Text.Address(ref t->_termios.Characters))[Vmin] == 0;
            if (poll) { r = 0; break; }
            if ((f->Flags & OpenFlags.NonBlock) != 0) { r = -Errno.EAGAIN; break; }
            if (SignalDelivery.Pending(Cpu.CurrentTask)) { r = -Errno.ERESTARTSYS; break; }
            Scheduler.Schedule();
        }
        Cpu.CurrentTask->State = TaskState.Running;
        WaitQueue.Remove(&entry);
        return r;
    }

    /// <summary>Takes a line (canonical mode) or what there is.</summary>
    private static long Take(Tty* t, ulong user, ulong count)
    {
        byte* chunk = stackalloc byte[256];
        ulong done = 0;
        bool stop = false;
        while (done < count && !stop)
        {
            ulong n = 0;
            ulong flags = t->_lock.AcquireIrqSave();
            bool canonical = (t->_termios.Local & Termios.Icanon) != 0;
            while (n < 256 && done + n < count && t->_tail != t->_head && !stop)
            {
                byte c = ((byte*)Text.Address(ref t->_ring))[t->_tail++ % Size];
                if (canonical && c == 0) stop = true;
                else chunk[n++] = c;
                stop |= canonical && c == '\n';
            }
            stop |= t->_tail == t->_head;
            t->_lock.ReleaseIrqRestore(flags);
            if (UserMemory.CopyTo(user + done, chunk, n) != 0) return -Errno.EFAULT;
            done += n;
        }
        return (long)done;
    }

    private static int Poll(File* f, PollTable* table)
    {
        PollTable.Join(table, &Console->_readers);
        return PollEvents.Out | PollEvents.WrNorm | (Console->_head != Console->_tail ? PollEvents.In | PollEvents.RdNorm : 0);
    }
}
