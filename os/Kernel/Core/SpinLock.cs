using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// A test-and-set lock. The kernel is not preemptible, so a lock that interrupt handlers never take needs no interrupt masking;
/// one that they do take is acquired with <see cref="AcquireIrqSave"/>.
/// While it spins, the waiter answers TLB shootdowns: a holder that waits for the waiter's acknowledgement would otherwise
/// deadlock with a waiter whose interrupts are off.
/// </summary>
public unsafe struct SpinLock
{
    private int _held;

    /// <summary>Takes the lock, spinning with PAUSE.</summary>
    public void Acquire()
    {
        while (Atomic.Exchange32(Text.Address(ref _held), 1) != 0)
        {
            while (Atomic.Load32(Text.Address(ref _held)) != 0)
            {
                Machine.Pause();
                TlbShootdown.Poll();
            }
        }
    }

    /// <summary>Takes the lock if it is free. Returns whether it was taken.</summary>
    public bool TryAcquire() => Atomic.Exchange32(Text.Address(ref _held), 1) == 0;

    /// <summary>Releases the lock (a plain store: x86 stores are not reordered with earlier accesses).</summary>
    public void Release() => Atomic.Store32(Text.Address(ref _held), 0);

    /// <summary>Masks interrupts on this CPU, then takes the lock. Returns RFLAGS from before, for <see cref="ReleaseIrqRestore"/>.</summary>
    public ulong AcquireIrqSave()
    {
        ulong flags = Cpu.IrqSave();
        Acquire();
        return flags;
    }

    /// <summary>Releases the lock and restores the interrupt flag of <paramref name="flags"/>.</summary>
    public void ReleaseIrqRestore(ulong flags)
    {
        Release();
        Cpu.IrqRestore(flags);
    }
}
