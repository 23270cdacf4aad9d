using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary><see cref="MachineQuirks"/> as bytes, for checkpoints.</summary>
internal static class QuirkCodec
{
    /// <summary>Writes quirks.</summary>
    public static void Write(StateWriter writer, MachineQuirks quirks)
    {
        writer.UInt64(quirks.ReferenceUptime);
        writer.Int32(quirks.RefclkSpread);
        writer.Int32(quirks.TimerPin);
        writer.Bool(quirks.TimerPinActiveLow);
        writer.Bool(quirks.PicWired);
        HpetQuirks hpet = quirks.Hpet;
        writer.UInt64(hpet.BaseAddress);
        writer.Bool(hpet.Absent);
        writer.Bool(hpet.CounterStuck);
        writer.UInt32(hpet.PeriodFemtoseconds);
        writer.Bool(hpet.PeriodZero);
        writer.UInt64(hpet.UnknownConfiguration);
        writer.Int64(hpet.ComparatorLatchTicks is { } ticks ? ticks : -1);
        writer.Bool(hpet.StaleReadBack);
        Write(writer, hpet.ReadLatency);
        writer.UInt64(hpet.InitialCounter);
        PowerTimerQuirks timer = quirks.PowerTimer;
        writer.Bool(timer.Stuck);
        writer.Bool(timer.Unlatched);
        writer.UInt32(timer.RateMultiply);
        writer.UInt32(timer.RateDivide);
        writer.UInt32(timer.InitialCount);
        Write(writer, timer.ReadLatency);
    }

    /// <summary>Reads quirks.</summary>
    /// <exception cref="SnapshotException">They are damaged, or no such machine can be.</exception>
    public static MachineQuirks Read(StateReader reader)
    {
        MachineQuirks quirks = new()
        {
            ReferenceUptime = reader.UInt64(),
            RefclkSpread = reader.Int32(),
            TimerPin = reader.Int32(),
            TimerPinActiveLow = reader.Bool(),
            PicWired = reader.Bool(),
            Hpet = new HpetQuirks
            {
                BaseAddress = reader.UInt64(),
                Absent = reader.Bool(),
                CounterStuck = reader.Bool(),
                PeriodFemtoseconds = reader.UInt32(),
                PeriodZero = reader.Bool(),
                UnknownConfiguration = reader.UInt64(),
                ComparatorLatchTicks = reader.Int64() is >= 0 and long ticks ? (uint)ticks : null,
                StaleReadBack = reader.Bool(),
                ReadLatency = ReadLatency(reader),
                InitialCounter = reader.UInt64(),
            },
            PowerTimer = new PowerTimerQuirks
            {
                Stuck = reader.Bool(),
                Unlatched = reader.Bool(),
                RateMultiply = reader.UInt32(),
                RateDivide = reader.UInt32(),
                InitialCount = reader.UInt32(),
                ReadLatency = ReadLatency(reader),
            },
        };
        return FaultCheck.Problem(quirks) is { } problem ? throw reader.Wrong(problem) : quirks;
    }

    private static void Write(StateWriter writer, SimDuration? latency)
    {
        writer.Bool(latency is not null);
        FaultCodec.Write(writer, latency ?? SimDuration.Zero);
    }

    private static SimDuration? ReadLatency(StateReader reader)
    {
        bool present = reader.Bool();
        SimDuration latency = FaultCodec.ReadDuration(reader);
        return present ? latency : null;
    }
}
