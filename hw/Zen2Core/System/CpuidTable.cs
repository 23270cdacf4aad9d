using System.Globalization;
using CoSim.Hw.Zen2Core.Isa;

namespace CoSim.Hw.Zen2Core.Privileged;

/// <summary>Four registers of a CPUID leaf.</summary>
public record struct CpuidResult(uint Eax, uint Ebx, uint Ecx, uint Edx);

/// <summary>
/// CPUID of an EPYC 7742 as dumped (Data/epyc7742_cpuid.csv), with what depends on the machine patched in: identifiers, the number
/// of cores (without SMT), the name, and bits that mirror control registers.
/// </summary>
public sealed unsafe class CpuidTable
{
    private const uint MaxStandard = 0x10, MaxExtended = 0x8000_0020;
    private static readonly Dictionary<(uint Leaf, uint Subleaf), CpuidResult> s_dump = Load();

    private readonly CoreContext _core;

    internal CpuidTable(CoreContext core) => _core = core;

    /// <summary>The registers that CPUID returns now.</summary>
    public CpuidResult Query(uint leaf, uint subleaf)
    {
        // Beyond the last leaf of a range AMD processors return zeroes.
        CpuidResult r = s_dump.TryGetValue((leaf, subleaf), out CpuidResult exact) ? exact
            : HasSubleaves(leaf) ? default : s_dump.GetValueOrDefault((leaf, 0u));
        if (leaf is > MaxStandard and < 0x8000_0000 or > MaxExtended)
            return default;
        CpuState* s = _core.State;
        uint cores = (uint)_core.Spec.CoreCount, id = s->ApicId;
        int idBits = 32 - int.CreateTruncating(uint.LeadingZeroCount(cores - 1));
        switch (leaf)
        {
            case 1:
                r.Ebx = (r.Ebx & 0xFFFF) | (Math.Min(cores, 255) << 16) | (id << 24);
                r.Ecx = SetBit(r.Ecx, 3, (MsrTable.Value(s, MsrNumbers.Hwcr) & WaitMicrocode.MonitorDisable) == 0);
                r.Ecx = SetBit(r.Ecx, 27, (s->Cr4 & ControlBits.Cr4Xsave) != 0);
                r.Edx = SetBit(r.Edx, 9, _core.Interrupts is not { } apic || (apic.ApicBase & (1 << 11)) != 0);
                r.Edx = SetBit(r.Edx, 28, cores > 1);
                break;
            case 0xB:
                return subleaf switch
                {
                    0 => new(0, 1, 0x100, id),
                    1 => new((uint)idBits, cores, 0x201, id),
                    _ => new(0, 0, subleaf & 0xFF, id),
                };
            case 0xD when subleaf == 0:
                r.Ebx = XsaveSize(s->Xcr0);
                break;
            case 0xD when subleaf == 1:
                r.Ebx = XsaveSize(s->Xcr0);
                break;
            case 0x8000_0001:
                r.Ecx = SetBit(r.Ecx, 1, cores > 1);
                // SVM is not modelled and reported absent.
                r.Ecx = SetBit(r.Ecx, 2, false);
                r.Edx = SetBit(r.Edx, 9, _core.Interrupts is not { } local || (local.ApicBase & (1 << 11)) != 0);
                break;
            case >= 0x8000_0002 and <= 0x8000_0004:
                return Name(s, leaf - 0x8000_0002);
            case 0x8000_0008:
                r.Ecx = (cores - 1) | ((uint)idBits << 12);
                break;
            case 0x8000_000A or 0x8000_001F:
                return default;
            case 0x8000_001D:
                uint sharing = subleaf == 3 ? Math.Min(cores, 4) : 1;
                if (r.Eax != 0)
                    r.Eax = (r.Eax & 0xFC00_3FFF) | ((sharing - 1) << 14);
                break;
            case 0x8000_001E:
                return new(id, id & 0xFF, 0, 0);
        }

        return r;
    }

    private static bool HasSubleaves(uint leaf) => leaf is 7 or 0xB or 0xD or 0xF or 0x10 or 0x8000_001D or 0x8000_0020;

    private static uint SetBit(uint value, int bit, bool on) => on ? value | (1u << bit) : value & ~(1u << bit);

    private static uint XsaveSize(ulong xcr0) => (xcr0 & 0x200) != 0 ? 0x380u : (xcr0 & 4) != 0 ? 0x340u : 0x240u;

    /// <summary>The name comes from six MSRs, which firmware writes (PPR 17h, ProcNameString).</summary>
    private static CpuidResult Name(CpuState* s, uint part)
    {
        ulong low = MsrTable.Value(s, MsrNumbers.ProcessorName + part * 2), high = MsrTable.Value(s, MsrNumbers.ProcessorName + part * 2 + 1);
        return new((uint)low, (uint)(low >> 32), (uint)high, (uint)(high >> 32));
    }

    private static Dictionary<(uint Leaf, uint Subleaf), CpuidResult> Load()
    {
        Dictionary<(uint, uint), CpuidResult> table = [];
        using Stream stream = typeof(CpuidTable).Assembly.GetManifestResourceStream("epyc7742_cpuid.csv")
            ?? throw new InvalidOperationException("epyc7742_cpuid.csv is not embedded");
        using StreamReader reader = new(stream);
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            string[] fields = line.Split(',');
            if (fields is not ["0", ..])
                continue;
            table[(Hex(fields[1]), uint.Parse(fields[2], CultureInfo.InvariantCulture))] =
                new(Hex(fields[3]), Hex(fields[4]), Hex(fields[5]), Hex(fields[6]));
        }

        return table;
    }

    private static uint Hex(string field) => uint.Parse(field.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
