using CoSim.Traces.Format;

namespace CoSim.Traces.Export;

/// <summary>
/// What the events tell of local APICs: the vectors that they accept, the registers that cores write (by the page at FEE0_0000h or by MSRs 800h to
/// 83Fh), and the vector in service: the highest one that was delivered and has seen no EOI (AMD64 manual 2, 16.3 to 16.6).
/// </summary>
internal sealed class ApicRegisters(VcdFile file)
{
    private const ulong Page = 0xFEE0_0000, PageBytes = 0x1000;
    private const ulong FirstMsr = 0x800, LastMsr = 0x83F;
    private const int RegisterShift = 4;
    private const ulong EndOfInterrupt = 0xB0;

    private readonly Dictionary<int, SortedSet<byte>> _inService = [];
    private readonly HashSet<byte> _accepted = [];

    /// <summary>Takes the next event.</summary>
    public void Take(in TraceEvent e)
    {
        UInt128 time = e.Time.Femtoseconds;
        switch (e.Kind.Name)
        {
            case "interrupt-accepted":
                Accepted(in e, time);
                break;
            case "interrupt":
                Delivered(e.Core, (byte)e.Number("vector"), time);
                break;
            case "mmio-write" when e.Number("address") - Page < PageBytes:
                Written(e.Core, e.Number("address") - Page, e.Number("value"), time);
                break;
            case "msr-write" when e.Number("msr") is >= FirstMsr and <= LastMsr:
                Written(e.Core, (e.Number("msr") - FirstMsr) << RegisterShift, e.Number("value"), time);
                break;
        }
    }

    private void Accepted(in TraceEvent e, UInt128 time)
    {
        byte vector = (byte)e.Number("vector");
        string scope = $"apic{e.Number("apic")}";
        file.Set(scope, "accepted_vector", 8, time, vector);
        file.Set(scope, "accepted_mode", 3, time, e.Number("mode") & 7);
        file.Count(scope, "accepted", time);
        // Only fixed and lowest-priority interrupts are ended by an EOI.
        if (e.Number("mode") <= 1)
            _ = _accepted.Add(vector);
    }

    private void Delivered(int core, byte vector, UInt128 time)
    {
        if (!_accepted.Contains(vector))
            return;
        if (!_inService.TryGetValue(core, out SortedSet<byte>? vectors))
            _inService.Add(core, vectors = []);
        _ = vectors.Add(vector);
        file.Set($"core{core}", "apic_in_service", 8, time, vectors.Max);
    }

    private void Written(int core, ulong register, ulong value, UInt128 time)
    {
        string scope = $"core{core}";
        if (register == EndOfInterrupt)
        {
            file.Count(scope, "apic_eoi", time);
            if (_inService.TryGetValue(core, out SortedSet<byte>? vectors) && vectors.Count > 0)
            {
                _ = vectors.Remove(vectors.Max);
                file.Set(scope, "apic_in_service", 8, time, vectors.Count > 0 ? vectors.Max : 0UL);
            }
        }
        else if (Name(register) is { } name)
        {
            file.Set(scope, name, 32, time, (uint)value);
        }
    }

    private static string? Name(ulong register) => register switch
    {
        0x080 => "apic_tpr",
        0x0D0 => "apic_ldr",
        0x0E0 => "apic_dfr",
        0x0F0 => "apic_svr",
        0x300 => "apic_icr_low",
        0x310 => "apic_icr_high",
        0x320 => "apic_lvt_timer",
        0x350 => "apic_lvt_lint0",
        0x360 => "apic_lvt_lint1",
        0x370 => "apic_lvt_error",
        0x380 => "apic_timer_initial",
        0x3E0 => "apic_timer_divide",
        _ => null,
    };
}
