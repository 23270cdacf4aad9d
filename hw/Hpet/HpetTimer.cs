using CoSim.Hw.Simulation;

namespace CoSim.Hw.Hpet;

/// <summary>The state of one comparator.</summary>
internal sealed class HpetTimer(int number, SimEvent expiry)
{
    public int Number { get; } = number;

    /// <summary>Scheduled while a match can be observed without an access: interrupt enabled, counter running.</summary>
    public SimEvent Expiry { get; } = expiry;

    /// <summary>The writable bits of TnCONF, in place.</summary>
    public ulong Config { get; set; }

    /// <summary>What the counter is compared with; in periodic mode the accumulator.</summary>
    public ulong Comparator { get; set; }

    /// <summary>Added to the accumulator at each match in periodic mode.</summary>
    public ulong Period { get; set; }

    /// <summary>TnFSB: address in the upper half, data in the lower.</summary>
    public ulong Message { get; set; }

    /// <summary>Tick of the clock domain up to which matches have been dealt with.</summary>
    public ulong CheckedTick { get; set; }

    /// <summary>First tick at which the comparator's present value can match.</summary>
    public ulong EarliestMatch { get; set; }

    /// <summary>What the comparator was before the last write, for hardware that shows it once more.</summary>
    public ulong Stale { get; set; }

    /// <summary>Whether the next read shows <see cref="Stale"/>.</summary>
    public bool IsStale { get; set; }

    /// <summary>GINTR_STA bit (level mode).</summary>
    public bool Status { get; set; }

    /// <summary>Edge mode: the output since the last match.</summary>
    public bool Latched { get; set; }

    public bool Level => (Config & TimerConfig.Level) != 0;

    public bool InterruptEnabled => (Config & TimerConfig.InterruptEnable) != 0;

    public bool Periodic => (Config & TimerConfig.Periodic) != 0;

    public int Route => (int)(Config >> TimerConfig.RouteShift) & 0x1F;

    /// <summary>The level that the comparator drives, wherever it is routed.</summary>
    public bool Output => InterruptEnabled && (Level ? Status : Latched);

    public void Save(StateWriter writer)
    {
        writer.UInt64(Config);
        writer.UInt64(Comparator);
        writer.UInt64(Period);
        writer.UInt64(Message);
        writer.UInt64(CheckedTick);
        writer.UInt64(EarliestMatch);
        writer.UInt64(Stale);
        writer.Bool(IsStale);
        writer.Bool(Status);
        writer.Bool(Latched);
        writer.Event(Expiry);
    }

    public void Restore(StateReader reader)
    {
        Config = reader.UInt64();
        Comparator = reader.UInt64();
        Period = reader.UInt64();
        Message = reader.UInt64();
        CheckedTick = reader.UInt64();
        EarliestMatch = reader.UInt64();
        Stale = reader.UInt64();
        IsStale = reader.Bool();
        Status = reader.Bool();
        Latched = reader.Bool();
        reader.Event(Expiry);
    }
}

/// <summary>Bits of TnCONF (IA-PC HPET 1.0a, 2.3.8).</summary>
internal static class TimerConfig
{
    public const ulong Level = 1 << 1;
    public const ulong InterruptEnable = 1 << 2;
    public const ulong Periodic = 1 << 3;
    public const ulong PeriodicCapable = 1 << 4;
    public const ulong SizeCapable = 1 << 5;
    public const ulong ValueSet = 1 << 6;
    public const ulong Mode32 = 1 << 8;
    public const int RouteShift = 9;
    public const ulong MessageEnable = 1 << 14;
    public const ulong MessageCapable = 1 << 15;
    public const ulong WritableAlways = Level | InterruptEnable | (0x1FUL << RouteShift);
}
