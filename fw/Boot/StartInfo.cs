using System.Runtime;
using System.Runtime.CompilerServices;
using CoSim.Firmware.Hardware;
using CoSim.Guest;

namespace CoSim.Firmware.Boot;

/// <summary>
/// What the operating system gets: hvm_start_info version 1 with memory map, command line and initial file system (Xen,
/// public/arch-x86/hvm/start_info.h). It lies in memory that the map marks as ACPI reclaimable.
/// </summary>
public static unsafe class StartInfo
{
    private const uint Magic = 0x336EC578;
    private const int MaxRanges = 24;

    /// <summary>Where this image, its page tables and its stack are: a resume from suspend to RAM runs there again.</summary>
    private const ulong OwnStart = 0x40000, OwnEnd = 0x50000;

    private const ulong PageSize = 4096;

    private struct Header
    {
        public uint Magic, Version, Flags, Modules;
        public ulong ModuleList, CommandLine, Rsdp, MemoryMap;
        public uint Ranges, Reserved;
    }

    private struct Module
    {
        public ulong Address, Size, CommandLine, Reserved;
    }

    private struct Range
    {
        public ulong Address, Size;
        public uint Type, Reserved;
    }

    /// <summary>The types of the memory map (ACPI Specification 6.3, table 15-374).</summary>
    private enum RangeType : uint
    {
        Memory = 1, Reserved = 2, AcpiReclaimable = 3, AcpiStorage = 4,
    }

    [RuntimeImport("pvh_handoff"), MethodImpl(MethodImplOptions.InternalCall)] private static extern void Handoff(uint entry, uint startInfo);

    /// <summary>Writes the structures at an address.</summary>
    /// <param name="at">
    /// Where: 4 KiB are enough, the command line apart. The ACPI reclaimable memory starts there and ends where low memory ends.
    /// </param>
    /// <param name="rsdp">Physical address of the RSDP; the FACS is in the same page, which the operating system must keep.</param>
    /// <param name="commandLine">The command line, without a NUL; may be null.</param>
    /// <param name="commandLineSize">Its length in bytes.</param>
    /// <param name="initrd">The initial file system's address, or 0.</param>
    /// <param name="initrdSize">Its length in bytes.</param>
    public static void Write(ulong at, ulong rsdp, byte* commandLine, ulong commandLineSize, ulong initrd, ulong initrdSize)
    {
        Header* header = (Header*)at;
        Module* module = (Module*)(header + 1);
        Range* ranges = (Range*)(module + 1);
        byte* text = (byte*)(ranges + MaxRanges);
        *module = default;
        module->Address = initrd;
        module->Size = initrdSize;
        for (ulong i = 0; i < commandLineSize; i++) text[i] = commandLine[i];
        text[commandLineSize] = 0;

        uint count = 0;
        Add(ranges, ref count, 0, OwnStart, RangeType.Memory);
        Add(ranges, ref count, OwnStart, OwnEnd, RangeType.Reserved);
        Add(ranges, ref count, OwnEnd, Processors.Page, RangeType.Memory);
        Add(ranges, ref count, Processors.Page, 0xA0000, RangeType.Reserved);
        Add(ranges, ref count, 0xE0000, 0x100000, RangeType.Reserved);
        Add(ranges, ref count, 0x100000, at, RangeType.Memory);
        Add(ranges, ref count, at, rsdp, RangeType.AcpiReclaimable);
        Add(ranges, ref count, rsdp, rsdp + PageSize, RangeType.AcpiStorage);
        Add(ranges, ref count, rsdp + PageSize, Memory.Low, RangeType.AcpiReclaimable);
        Add(ranges, ref count, Memory.Low, Memory.LowTop, RangeType.Reserved); // system management mode
        Add(ranges, ref count, 0xE0000000, 0xF0000000, RangeType.Reserved); // PCI configuration space
        Add(ranges, ref count, 0xFEC00000, 0xFEC01000, RangeType.Reserved); // IO-APIC
        Add(ranges, ref count, 0xFED80000, 0xFED90000, RangeType.Reserved); // FCH
        Add(ranges, ref count, 0xFEE00000, 0xFEE01000, RangeType.Reserved); // local APIC
        Add(ranges, ref count, 0xFF000000, 0x1_0000_0000, RangeType.Reserved); // flash
        Add(ranges, ref count, 0x1_0000_0000, Memory.High, RangeType.Memory);
        Add(ranges, ref count, 0xFD_0000_0000, 0x100_0000_0000, RangeType.Reserved); // the processor's own, flash included

        header->Magic = Magic;
        header->Version = 1;
        header->Flags = 0;
        header->Modules = initrd != 0 ? 1u : 0;
        header->ModuleList = (ulong)module;
        header->CommandLine = (ulong)text;
        header->Rsdp = rsdp;
        header->MemoryMap = (ulong)ranges;
        header->Ranges = count;
        header->Reserved = 0;
    }

    /// <summary>Enters the operating system. Does not return.</summary>
    public static void Enter(uint entry, ulong startInfo) => Handoff(entry, (uint)startInfo);

    private static void Add(Range* ranges, ref uint count, ulong start, ulong end, RangeType type)
    {
        if (end <= start) return;
        Range* r = ranges + count++;
        r->Address = start;
        r->Size = end - start;
        r->Type = (uint)type;
        r->Reserved = 0;
    }
}
