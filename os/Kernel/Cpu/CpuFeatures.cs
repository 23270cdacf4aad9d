using CoSim.Guest;

namespace CoSim.Os;

/// <summary>CPUID features that the kernel acts on, and the control registers that they permit.</summary>
public static unsafe partial class CpuFeatures
{
    public static bool Nx, Pages1Gib, Smep, Smap, X2Apic, Monitor, Arat, Rdtscp;

    /// <summary>Kernel parameter clearcpuid=arat: local timers are taken to stop in C2, whatever the processor says.</summary>
    public static bool AratCleared;

    /// <summary>CPUID Fn0000_0001: EAX (signature), ECX, EDX, and Fn8000_0001 ECX, EDX; Fn7 EBX.</summary>
    public static uint Signature, Ecx1, Edx1, Ecx81, Edx81, Ebx7, Ebx88;

    /// <summary>Bits of physical and linear addresses.</summary>
    public static int PhysicalBits = 36, LinearBits = 48;

    private const ulong Cr4Tsd = 1 << 2, Cr4Pge = 1 << 7, Cr4OsFxsr = 1 << 9, Cr4OsXmm = 1 << 10, Cr4Umip = 1 << 11, Cr4Smep = 1 << 20, Cr4Smap = 1 << 21;

    private const uint DecodeConfiguration = 0xC001_1029;

    /// <summary>Family 17h: the base family field is saturated, the extended one adds 8.</summary>
    private static bool IsZen => (Signature >> 8 & 0xF) == 0xF && (Signature >> 20 & 0xFF) == 8;

    /// <summary>Reads CPUID on the boot CPU; all CPUs are taken to be alike.</summary>
    public static void Detect()
    {
        uint max = Machine.Cpuid(0, 0).Eax;
        CpuidResult r = Machine.Cpuid(1, 0);
        Signature = r.Eax;
        Ecx1 = r.Ecx;
        Edx1 = r.Edx;
        X2Apic = (Ecx1 & 1 << 21) != 0 && !CommandLine.Find("nox2apic"u8, out _, out _);
        Monitor = (Ecx1 & 1 << 3) != 0;
        if (max >= 7) Ebx7 = Machine.Cpuid(7, 0).Ebx;
        Smep = (Ebx7 & 1 << 7) != 0;
        Smap = (Ebx7 & 1 << 20) != 0;
        if (max >= 6) Arat = (Machine.Cpuid(6, 0).Eax & 4) != 0;
        ReadCleared();
        max = Machine.Cpuid(0x8000_0000, 0).Eax;
        if (max >= 0x8000_0001)
        {
            r = Machine.Cpuid(0x8000_0001, 0);
            Ecx81 = r.Ecx;
            Edx81 = r.Edx;
        }
        Nx = (Edx81 & 1 << 20) != 0;
        Pages1Gib = (Edx81 & 1 << 26) != 0;
        Rdtscp = (Edx81 & 1 << 27) != 0;
        if (max < 0x8000_0008) return;
        r = Machine.Cpuid(0x8000_0008, 0);
        Ebx88 = r.Ebx;
        PhysicalBits = (int)(r.Eax & 0xFF);
        LinearBits = (int)(r.Eax >> 8 & 0xFF);
    }

    /// <summary>clearcpuid= takes names, or numbers (word of Linux' table * 32 + bit): ARAT alone matters here.</summary>
    private static void ReadCleared()
    {
        if (!CommandLine.Find("clearcpuid"u8, out byte* value, out int length)) return;
        if (!Text.Equal(value, length, "arat"u8) && !Text.Equal(value, length, "450"u8)) return;
        Arat = false;
        AratCleared = true;
        Log.Print("Clearing CPUID bits: arat"u8);
    }

    /// <summary>Sets the control registers of the CPU that runs this.</summary>
    public static void EnableOnThisCpu()
    {
        if (Nx) Machine.Wrmsr(0xC000_0080, Machine.Rdmsr(0xC000_0080) | 1 << 11);
        ulong cr4 = Machine.ReadCr4() | Cr4OsFxsr | Cr4OsXmm | Cr4Pge;
        if (Smep) cr4 |= Cr4Smep;
        if (Smap) cr4 |= Cr4Smap;
        Machine.WriteCr4(cr4);
        // WP: the kernel, too, honours read-only pages; copy-on-write depends on it. MP and NE for the FPU; EM, TS off.
        Machine.WriteCr0((Machine.ReadCr0() | 1 << 16 | 1 << 5 | 2) & ~0xCUL);
        if (Rdtscp) Machine.Wrmsr(0xC000_0103, (ulong)Cpu.Id); // TSC_AUX, for RDTSCP's CPU number
        // On AMD LFENCE keeps RDTSC behind older loads only when DE_CFG bit 1 says so; Linux sets it, and orders RDTSC by LFENCE.
        if (IsZen) Machine.Wrmsr(DecodeConfiguration, Machine.Rdmsr(DecodeConfiguration) | 2);
    }
}
