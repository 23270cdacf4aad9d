using CoSim.Guest;

namespace CoSim.Os;

/// <summary>From the boot protocol's memory map to the kernel's own page tables and a working page allocator.</summary>
public static unsafe class BootMemory
{
    private const ulong Gib = 1UL << 30, Mib2 = 2UL << 20;

    /// <summary>Everything below is reachable through the direct map.</summary>
    public static ulong DirectMapEnd;

    /// <summary>The initramfs, copied from the start info; length 0 if there is none.</summary>
    public static ulong InitrdAddress, InitrdLength;

    public static ulong Rsdp;

    /// <summary>
    /// Reads the start info through the boot page tables (low 4 GiB one to one), builds the kernel's tables from RAM behind the kernel
    /// image, loads them, and starts the allocator.
    /// </summary>
    public static void Initialize(StartInfo* info)
    {
        CommandLine.Set(info->CommandLine == 0 ? null : (byte*)info->CommandLine);
        Rsdp = info->Rsdp;
        ReadMap(info);
        ulong imageStart = 0x10_0000, imageEnd = Image.End - KernelMap.ImageBase;
        MemoryMap.Reserve(0, imageStart);
        MemoryMap.Reserve(imageStart, imageEnd);
        if (info->ModuleCount > 0)
        {
            StartModule* m = (StartModule*)info->Modules;
            InitrdAddress = m->Address;
            InitrdLength = m->Size;
            MemoryMap.Reserve(m->Address, m->Address + m->Size);
        }
        // Tables first: they must lie below 4 GiB, where the boot tables reach.
        ulong root = TakePage();
        BuildDirectMap(root);
        BuildImageMap(root);
        ulong frames = (MemoryMap.HighestAddress >> KernelMap.PageShift) + (1UL << PageAllocator.MaxOrder);
        ulong infoAt = MemoryMap.TakeEarly(frames * (ulong)sizeof(PageInfo), KernelMap.PageSize, imageStart);
        if (infoAt == 0) Log.Panic("no memory for page descriptors"u8);
        PageTable.KernelRoot = root;
        Machine.WriteCr3(root);
        PageAllocator.Initialize((PageInfo*)DirectMap.Pointer(infoAt), frames);
        ShareWithBootTables();
        AddressSpace.ZeroPage = PageAllocator.AllocateZeroed();
    }

    private static void ReadMap(StartInfo* info)
    {
        StartMemory* map = (StartMemory*)info->MemoryMap;
        for (uint i = 0; i < info->MemoryMapEntries; i++)
        {
            ulong end = map[i].Address + map[i].Size;
            if (map[i].Type == 1) MemoryMap.Add(map[i].Address, end);
            if (map[i].Type is 1 or 3 or 4 && end > DirectMapEnd) DirectMapEnd = end;
            Log.Print("BIOS-e820: [mem 0x%016llx-0x%016llx] %s"u8, map[i].Address, end - 1,
                (ulong)Text.Literal(map[i].Type switch { 1 => "usable"u8, 3 => "ACPI data"u8, 4 => "ACPI NVS"u8, _ => "reserved"u8 }));
        }
        DirectMapEnd = Bits.AlignUp(DirectMapEnd, Mib2);
        if (MemoryMap.Count == 0) Log.Panic("the boot protocol gave no memory"u8);
    }

    /// <summary>A zeroed page below 4 GiB, reached through the boot tables.</summary>
    private static ulong TakePage()
    {
        ulong page = MemoryMap.TakeEarly(KernelMap.PageSize, KernelMap.PageSize, 0x10_0000);
        if (page == 0 || page >= 1UL << 32) Log.Panic("no memory for page tables"u8);
        Text.Fill((void*)page, 0, KernelMap.PageSize);
        return page;
    }

    private static ulong* Table(ulong* entry)
    {
        if ((*entry & Pte.Present) == 0) *entry = TakePage() | Pte.Present | Pte.Write;
        return (ulong*)(*entry & Pte.AddressMask);
    }

    private static void BuildDirectMap(ulong root)
    {
        ulong bits = Pte.Present | Pte.Write | Pte.Large | Pte.Global | Pte.Accessed | Pte.Dirty | (CpuFeatures.Nx ? Pte.NoExecute : 0);
        for (ulong at = 0; at < DirectMapEnd;)
        {
            ulong address = KernelMap.DirectMapBase + at;
            ulong* pdpt = Table((ulong*)root + (address >> 39 & 511));
            ulong* e = pdpt + (address >> 30 & 511);
            if (CpuFeatures.Pages1Gib && (at & (Gib - 1)) == 0 && DirectMapEnd - at >= Gib)
            {
                *e = at | bits;
                at += Gib;
                continue;
            }
            Table(e)[address >> 21 & 511] = at | bits;
            at += Mib2;
        }
    }

    /// <summary>The kernel image in 4 KiB pages: code read-only and executable, constants read-only, data writable, nothing both.</summary>
    private static void BuildImageMap(ulong root)
    {
        ulong nx = CpuFeatures.Nx ? Pte.NoExecute : 0;
        for (ulong a = KernelMap.ImageBase + 0x10_0000; a < Image.End; a += KernelMap.PageSize)
        {
            ulong* pd = Table(Table((ulong*)root + (a >> 39 & 511)) + (a >> 30 & 511));
            ulong* pt = Table(pd + (a >> 21 & 511));
            bool code = a >= Bits.AlignDown(Image.TextStart, 4096) && a < Image.TextEnd, constant = a >= Image.ReadOnlyStart && a < Image.ReadOnlyEnd;
            pt[a >> 12 & 511] = (a - KernelMap.ImageBase) | Pte.Present | Pte.Global | Pte.Accessed | (code ? 0 : nx) | (code || constant ? 0 : Pte.Write | Pte.Dirty);
        }
    }

    /// <summary>Application processors start on the boot tables; they must see the direct map to find their stacks.</summary>
    private static void ShareWithBootTables()
    {
        ulong* boot = (ulong*)DirectMap.Pointer(Machine.BootPageTables), kernel = (ulong*)DirectMap.Pointer(PageTable.KernelRoot);
        boot[KernelMap.DirectMapBase >> 39 & 511] = kernel[KernelMap.DirectMapBase >> 39 & 511];
        // The device map's top entry must exist before address spaces copy the upper half.
        if ((kernel[KernelMap.MmioBase >> 39 & 511] & Pte.Present) == 0)
            kernel[KernelMap.MmioBase >> 39 & 511] = PageAllocator.AllocateZeroed() | Pte.Present | Pte.Write;
    }
}
