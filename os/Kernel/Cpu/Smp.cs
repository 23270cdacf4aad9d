using System.Runtime;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Starting the application processors (APM vol. 2, 16.5: INIT, start-up IPI twice) and interrupts between CPUs.</summary>
public static unsafe partial class Smp
{
    /// <summary>Where the trampoline is copied to; RAM below 640 KiB that nothing else uses any more.</summary>
    internal const ulong TrampolinePage = 0x8000;

    private const uint IcrInit = 0xC500, IcrInitDeassert = 0x8500, IcrStartup = 0x600;

    private static int s_started;

    /// <summary>Reschedule IPI: the return from it looks at NeedResched.</summary>
    public static void OnReschedule(TrapFrame* frame, void* context) => Cpu.Current->ReschedIpis++;

    /// <summary>Stop IPI: this CPU halts for good.</summary>
    public static void OnStop(TrapFrame* frame, void* context)
    {
        Cpu.Current->Online = false;
        for (; ; )
        {
            Machine.Cli();
            Machine.Hlt();
        }
    }

    /// <summary>Stops all other CPUs for good.</summary>
    public static void StopOthers()
    {
        PerCpu* self = Cpu.Current;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* cpu = Cpu.At(i);
            if (cpu != self && cpu->Online) LocalApic.SendIpi(cpu->ApicId, Vectors.Stop);
        }
    }

    /// <summary>Starts every listed CPU, one after the other. Runs in the first task, on the boot CPU.</summary>
    public static void BringUpAll()
    {
        if (Cpu.Possible == 1) return;
        Log.Print("smp: Bringing up secondary CPUs ..."u8);
        ulong self = Cpu.CurrentTask->Sched.AllowedCpus;
        Scheduler.SetAffinity(Cpu.CurrentTask, 1);
        byte* page = PrepareTrampoline();
        for (int i = 1; i < Cpu.Possible; i++) Start(Cpu.At(i), page);
        Scheduler.SetAffinity(Cpu.CurrentTask, self);
        Log.Print("smp: Brought up 1 node, %d CPUs"u8, (ulong)Cpu.OnlineCount);
        Log.Print("smpboot: Total of %d processors activated (%llu.%02llu BogoMIPS)"u8, (ulong)Cpu.OnlineCount, Time.BogoMips(Cpu.OnlineCount), Time.BogoMipsHundredths(Cpu.OnlineCount));
    }

    /// <summary>Copies the trampoline to its page.</summary>
    internal static byte* PrepareTrampoline()
    {
        byte* page = (byte*)DirectMap.Pointer(TrampolinePage);
        Text.Copy(page, Machine.ApTrampoline, Machine.ApTrampolineSize);
        return page;
    }

    private static void Start(PerCpu* cpu, byte* page)
    {
        if (!DescriptorTables.Prepare(cpu))
        {
            Log.Print("smpboot: no memory for CPU %u"u8, cpu->Id);
            return;
        }
        KernelMain.MakeIdleTask(cpu);
        Launch(cpu, page);
    }

    /// <summary>Starts a CPU that has its tables and its idle task, and waits for it.</summary>
    private static void Launch(PerCpu* cpu, byte* page)
    {
        ulong* arguments = (ulong*)(page + Machine.ApTrampolineArguments);
        arguments[0] = Machine.BootPageTables;
        arguments[1] = cpu->KernelStackTop;
        arguments[2] = (ulong)cpu;
        Atomic.Store32(Text.Address(ref s_started), 0);
        LocalApic.WriteIcr(cpu->ApicId, IcrInit);
        Delay.Microseconds(10);
        LocalApic.WriteIcr(cpu->ApicId, IcrInitDeassert);
        for (int tries = 0; tries < 2 && Atomic.Load32(Text.Address(ref s_started)) == 0; tries++)
        {
            LocalApic.WriteIcr(cpu->ApicId, IcrStartup | (uint)(TrampolinePage >> 12));
            for (int i = 0; i < 1000 && Atomic.Load32(Text.Address(ref s_started)) == 0; i++) Delay.Microseconds(10);
        }
        if (Atomic.Load32(Text.Address(ref s_started)) == 0)
        {
            Log.Print("smpboot: CPU %u (apic id %u) did not start"u8, cpu->Id, cpu->ApicId);
            return;
        }
        Time.SyncSource((int)cpu->Id);
        while (!Volatile(cpu)) Machine.Pause();
    }

    private static bool Volatile(PerCpu* cpu) => Atomic.Load32(&cpu->ReadyFlag) != 0;

    /// <summary>C#'s entry on an application processor: long mode, boot tables, its own stack.</summary>
    [RuntimeExport("ap_main")]
    public static void ApplicationProcessor(ulong argument)
    {
        PerCpu* cpu = (PerCpu*)argument;
        Machine.WriteCr3(PageTable.KernelRoot);
        Machine.Wrmsr(Machine.MsrGsBase, argument);
        CpuFeatures.EnableOnThisCpu();
        DescriptorTables.Load(cpu);
        LocalApic.EnableOnThisCpu();
        Atomic.Store32(Text.Address(ref s_started), 1);
        Time.SecondaryInit((int)cpu->Id);
        cpu->Online = true;
        Atomic.FetchAdd32(Text.Address(ref Cpu.OnlineCount), 1);
        Atomic.Store32(&cpu->ReadyFlag, 1);
        Scheduler.IdleLoop();
    }
}
