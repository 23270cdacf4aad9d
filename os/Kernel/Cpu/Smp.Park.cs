using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Taking all CPUs but the boot CPU out of the system for a suspension, and bringing them back.</summary>
public static unsafe partial class Smp
{
    private static ulong s_parked;

    /// <summary>Stops them once they are idle, which they become because every task is frozen. Runs on the boot CPU.</summary>
    internal static void ParkOthers()
    {
        s_parked = 0;
        for (int i = 1; i < Cpu.Possible; i++)
        {
            PerCpu* cpu = Cpu.At(i);
            if (!cpu->Online) continue;
            cpu->Online = false; // nothing new is given to it
            while (Atomic.Load64((ulong*)&cpu->Current) != (ulong)cpu->RunQueue.Idle || cpu->RunQueue.Count != 0) Scheduler.Yield();
            LocalApic.SendIpi(cpu->ApicId, Vectors.Park);
            while (Atomic.Load32(&cpu->ReadyFlag) != 0) Machine.Pause();
            Atomic.FetchAdd32(Text.Address(ref Cpu.OnlineCount), -1);
            Time.TakeTimersOf(i);
            s_parked |= 1UL << i;
            Log.Print("smpboot: CPU %d is now offline"u8, (ulong)i);
        }
    }

    /// <summary>Park IPI: the CPU leaves every address space and halts until it is started anew, with its idle task's stack from the top.</summary>
    public static void OnPark(TrapFrame* frame, void* context)
    {
        PerCpu* cpu = Cpu.Current;
        AddressSpace.LoadKernelRoot(cpu);
        cpu->FsBase = cpu->GsBase = 0; // what it starts with
        cpu->NeedResched = 0;
        cpu->InterruptDepth = 0;
        LocalApic.Eoi();
        LocalApic.Write(LocalApic.Tmict, 0);
        Machine.Wbinvd();
        Atomic.Store32(&cpu->ReadyFlag, 0);
        for (; ; )
        {
            Machine.Cli();
            Machine.Hlt();
        }
    }

    /// <summary>Starts those again that <see cref="ParkOthers"/> stopped.</summary>
    internal static void BringBackOthers()
    {
        if (s_parked == 0) return;
        Log.Print("Enabling non-boot CPUs ..."u8);
        byte* page = PrepareTrampoline();
        for (int i = 1; i < Cpu.Possible; i++)
        {
            if ((s_parked >> i & 1) == 0) continue;
            PerCpu* cpu = Cpu.At(i);
            Log.Print("smpboot: Booting Node 0 Processor %d APIC 0x%x"u8, (ulong)i, cpu->ApicId);
            Launch(cpu, page);
            Log.Print("CPU%d is up"u8, (ulong)i);
        }
    }
}
