using CoSim.Guest;

namespace CoSim.Os.Timekeeping;

/// <summary>Runs a function on another CPU, in its interrupt, and waits until it has run.</summary>
internal static unsafe class CrossCall
{
    private static int s_vector, s_busy, s_pending;
    private static delegate*<void*, void> s_function;
    private static void* s_argument;

    internal static void Initialise()
    {
        s_vector = Irq.AllocateVector();
        Irq.Register(s_vector, &OnInterrupt, null, "Function call interrupts"u8);
    }

    private static void OnInterrupt(TrapFrame* frame, void* context)
    {
        if (Atomic.Load32(Text.Address(ref s_pending)) == 0) return;
        s_function(s_argument);
        Atomic.Store32(Text.Address(ref s_pending), 0);
    }

    /// <summary>Each of the CPUs that is online passes a full memory barrier, this one too. Interrupts are on.</summary>
    /// <param name="cpus">Bit per CPU.</param>
    internal static void Barrier(ulong cpus)
    {
        Machine.Mfence();
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (i != (int)Cpu.Id && (cpus >> i & 1) != 0 && Cpu.At(i)->Online) Run(i, &PassBarrier, null);
        }
    }

    private static void PassBarrier(void* argument)
    {
        Machine.Mfence();
        Rseq.Mark(Cpu.CurrentTask);
    }

    /// <summary>Interrupts are on: with them off, two callers would wait for each other for ever.</summary>
    /// <param name="cpu">An online CPU other than this one.</param>
    /// <param name="function">Runs there with interrupts off.</param>
    /// <param name="argument">What it is given.</param>
    internal static void Run(int cpu, delegate*<void*, void> function, void* argument)
    {
        while (Atomic.Exchange32(Text.Address(ref s_busy), 1) != 0) Machine.Pause();
        s_function = function;
        s_argument = argument;
        Atomic.Store32(Text.Address(ref s_pending), 1);
        LocalApic.SendIpi(Cpu.At(cpu)->ApicId, s_vector);
        while (Atomic.Load32(Text.Address(ref s_pending)) != 0) Machine.Pause();
        Atomic.Store32(Text.Address(ref s_busy), 0);
    }
}
