using CoSim.Hw.Zen2Core.Privileged;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>What CPUID and MSRs declare of the TSC and the local APIC timer.</summary>
internal static class ProcessorChecks
{
    private const uint AdvancedPower = 0x8000_0007, AddressSizes = 0x8000_0008, TscRatio = 0x15, Frequencies = 0x16;
    private const int InvariantTsc = 8, DeadlineTimer = 24, TscFrequencySelect = 24, PStates = 8;
    private const uint StepMegahertz = 200, LowestMultiplier = 0x10;
    private const int LvtTimer = 0x320, LimitShift = 4, LimitMask = 7;
    private const uint MaskedDeadline = 0x5_0000, DeadlineMode = 1 << 18;

    /// <summary>The frequency of P-state 0 as a core's MSR C001_0064h defines it, in MHz; 0 when the definition is off.</summary>
    public static uint BaseMegahertz(RegisterView registers, int core) => Megahertz(registers.Msr(core, MsrNumbers.PState0));

    /// <summary>Adds the checks.</summary>
    public static void Add(CheckList list, RegisterView registers)
    {
        AddCpuid(list, registers);
        AddDeadline(list, registers);
        AddPStates(list, registers);
    }

    /// <summary>
    /// The TSC counts in all P- and C-states when CPUID 8000_0007h EDX bit 8 says so (APM volume 3), as Zen 2's does on each core. Its
    /// frequency is not in leaves 15h and 16h, which AMD does not have: no operating system may find one there.
    /// </summary>
    private static void AddCpuid(CheckList list, RegisterView registers)
    {
        list.Equal("CPUID invariant TSC", All(registers, "1"), Each(registers, c => Bit(registers.Cpuid(c, AdvancedPower).Edx, InvariantTsc)), "APM vol. 3, CPUID 8000_0007h EDX[8]");
        uint last = registers.Cpuid(0, 0).Eax;
        bool isEmpty = registers.Cpuid(0, TscRatio) == default && registers.Cpuid(0, Frequencies) == default;
        list.Holds("CPUID frequency leaves", last < TscRatio ? "15h and 16h absent" : "15h present", isEmpty ? "15h and 16h absent" : "15h or 16h not zero", "APM vol. 3, CPUID 0h EAX", last < TscRatio == isEmpty);
        uint threads = (registers.Cpuid(0, AddressSizes).Ecx & 0xFF) + 1;
        list.Equal("CPUID threads", CheckList.Number(threads), CheckList.Number((ulong)registers.Cores), "APM vol. 3, CPUID 8000_0008h ECX[7:0]");
    }

    /// <summary>CPUID 1 ECX bit 24 declares the timer mode 10b of the local APIC; without it the mode's high bit is reserved (APM volume 2, 16.4.1).</summary>
    private static void AddDeadline(CheckList list, RegisterView registers)
    {
        uint before = registers.Apic(0, LvtTimer);
        registers.SetApic(0, LvtTimer, MaskedDeadline);
        bool isThere = (registers.Apic(0, LvtTimer) & DeadlineMode) != 0;
        registers.SetApic(0, LvtTimer, before);
        list.Equal("TSC-deadline mode", Bit(registers.Cpuid(0, 1).Ecx, DeadlineTimer), isThere ? "1" : "0", "APM vol. 2, 16.4.1: CPUID 1h ECX[24] and the LVT");
    }

    /// <summary>
    /// HWCR bit 24 ties the TSC to P-state 0, whose frequency is 200 MHz * CpuFid / CpuDfsId and equal on all cores; that is the frequency
    /// sold as the model's base. Each P-state is slower than the one before it, and the last is the one that PStateCurLim names (PPR 55803, MSR C001_0015h, C001_0061h and C001_0064h; EPYC 7002 data sheets).
    /// </summary>
    private static void AddPStates(CheckList list, RegisterView registers)
    {
        list.Equal("HWCR.TscFreqSel", All(registers, "1"), Each(registers, c => Bit(registers.Msr(c, MsrNumbers.Hwcr), TscFrequencySelect)), "PPR 55803, MSR C001_0015h");
        string model = CheckList.Number(registers.Machine.Spec.Model.BaseMegahertz);
        list.Equal("P-state 0 definition in MHz", All(registers, model), Each(registers, c => CheckList.Number(BaseMegahertz(registers, c))), "PPR 55803, MSR C001_0064h; data sheet");
        uint[] states = [.. Enumerable.Range(0, PStates).Select(n => registers.Msr(0, MsrNumbers.PState0 + (uint)n)).Where(IsEnabled).Select(Megahertz)];
        list.Holds("P-states in MHz", "each below the one before", string.Join(", ", states), "PPR 55803, MSR C001_0064h to 6Bh", states.Length > 0 && states.Zip(states.Skip(1)).All(p => p.First > p.Second && p.Second > 0));
        list.Equal("last P-state", CheckList.Number((registers.Msr(0, MsrNumbers.PStateLimit) >> LimitShift) & LimitMask), CheckList.Number((ulong)states.Length - 1), "PPR 55803, MSR C001_0061h PstateMaxVal");
    }

    /// <summary>The values of all cores in one text: one value when they are the same.</summary>
    public static string Each(RegisterView registers, Func<int, string> value)
    {
        string[] values = [.. Enumerable.Range(0, registers.Cores).Select(value)];
        int other = Array.FindIndex(values, v => v != values[0]);
        return other < 0 ? All(registers, values[0]) : $"{values[0]} on core 0, {values[other]} on core {other}";
    }

    /// <summary>One value for all cores.</summary>
    private static string All(RegisterView registers, string value) => registers.Cores == 1 ? value : value + " on all cores";

    private static string Bit(ulong value, int bit) => (value >> bit & 1) != 0 ? "1" : "0";

    private static bool IsEnabled(ulong definition) => definition >> 63 != 0;

    private static uint Megahertz(ulong definition)
    {
        uint multiplier = (uint)definition & 0xFF, divisor = (uint)(definition >> 8) & 0x3F;
        return IsEnabled(definition) && multiplier >= LowestMultiplier && divisor != 0 ? StepMegahertz * multiplier / divisor : 0;
    }
}
