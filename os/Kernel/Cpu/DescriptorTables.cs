using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Segment selectors; the same as Linux's, because signal frames and debuggers show them.</summary>
public static class Selector
{
    public const ushort KernelCode = 0x10, KernelData = 0x18, UserCode32 = 0x23, UserData = 0x2B, UserCode = 0x33, Tss = 0x40, CpuNumber = 0x7B;
}

/// <summary>64-bit task state segment (APM vol. 2, figure 12-8): stacks for privilege changes and for the interrupt stack table.</summary>
[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 4)]
public struct Tss
{
    public uint Reserved0;
    public ulong Rsp0, Rsp1, Rsp2, Reserved1, Ist1, Ist2, Ist3, Ist4, Ist5, Ist6, Ist7, Reserved2;
    public ushort Reserved3, IoMapBase;
}

/// <summary>Global descriptor table, task state segment and system call registers of a CPU; the interrupt table that all share.</summary>
public static unsafe class DescriptorTables
{
    private const int IstNmi = 1, IstDoubleFault = 2, IstMachineCheck = 3;
    private const ulong IstStackBytes = 8192;
    private const uint MsrEfer = 0xC000_0080, MsrStar = 0xC000_0081, MsrLstar = 0xC000_0082, MsrCstar = 0xC000_0083, MsrSfmask = 0xC000_0084;
    private const uint MsrGsBase = 0xC000_0101, MsrKernelGsBase = 0xC000_0102;

    private static ulong* s_idt;

    /// <summary>Builds the shared interrupt descriptor table.</summary>
    public static void BuildIdt()
    {
        s_idt = (ulong*)Heap.Allocate(4096);
        ulong entries = Machine.TrapEntries;
        for (uint v = 0; v < 256; v++)
        {
            ulong entry = entries + v * 16;
            ulong ist = v == 2 ? IstNmi : v == 8 ? IstDoubleFault : v == 18 ? IstMachineCheck : 0UL;
            ulong dpl = v == 3 || v == 4 ? 3UL : 0; // INT3 and INTO are for everybody
            s_idt[v * 2] = entry & 0xFFFF | (ulong)Selector.KernelCode << 16 | ist << 32 | (0x8E00UL | dpl << 13) << 32 | (entry & 0xFFFF_0000) << 32;
            s_idt[v * 2 + 1] = entry >> 32;
        }
    }

    /// <summary>Allocates and fills the tables of a CPU. False when memory is out.</summary>
    public static bool Prepare(PerCpu* cpu)
    {
        cpu->Tss = Heap.New<Tss>();
        cpu->Gdt = (ulong*)Heap.Allocate(16 * 8);
        byte* stacks = (byte*)Heap.Allocate(3 * IstStackBytes);
        if (cpu->Tss == null || cpu->Gdt == null || stacks == null) return false;
        cpu->Tss->Ist1 = (ulong)stacks + IstStackBytes;
        cpu->Tss->Ist2 = (ulong)stacks + 2 * IstStackBytes;
        cpu->Tss->Ist3 = (ulong)stacks + 3 * IstStackBytes;
        cpu->Tss->IoMapBase = (ushort)sizeof(Tss);
        ulong* g = cpu->Gdt;
        g[2] = 0x00AF_9B00_0000_FFFF;   // kernel code, 64-bit
        g[3] = 0x00CF_9300_0000_FFFF;   // kernel data
        g[4] = 0x00CF_FB00_0000_FFFF;   // user code, 32-bit (SYSRET's base)
        g[5] = 0x00CF_F300_0000_FFFF;   // user data
        g[6] = 0x00AF_FB00_0000_FFFF;   // user code, 64-bit
        ulong tss = (ulong)cpu->Tss, limit = (ulong)sizeof(Tss) - 1;
        g[8] = limit & 0xFFFF | (tss & 0xFF_FFFF) << 16 | 0x89UL << 40 | (tss >> 24 & 0xFF) << 56;
        g[9] = tss >> 32;
        g[15] = 0x0040_F500_0000_0000UL | cpu->Id & 0xFFF; // LSL on this gives the CPU number to the vDSO's getcpu
        return true;
    }

    /// <summary>Loads everything on the CPU that runs this, and makes <paramref name="cpu"/> its per-CPU area.</summary>
    public static void Load(PerCpu* cpu)
    {
        ulong* descriptor = stackalloc ulong[2];
        descriptor[0] = 127 | (ulong)cpu->Gdt << 16;
        descriptor[1] = (ulong)cpu->Gdt >> 48;
        Machine.Lgdt(descriptor);
        Machine.ReloadSegments(Selector.KernelCode, Selector.KernelData);
        descriptor[0] = 4095 | (ulong)s_idt << 16;
        descriptor[1] = (ulong)s_idt >> 48;
        Machine.Lidt(descriptor);
        Machine.Wrmsr(MsrGsBase, (ulong)cpu);
        Machine.Wrmsr(MsrKernelGsBase, 0);
        cpu->Gdt[8] &= ~(0x2UL << 40); // LTR refuses a busy TSS
        Machine.Ltr(Selector.Tss);
        Machine.Wrmsr(MsrStar, (ulong)Selector.UserCode32 << 48 | (ulong)Selector.KernelCode << 32);
        Machine.Wrmsr(MsrLstar, Machine.SyscallEntry);
        // TF DF IF IOPL AC NT RF: as Linux masks them.
        Machine.Wrmsr(MsrSfmask, 0x0005_7700 | 0x1_0000);
        Machine.Wrmsr(MsrEfer, Machine.Rdmsr(MsrEfer) | 1 | (CpuFeatures.Nx ? 1UL << 11 : 0));
    }
}
