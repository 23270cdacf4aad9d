using CoSim.Guest;

namespace CoSim.Os;

/// <summary>
/// Makes other CPUs forget translations. One shootdown is in flight at a time; CPUs that the request names acknowledge in the
/// IPI handler, or from a spin loop (<see cref="Poll"/>) if their interrupts are off.
/// </summary>
public static unsafe class TlbShootdown
{
    private const ulong FlushAllPages = 33;

    private static int s_busy;
    private static AddressSpace* s_mm;
    private static ulong s_start, s_end;
    private static ulong s_waiting;     // bit per CPU that has yet to acknowledge

    /// <summary>Flushes user addresses of <paramref name="mm"/> on every CPU that has it loaded. Range end exclusive.</summary>
    public static void Flush(AddressSpace* mm, ulong start, ulong end)
    {
        FlushLocal(mm, start, end);
        ulong self = 1UL << Cpu.Id;
        ulong others = Atomic.Load64(Text.Address(ref mm->ActiveCpus)) & ~self;
        if (others == 0 || Cpu.OnlineCount == 1) return;
        while (Atomic.Exchange32(Text.Address(ref s_busy), 1) != 0)
        {
            Machine.Pause();
            Poll();
        }
        s_mm = mm;
        s_start = start;
        s_end = end;
        Atomic.Store64(Text.Address(ref s_waiting), others);
        Cpu.Current->Shootdowns++;
        for (int i = 0; i < Cpu.Possible; i++)
            if ((others >> i & 1) != 0) LocalApic.SendIpi(Cpu.At(i)->ApicId, Vectors.CallFunction);
        while (Atomic.Load64(Text.Address(ref s_waiting)) != 0) Machine.Pause();
        Atomic.Store32(Text.Address(ref s_busy), 0);
    }

    /// <summary>Answers a shootdown that names this CPU, if one is pending.</summary>
    public static void Poll()
    {
        ulong waiting = Atomic.Load64(Text.Address(ref s_waiting));
        if (waiting == 0) return;
        ulong bit = 1UL << Cpu.Id;
        if ((waiting & bit) == 0) return;
        FlushLocal(s_mm, s_start, s_end);
        Atomic.And64(Text.Address(ref s_waiting), ~bit);
    }

    /// <summary>Shootdown IPI.</summary>
    public static void OnInterrupt(TrapFrame* frame, void* context) => Poll();

    private static void FlushLocal(AddressSpace* mm, ulong start, ulong end)
    {
        if (Cpu.Current->LoadedMm != mm) return;
        if (end - start > FlushAllPages * KernelMap.PageSize) Machine.WriteCr3(Machine.ReadCr3());
        else for (ulong a = start; a < end; a += KernelMap.PageSize) Machine.Invlpg((void*)a);
    }
}
