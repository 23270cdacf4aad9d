using CoSim.Guest;

namespace CoSim.Os;

/// <summary>Names of the processor and of its features, for /proc/cpuinfo (in Linux's spelling and order).</summary>
public static unsafe partial class CpuFeatures
{
    /// <summary>Vendor (12 bytes) and brand string (48 bytes), NUL-terminated.</summary>
    public static void ReadNames(byte* vendor, byte* brand)
    {
        CpuidResult r = Machine.Cpuid(0, 0);
        ((uint*)vendor)[0] = r.Ebx;
        ((uint*)vendor)[1] = r.Edx;
        ((uint*)vendor)[2] = r.Ecx;
        vendor[12] = 0;
        *brand = 0;
        if (Machine.Cpuid(0x8000_0000, 0).Eax < 0x8000_0004) return;
        for (uint i = 0; i < 3; i++) ((CpuidResult*)brand)[i] = Machine.Cpuid(0x8000_0002 + i, 0);
        brand[48] = 0;
        for (int i = 47; i >= 0 && (brand[i] == ' ' || brand[i] == 0); i--) brand[i] = 0;
    }

    /// <summary>Writes the feature names, each after a space.</summary>
    public static void PutFlags(TextBuffer* t)
    {
        Put(t, Edx1, "fpu vme de pse tsc msr pae mce cx8 apic - sep mtrr pge mca cmov pat pse36 - clflush - - - mmx fxsr sse sse2 - ht - - -"u8);
        Put(t, Edx81, "- - - - - - - - - - - syscall - - - - - - - - nx - mmxext - - fxsr_opt pdpe1gb rdtscp - lm - -"u8);
        Put(t, Ecx1, "pni pclmulqdq - monitor - - - - - ssse3 - - fma cx16 - - - - - sse4_1 sse4_2 x2apic movbe popcnt - aes xsave - avx f16c rdrand hypervisor"u8);
        Put(t, Ecx81, "lahf_lm cmp_legacy svm extapic cr8_legacy abm sse4a misalignsse 3dnowprefetch osvw ibs - skinit wdt - - - - - - - - topoext perfctr_core perfctr_nb - - - perfctr_llc mwaitx - -"u8);
        if ((Machine.Cpuid(0x8000_0007, 0).Edx & 0x100) != 0) t->Put(" constant_tsc nonstop_tsc"u8);
        Put(t, Ebx7, "fsgsbase - - bmi1 - avx2 - smep bmi2 - - - - - - - - - rdseed adx smap - - clflushopt clwb - - - - sha_ni - -"u8);
        Put(t, Ebx88, "clzero irperf xsaveerptr - rdpru - - - - wbnoinvd - - - - - - - - - - - - - - - - - - - - - -"u8);
        if (Arat) t->Put(" arat"u8);
    }

    private static void Put(TextBuffer* t, uint bits, System.ReadOnlySpan<byte> names)
    {
        int at = 0;
        for (int bit = 0; bit < 32; bit++)
        {
            int start = at;
            while (at < names.Length && names[at] != ' ') at++;
            if ((bits >> bit & 1) != 0 && names[start] != '-')
            {
                t->Put((byte)' ');
                for (int i = start; i < at; i++) t->Put(names[i]);
            }
            at++;
        }
    }
}
