using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// membarrier(2): every thread of the system, or of the caller's memory, passes a full barrier. An interrupt is one, and IRET makes it
/// serialise the instruction stream too; a restartable sequence (<see cref="Rseq"/>) that it meets is aborted (AMD64 Architecture Programmer's Manual, volume 2, 7.6.4).
/// </summary>
public static unsafe partial class SystemCalls
{
    private const int MembarrierQuery = 0, MembarrierGlobal = 1, MembarrierGlobalExpedited = 2, MembarrierRegisterGlobal = 4;
    private const int MembarrierPrivate = 8, MembarrierRegisterPrivate = 16, MembarrierSyncCore = 32, MembarrierRegisterSyncCore = 64;
    private const int MembarrierRestart = 128, MembarrierRegisterRestart = 256, MembarrierRegistrations = 512, MembarrierOneCpu = 1;

    /// <summary>Linux tells what was registered since 6.3.</summary>
    private static bool TellsRegistrations => TimeNamespaces.Semantics >= OsSemantics.Linux612;

    private static long Membarrier(TrapFrame* f)
    {
        int command = (int)f->Rdi, flags = (int)f->Rsi;
        if (flags != 0 && (command != MembarrierRestart || flags != MembarrierOneCpu)) return -Errno.EINVAL;
        AddressSpace* mm = Cpu.CurrentTask->Mm;
        switch (command)
        {
            case MembarrierQuery:
                return (TellsRegistrations ? MembarrierRegistrations * 2 : MembarrierRegistrations) - 1;
            case MembarrierGlobal:
            case MembarrierGlobalExpedited:
                Timekeeping.CrossCall.Barrier(ulong.MaxValue);
                return 0;
            case MembarrierRegisterGlobal:
            case MembarrierRegisterPrivate:
            case MembarrierRegisterSyncCore:
            case MembarrierRegisterRestart:
                Atomic.Or32(Text.Address(ref mm->Membarriers), command);
                return 0;
            case MembarrierPrivate:
            case MembarrierSyncCore:
            case MembarrierRestart:
                if ((mm->Membarriers & command << 1) == 0) return -Errno.EPERM;
                ulong cpus = Atomic.Load64(Text.Address(ref mm->ActiveCpus));
                if (flags != 0) cpus &= (uint)f->Rdx < 64 ? 1UL << (int)f->Rdx : 0;
                Timekeeping.CrossCall.Barrier(cpus);
                return 0;
            case MembarrierRegistrations:
                return TellsRegistrations ? Registered(mm->Membarriers) : -Errno.EINVAL;
            default:
                return -Errno.EINVAL;
        }
    }

    /// <summary>The commands by which it was registered; one of the two stronger private kinds counts as the plain one too.</summary>
    private static long Registered(int commands) =>
        (commands & (MembarrierRegisterSyncCore | MembarrierRegisterRestart)) != 0 ? commands | MembarrierRegisterPrivate : commands;
}
