namespace CoSim.Os;

/// <summary>Terminal controls.</summary>
public unsafe partial struct Tty
{
    private const uint Tcgets = 0x5401, Tcsets = 0x5402, Tcsetsw = 0x5403, Tcsetsf = 0x5404, Tcsbrk = 0x5409, Tcflsh = 0x540B, Tiocsctty = 0x540E, Tiocgpgrp = 0x540F;
    private const uint Tiocspgrp = 0x5410, Tiocgwinsz = 0x5413, Tiocswinsz = 0x5414, Fionread = 0x541B, Tiocnotty = 0x5422, Tiocgsid = 0x5429;

    private static long Ioctl(File* f, uint command, ulong argument)
    {
        Tty* t = Console;
        ThreadGroup* g = Cpu.CurrentTask->Group;
        switch (command)
        {
            case Tcgets: return UserMemory.CopyTo(argument, &t->_termios, 36);
            case Tcsets or Tcsetsw or Tcsetsf: return SetTermios(t, argument, command == Tcsetsf);
            case Tcsbrk or Tcflsh: return 0;
            case Tiocgwinsz:
                return UserMemory.Write64(argument, t->_rows | (ulong)t->_columns << 16);
            case Tiocswinsz:
                int r = UserMemory.Read64(argument, out ulong size);
                if (r != 0) return r;
                t->_rows = (ushort)size;
                t->_columns = (ushort)(size >> 16);
                return 0;
            case Fionread: return UserMemory.Write32(argument, t->_head - t->_tail);
            case Tiocsctty:
                g->Terminal = t;
                t->_session = g->Session;
                t->_foreground = g->ProcessGroup;
                return 0;
            case Tiocnotty:
                g->Terminal = null;
                return 0;
            case Tiocgpgrp: return t->_session != g->Session ? -Errno.ENOTTY : UserMemory.Write32(argument, (uint)t->_foreground);
            case Tiocspgrp:
                if (t->_session != g->Session) return -Errno.ENOTTY;
                r = UserMemory.Read32(argument, out uint group);
                if (r != 0) return r;
                t->_foreground = (int)group;
                return 0;
            case Tiocgsid: return UserMemory.Write32(argument, (uint)t->_session);
            default: return -Errno.ENOTTY;
        }
    }

    private static long SetTermios(Tty* t, ulong user, bool flush)
    {
        Termios n;
        int r = UserMemory.CopyFrom(&n, user, 36);
        if (r != 0) return r;
        ulong flags = t->_lock.AcquireIrqSave();
        t->_termios = n;
        if (flush) t->_tail = t->_head = t->_edit;
        // What was being edited is available at once without canonical mode.
        if ((n.Local & Termios.Icanon) == 0) t->_head = t->_edit;
        t->_lock.ReleaseIrqRestore(flags);
        return 0;
    }
}
