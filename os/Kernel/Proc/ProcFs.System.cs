using CoSim.Guest;

namespace CoSim.Os;

/// <summary>System-wide files of /proc, in Linux's formats (proc(5)).</summary>
public static unsafe partial class ProcFs
{
    private const ulong NsPerTick = 10_000_000; // USER_HZ = 100

    private static void AddSystemFiles()
    {
        AddFile("uptime"u8, 0x124, &ShowUptime, null);
        AddFile("stat"u8, 0x124, &ShowStat, null);
        AddFile("cpuinfo"u8, 0x124, &ShowCpuInfo, null);
        AddFile("meminfo"u8, 0x124, &ShowMemInfo, null);
        AddFile("version"u8, 0x124, &ShowVersion, null);
        AddFile("cmdline"u8, 0x124, &ShowCommandLine, null);
        AddFile("interrupts"u8, 0x124, &ShowInterrupts, null);
        AddFile("mounts"u8, 0x124, &ShowMounts, null);
        AddFile("loadavg"u8, 0x124, &ShowLoad, null);
        AddFile("filesystems"u8, 0x124, &ShowFileSystems, null);
        AddFile("sys/kernel/ostype"u8, 0x124, &ShowOsType, null);
        AddFile("sys/kernel/osrelease"u8, 0x124, &ShowOsRelease, null);
        AddFile("sys/kernel/hostname"u8, 0x124, &ShowHostName, null);
        AddFile("sys/kernel/pid_max"u8, 0x124, &ShowPidMax, null);
    }

    private static int ShowUptime(TextBuffer* t, Task* task, void* context)
    {
        ulong up = (ulong)(Time.BoottimeNs() + Time.NamespaceBoottimeOffsetNs(Cpu.CurrentTask)), idle = 0;
        for (int i = 0; i < Cpu.Possible; i++) idle += Cpu.At(i)->IdleNs;
        t->Format("%llu.%02llu %llu.%02llu\n"u8, up / 1_000_000_000, up / 10_000_000 % 100, idle / 1_000_000_000, idle / 10_000_000 % 100);
        return 0;
    }

