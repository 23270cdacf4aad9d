using CoSim.Hw.Simulation;

namespace CoSim.Cli.Inspect.Checks;

/// <summary>
/// What every counter has counted between two instants, wraps included: narrow counters are looked at so often in between that they wrap
/// at most once from look to look.
/// </summary>
internal sealed class Interval
{
    private const ushort PitControl = 0x43, PitChannel0 = 0x40, SystemControl = 0x61;
    private const byte Gate2 = 1, SpeakerData = 2;
    private const int LvtTimer = 0x320, InitialCount = 0x380, CurrentCount = 0x390, Divide = 0x3E0;
    private const uint MaskedOneShot = 0x1_0000, DivideByOne = 0xB;
    private const ulong PmMask = 0xFF_FFFF, PitMask = 0xFFFF;
    private const int Looks = 250;

    /// <summary>Less than half the 54.9 ms in which the PIT wraps.</summary>
    private static readonly SimDuration s_look = SimDuration.FromMilliseconds(20);

    private readonly RegisterView _registers;

    private Interval(RegisterView registers) => _registers = registers;

    /// <summary>Simulated time between the two instants: 5 s, more than the 4.7 s in which a 24-bit PM timer wraps.</summary>
    public SimDuration Span { get; private set; }

    /// <summary>TSC ticks of each core.</summary>
    public ulong[] Tsc { get; private set; } = [];

    /// <summary>TSC of each core at the first instant.</summary>
    public ulong[] TscStart { get; private set; } = [];

    /// <summary>Local APIC timer ticks of each core, divided by one.</summary>
    public ulong[] Apic { get; private set; } = [];

    /// <summary>HPET ticks; 0 without an HPET.</summary>
    public ulong Hpet { get; private set; }

    /// <summary>PM timer ticks, of its low 24 bits.</summary>
    public ulong PmTimer { get; private set; }

    /// <summary>All bits that the PM timer ever showed.</summary>
    public uint PmBits { get; private set; }

    /// <summary>Ticks of PIT channels 0 and 2.</summary>
    public ulong[] Pit { get; } = new ulong[2];

    /// <summary>Starts every counter and looks at it over the interval.</summary>
    /// <param name="registers">The machine.</param>
    /// <param name="hpet">Its HPET, which counts; null for none.</param>
    /// <param name="pmPort">The PM timer's port.</param>
    public static Interval Measure(RegisterView registers, HpetChecks? hpet, ushort pmPort)
    {
        Interval interval = new(registers);
        interval.Start();
        SimTime begin = registers.Now;
        interval.TscStart = interval.Cores(registers.Tsc);
        ulong[] apic = interval.Cores(interval.ApicCount);
        ulong hpetStart = hpet?.Count ?? 0;
        uint pm = registers.Port(pmPort, sizeof(uint));
        ulong[] pit = [interval.PitCount(0), interval.PitCount(2)];
        for (int look = 0; look < Looks; look++)
        {
            registers.Pass(s_look);
            uint pmNow = registers.Port(pmPort, sizeof(uint));
            interval.PmTimer += (pmNow - pm) & PmMask;
            interval.PmBits |= pmNow;
            pm = pmNow;
            for (int n = 0; n < pit.Length; n++)
            {
                // They count down.
                ulong count = interval.PitCount(2 * n);
                interval.Pit[n] += (pit[n] - count) & PitMask;
                pit[n] = count;
            }
        }
        interval.Span = registers.Now - begin;
        interval.Tsc = interval.Cores(c => registers.Tsc(c) - interval.TscStart[c]);
        interval.Apic = interval.Cores(c => apic[c] - interval.ApicCount(c));
        // 32 bits wrap after 300 s.
        interval.Hpet = hpet is null ? 0 : (hpet.Count - hpetStart) & uint.MaxValue;
        return interval;
    }

    /// <summary>PIT channels 0 and 2 in mode 2 over all 65536 counts, the second with its gate open; local APIC timers over all 32 bits.</summary>
    private void Start()
    {
        _registers.SetPort(SystemControl, (byte)((_registers.Port(SystemControl, 1) & ~SpeakerData) | Gate2));
        foreach ((byte control, int channel) in (ReadOnlySpan<(byte, int)>)[(0x34, 0), (0xB4, 2)])
        {
            _registers.SetPort(PitControl, control);
            _registers.SetPort((ushort)(PitChannel0 + channel), 0);
            _registers.SetPort((ushort)(PitChannel0 + channel), 0);
        }
        for (int core = 0; core < _registers.Cores; core++)
        {
            _registers.SetApic(core, LvtTimer, MaskedOneShot);
            _registers.SetApic(core, Divide, DivideByOne);
            _registers.SetApic(core, InitialCount, uint.MaxValue);
        }
        // The PIT takes its count over with the next clock.
        _registers.Pass(s_look);
    }

    private ulong ApicCount(int core) => _registers.Apic(core, CurrentCount);

    private ulong PitCount(int channel)
    {
        const int latchShift = 6;
        _registers.SetPort(PitControl, (byte)(channel << latchShift));
        uint low = _registers.Port((ushort)(PitChannel0 + channel), 1);
        return low | (_registers.Port((ushort)(PitChannel0 + channel), 1) << 8);
    }

    private ulong[] Cores(Func<int, ulong> value) => [.. Enumerable.Range(0, _registers.Cores).Select(value)];
}
