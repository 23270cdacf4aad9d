namespace CoSim.Os;

/// <summary>hvm_start_info of the PVH boot protocol, version 1 (xen/include/public/arch-x86/hvm/start_info.h).</summary>
public struct StartInfo
{
    public const uint ExpectedMagic = 0x336EC578;
    public uint Magic, Version, Flags, ModuleCount;
    public ulong Modules, CommandLine, Rsdp, MemoryMap;
    public uint MemoryMapEntries, Reserved;
}

/// <summary>An entry of its module list.</summary>
public struct StartModule
{
    public ulong Address, Size, CommandLine, Reserved;
}

/// <summary>An entry of its memory map; types as in E820: 1 RAM, 2 reserved, 3 ACPI, 4 NVS.</summary>
public struct StartMemory
{
    public ulong Address, Size;
    public uint Type, Reserved;
}
