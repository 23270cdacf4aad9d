namespace CoSim.Os;

/// <summary>prctl(2).</summary>
public static unsafe partial class SystemCalls
{
    private const int PrSetPdeathsig = 1, PrGetPdeathsig = 2, PrGetDumpable = 3, PrSetDumpable = 4, PrGetKeepcaps = 7, PrSetKeepcaps = 8, PrSetName = 15, PrGetName = 16;
    private const int PrCapbsetRead = 23, PrCapbsetDrop = 24, PrSetTimerslack = 29, PrGetTimerslack = 30, PrSetNoNewPrivs = 38, PrGetNoNewPrivs = 39;

    private static long Prctl(TrapFrame* f)
    {
        Task* t = Cpu.CurrentTask;
        switch ((int)f->Rdi)
        {
            case PrSetName: return SetTaskName(f->Rsi);
            case PrGetName: return UserMemory.CopyTo(f->Rsi, (byte*)Text.Address(ref t->Comm), 16);
            case PrSetPdeathsig:
                if (f->Rsi > Signal.Max) return -Errno.EINVAL;
                t->ParentDeathSignal = (int)f->Rsi;
                return 0;
            case PrGetPdeathsig: return UserMemory.Write32(f->Rsi, (uint)t->ParentDeathSignal);
            case PrGetDumpable: return t->Mm->NotDumpable ? 0 : 1;
            case PrSetDumpable:
                if (f->Rsi > 1) return -Errno.EINVAL;
                t->Mm->NotDumpable = f->Rsi == 0;
                return 0;
            case PrGetKeepcaps: return (Own->SecureBits & Credentials.KeepCaps) != 0 ? 1 : 0;
            case PrSetKeepcaps: return SetKeepCapabilities(f->Rsi);
            case PrCapbsetRead: return BoundingSet((int)f->Rsi, false);
            case PrCapbsetDrop: return BoundingSet((int)f->Rsi, true);
            case PrSetTimerslack:
                t->TimerSlackNs = (long)f->Rsi <= 0 ? t->DefaultTimerSlackNs : f->Rsi;
                return 0;
            case PrGetTimerslack: return (long)Bits.Min(t->TimerSlackNs, long.MaxValue);
            case PrSetNoNewPrivs:
                if (f->Rsi != 1 || f->Rdx != 0 || f->R10 != 0 || f->R8 != 0) return -Errno.EINVAL;
                t->NoNewPrivileges = true;
                return 0;
            case PrGetNoNewPrivs: return f->Rsi != 0 || f->Rdx != 0 || f->R10 != 0 || f->R8 != 0 ? -Errno.EINVAL : t->NoNewPrivileges ? 1 : 0;
            default: return -Errno.EINVAL;
        }
    }

    private static long SetTaskName(ulong user)
    {
        byte* name = (byte*)Text.Address(ref Cpu.CurrentTask->Comm);
        byte* copy = stackalloc byte[16];
        for (int i = 0; i < 16; i++) copy[i] = 0;
        int n = UserMemory.CopyString(copy, user, 16);
        if (n == -Errno.EFAULT) return n;
        copy[15] = 0;
        for (int i = 0; i < 16; i++) name[i] = copy[i];
        return 0;
    }
}
