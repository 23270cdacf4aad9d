using System.Runtime;
using CoSim.Guest;

namespace CoSim.Os;

/// <summary>The order in which the kernel comes up.</summary>
public static unsafe class KernelMain
{
    private static PerCpu s_bootCpu;

    /// <summary>C#'s entry, from the PVH stub: long mode, interrupts off, boot page tables, physical address of the start info.</summary>
    [RuntimeExport("kernel_main")]
    public static void Start(uint startInfo)
    {
        SerialPort.Initialize();
        // GS must point at a per-CPU area before anything asks for the current CPU.
        PerCpu* cpu = Text.Address(ref s_bootCpu);
        cpu->Self = cpu;
        Cpu.Set(0, cpu);
        Cpu.Possible = 1;
        Machine.Wrmsr(Machine.MsrGsBase, (ulong)cpu);
        StartInfo* info = (StartInfo*)(ulong)startInfo;
        Log.ConsoleEnabled = true;
        if (info->Magic != StartInfo.ExpectedMagic) Log.Panic("not started by the PVH boot protocol (magic %llx)"u8, info->Magic, 0);
        CommandLine.Set(info->CommandLine == 0 ? null : (byte*)info->CommandLine);
        Log.ConsoleEnabled = !CommandLine.Find("quiet"u8, out _, out _);
        Time.ChooseLinux();
        Log.Print("Linux version %s (CoSim) %s"u8, (ulong)Text.Literal(KernelIdentity.Release), (ulong)Text.Literal(KernelIdentity.Version));
        Log.Print("Command line: %s"u8, (ulong)CommandLine.Text);
        CpuFeatures.Detect();
        CpuFeatures.EnableOnThisCpu();
        BootMemory.Initialize(info);
        Ucount.SetDefaultLimit(PageAllocator.ManagedPages);
        RandomSource.Seed(CommandLine.Number("random.seed"u8, 1));
        DescriptorTables.BuildIdt();
        if (!DescriptorTables.Prepare(cpu)) Log.Panic("no memory for descriptor tables"u8);
        DescriptorTables.Load(cpu);
        if (!CpuFeatures.Smap) UserMemory.DisableSmap();
        AcpiTables.Initialize(BootMemory.Rsdp);
        Interrupts(cpu);
        MakeIdleTask(cpu);
        cpu->Online = true;
        Cpu.OnlineCount = 1;
        Log.Print("Kernel command line: %s"u8, (ulong)CommandLine.Text);
        Time.EarlyInit();
        SystemCalls.Initialize();
        Scheduler.ReadIdleParameter();
        Log.Print("Memory: %lluK/%lluK available"u8, (PageAllocator.ManagedPages - PageAllocator.AllocatedPages) * 4, MemoryMap.TotalBytes / 1024);
        ProcessFork.KernelThread(&InitTask.Run, null, "init"u8);
        Scheduler.IdleLoop();
    }

    private static void Interrupts(PerCpu* cpu)
    {
        Irq.DisablePic();
        AcpiTables.ReadCpus(Machine.Cpuid(1, 0).Ebx >> 24, (int)Bits.Min(CommandLine.Number("maxcpus"u8, Cpu.Max), Cpu.Max));
        LocalApic.Initialize();
        LocalApic.EnableOnThisCpu();
        cpu->ApicId = LocalApic.CurrentId;
        AcpiTables.ReadInterruptRouting();
        Irq.Register(Vectors.Reschedule, &Smp.OnReschedule, null, "Rescheduling interrupts"u8);
        Irq.Register(Vectors.CallFunction, &TlbShootdown.OnInterrupt, null, "TLB shootdowns"u8);
        Irq.Register(Vectors.Stop, &Smp.OnStop, null, "Stop"u8);
        Irq.Register(Vectors.Park, &Smp.OnPark, null, "Park"u8);
        Irq.Register(Vectors.LocalTimer, &OnLocalTimer, null, "Local timer interrupts"u8);
        Irq.Register(Vectors.ApicError, &OnApicError, null, "APIC errors"u8);
    }

    private static void OnLocalTimer(TrapFrame* frame, void* context)
    {
        Cpu.Current->TimerInterrupts++;
        Time.TickInterrupt(Cpu.Id, frame);
    }

    private static void OnApicError(TrapFrame* frame, void* context)
    {
        LocalApic.Write(LocalApic.Esr, 0);
        Log.Print("APIC error on CPU%u: %02x"u8, (ulong)Cpu.Id, LocalApic.Read(LocalApic.Esr));
    }

    /// <summary>Makes the flow of control that runs now the CPU's idle task.</summary>
    public static void MakeIdleTask(PerCpu* cpu)
    {
        Task* t = TaskList.Allocate();
        if (t == null) Log.Panic("no memory for an idle task"u8);
        ProcessFork.InitKernelTask(t, "swapper"u8);
        t->Flags |= TaskFlags.Idle;
        t->Sched.Cpu = (int)cpu->Id;
        t->Sched.OnCpu = true;
        cpu->RunQueue.Idle = t;
        cpu->Current = t;
        cpu->KernelStackTop = t->KernelStackTop;
        cpu->Tss->Rsp0 = t->KernelStackTop;
    }
}