    private static int ShowStat(TextBuffer* t, Task* task, void* context)
    {
        ulong user = 0, system = 0, idle = 0, interrupts = 0, switches = 0;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* c = Cpu.At(i);
            user += c->UserNs; system += c->SystemNs; idle += c->IdleNs; interrupts += c->Interrupts; switches += c->Switches;
        }
        t->Format("cpu  %llu 0 %llu %llu 0 0 0 0 0 0\n"u8, user / NsPerTick, system / NsPerTick, idle / NsPerTick);
        for (int i = 0; i < Cpu.Possible; i++)
        {
            PerCpu* c = Cpu.At(i);
            if (c->Online) t->Format("cpu%d %llu 0 %llu %llu 0 0 0 0 0 0\n"u8, (ulong)i, c->UserNs / NsPerTick, c->SystemNs / NsPerTick, c->IdleNs / NsPerTick);
        }
        long boot = (Time.RealtimeNs() - Time.BoottimeNs() - Time.StatOffsetNs(Cpu.CurrentTask)) / 1_000_000_000;
        t->Format("intr %llu\nctxt %llu\nbtime %lld\nprocesses %llu\nprocs_running %d\nprocs_blocked 0\n"u8, interrupts, switches, (ulong)boot, Scheduler.Forks, (ulong)Scheduler.RunnableCount());
        return 0;
    }

    private static int ShowMemInfo(TextBuffer* t, Task* task, void* context)
    {
        ulong total = PageAllocator.ManagedPages * 4, free = (PageAllocator.ManagedPages - PageAllocator.AllocatedPages) * 4;
        t->Format("MemTotal:       %8llu kB\nMemFree:        %8llu kB\nMemAvailable:   %8llu kB\nBuffers:        %8llu kB\nCached:         %8llu kB\n"u8, total, free, free, 0, 0);
        t->Format("SwapCached:     %8llu kB\nActive:         %8llu kB\nInactive:       %8llu kB\nSwapTotal:      %8llu kB\nSwapFree:       %8llu kB\nShmem:          %8llu kB\nSReclaimable:   %8llu kB\n"u8, 0, 0, 0, 0, 0, 0);
        return 0;
    }

    private static int ShowVersion(TextBuffer* t, Task* task, void* context)
    {
        t->Format("Linux version %s (cosim) %s\n"u8, (ulong)Text.Literal(KernelIdentity.Release), (ulong)Text.Literal(KernelIdentity.Version));
        return 0;
    }

    private static int ShowCommandLine(TextBuffer* t, Task* task, void* context)
    {
        t->PutString(CommandLine.Text);
        t->Put((byte)'\n');
        return 0;
    }

    private static int ShowOsType(TextBuffer* t, Task* task, void* context) { t->Put("Linux\n"u8); return 0; }

    private static int ShowOsRelease(TextBuffer* t, Task* task, void* context) { t->Put(KernelIdentity.Release); t->Put((byte)'\n'); return 0; }

    private static int ShowHostName(TextBuffer* t, Task* task, void* context) { t->PutString(KernelIdentity.HostName); t->Put((byte)'\n'); return 0; }

    private static int ShowPidMax(TextBuffer* t, Task* task, void* context) { t->Format("%d\n"u8, TaskList.MaxPid); return 0; }

    private static int ShowFileSystems(TextBuffer* t, Task* task, void* context)
    {
        t->Put("nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\nnodev\tdevtmpfs\nnodev\tramfs\n"u8);
        return 0;
    }

    private static int ShowMounts(TextBuffer* t, Task* task, void* context)
    {
        t->Put("rootfs / rootfs rw 0 0\nproc /proc proc rw,relatime 0 0\nsysfs /sys sysfs rw,relatime 0 0\ndevtmpfs /dev devtmpfs rw,relatime 0 0\n"u8);
        return 0;
    }

    private static int ShowLoad(TextBuffer* t, Task* task, void* context)
    {
        // Rounded to hundredths as Linux does: add half a hundredth in fixed point.
        ulong a = Scheduler.Load1 + 10, b = Scheduler.Load5 + 10, c = Scheduler.Load15 + 10;
        t->Format("%llu.%02llu %llu.%02llu %llu.%02llu "u8, a >> 11, (a & 2047) * 100 >> 11, b >> 11, (b & 2047) * 100 >> 11, c >> 11, (c & 2047) * 100 >> 11);
        t->Format("%d/%d %d\n"u8, (ulong)Scheduler.RunnableCount(), (ulong)TaskList.Count, (ulong)TaskList.LastPid);
        return 0;
    }

    private static int ShowCpuInfo(TextBuffer* t, Task* task, void* context)
    {
        uint s = CpuFeatures.Signature;
        uint family = s >> 8 & 15, model = s >> 4 & 15 | s >> 12 & 0xF0;
        if (family == 15) family += s >> 20 & 0xFF;
        byte* vendor = stackalloc byte[13];
        byte* brand = stackalloc byte[49];
        CpuFeatures.ReadNames(vendor, brand);
        ulong khz = Time.CpuKhz;
        for (int i = 0; i < Cpu.Possible; i++)
        {
            if (!Cpu.At(i)->Online) continue;
            t->Format("processor\t: %d\nvendor_id\t: %s\ncpu family\t: %u\nmodel\t\t: %u\nmodel name\t: %s\nstepping\t: %u\n"u8, (ulong)i, (ulong)vendor, family, model, (ulong)brand, s & 15);
            t->Format("cpu MHz\t\t: %llu.%03llu\napicid\t\t: %u\nfpu\t\t: yes\ncpuid level\t: %u\nflags\t\t:"u8, khz / 1000, khz % 1000, Cpu.At(i)->ApicId, Machine.Cpuid(0, 0).Eax);
            CpuFeatures.PutFlags(t);
            t->Format("\nbogomips\t: %llu.%02llu"u8, Time.BogoMips(1), Time.BogoMipsHundredths(1));
            t->Format("\naddress sizes\t: %d bits physical, %d bits virtual\n\n"u8, (ulong)CpuFeatures.PhysicalBits, (ulong)CpuFeatures.LinearBits);
        }
        return 0;
    }
}
