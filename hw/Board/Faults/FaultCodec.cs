using CoSim.Hw.Apic;
using CoSim.Hw.Simulation;

namespace CoSim.Hw.Board;

/// <summary>Faults and quirks as bytes, for checkpoints.</summary>
internal static class FaultCodec
{
    private const byte TimeTrigger = 0, InstructionTrigger = 1, EventTrigger = 2;

    /// <summary>Writes a list of faults.</summary>
    public static void Write(StateWriter writer, IReadOnlyList<Fault> faults)
    {
        writer.Int32(faults.Count);
        foreach (Fault fault in faults)
        {
            writer.Text(fault.Name);
            writer.UInt32(fault.When.Times);
            WriteTrigger(writer, fault.When);
            WriteAction(writer, fault.What);
        }
    }

    /// <summary>Reads a list of faults.</summary>
    /// <exception cref="SnapshotException">It is damaged.</exception>
    public static IReadOnlyList<Fault> ReadFaults(StateReader reader)
    {
        int count = reader.Int32();
        List<Fault> faults = [];
        for (int i = 0; i < count; i++)
        {
            string name = reader.Text();
            uint times = reader.UInt32();
            faults.Add(new Fault(name, ReadTrigger(reader) with { Times = times }, ReadAction(reader)));
        }

        return faults;
    }

    public static void Write(StateWriter writer, SimDuration duration) => writer.UInt128((UInt128)duration.Femtoseconds);

    public static SimDuration ReadDuration(StateReader reader) => SimDuration.FromFemtoseconds((Int128)reader.UInt128());

    public static void Write(StateWriter writer, InterruptMatch match)
    {
        writer.Int32(match.Apic ?? -1);
        writer.Int32(match.Vector ?? -1);
        writer.Int32(match.Origin is { } origin ? (int)origin : -1);
    }

    public static InterruptMatch ReadMatch(StateReader reader)
    {
        int apic = reader.Int32();
        int vector = reader.Int32();
        int origin = reader.Int32();
        if (vector > byte.MaxValue || origin > (int)InterruptOrigin.LocalInput)
            throw reader.Wrong($"vector {vector} from {origin} cannot be");
        return new InterruptMatch(apic < 0 ? null : apic, vector < 0 ? null : (byte)vector, origin < 0 ? null : (InterruptOrigin)origin);
    }

    private static void WriteTrigger(StateWriter writer, FaultTrigger trigger)
    {
        switch (trigger)
        {
            case AtTime at:
                writer.Byte(TimeTrigger);
                writer.Time(at.Time);
                Write(writer, at.Period);
                break;
            case AtInstruction at:
                writer.Byte(InstructionTrigger);
                writer.Int32(at.Core);
                writer.UInt64(at.Count);
                break;
            case AtEvent at:
                writer.Byte(EventTrigger);
                writer.Byte((byte)at.Kind);
                writer.Text(at.Subject);
                writer.UInt64(at.Occurrence);
                writer.UInt64(at.Every);
                Write(writer, at.Delay);
                break;
        }
    }

    private static FaultTrigger ReadTrigger(StateReader reader)
    {
        byte kind = reader.Byte();
        return kind switch
        {
            TimeTrigger => new AtTime(reader.Time()) { Period = ReadDuration(reader) },
            InstructionTrigger => new AtInstruction(reader.Int32(), reader.UInt64()),
            EventTrigger => new AtEvent(ReadKind(reader), reader.Text(), reader.UInt64()) { Every = reader.UInt64(), Delay = ReadDuration(reader) },
            _ => throw reader.Wrong($"trigger {kind} is not known"),
        };
    }

    private static FaultEventKind ReadKind(StateReader reader)
    {
        FaultEventKind kind = (FaultEventKind)reader.Byte();
        return kind <= FaultEventKind.ConsoleText ? kind : throw reader.Wrong($"event {(int)kind} is not known");
    }

    private static void WriteAction(StateWriter writer, FaultAction action)
    {
        switch (action)
        {
            case SystemManagementInterrupt { ByFirmware: true } smi:
                writer.Byte(11);
                Write(writer, smi.Length);
                break;
            case SystemManagementInterrupt smi:
                writer.Byte(0);
                Write(writer, smi.Length);
                writer.Byte((byte)smi.Tsc);
                writer.Int32(smi.TscCore);
                break;
            case StopCores stop:
                writer.Byte(1);
                writer.Int32(stop.Core ?? -1);
                Write(writer, stop.Length);
                break;
            case WriteTsc write:
                writer.Byte(2);
                writer.Int32(write.Core ?? -1);
                writer.UInt64(write.Value);
                break;
            case MoveTsc move:
                writer.Byte(3);
                writer.Int32(move.Core ?? -1);
                writer.Int64(move.Ticks);
                break;
            case SetReadLatency latency:
                writer.Byte(4);
                writer.Text(latency.Device);
                Write(writer, latency.Read);
                break;
            case LoseInterrupts lose:
                writer.Byte(5);
                Write(writer, lose.Match);
                writer.UInt32(lose.Count);
                break;
            case DelayInterrupts delay:
                writer.Byte(6);
                Write(writer, delay.Match);
                writer.UInt32(delay.Count);
                Write(writer, delay.Delay);
                break;
            case DriftOscillator drift:
                writer.Byte(7);
                writer.Byte((byte)drift.Oscillator);
                writer.Int32(drift.PartsPerBillion);
                break;
            case FailIdleExit fail:
                writer.Byte(8);
                writer.Int32(fail.Core);
                break;
            case StickHpet:
                writer.Byte(9);
                break;
            case EnterDeepIdle idle:
                writer.Byte(12);
                writer.Int32(idle.Core);
                Write(writer, idle.Exit);
                writer.UInt32(idle.Count);
                break;
            case MigrateMachine move:
                writer.Byte(13);
                Write(writer, move.Downtime);
                writer.Bool(move.TscResumes);
                writer.Int32(move.RefclkError);
                writer.Int32(move.FchError);
                break;
            case JitterCores jitter:
                writer.Byte(10);
                Write(writer, jitter.Most);
                writer.UInt64(jitter.Seed);
                break;
        }
    }

    private static FaultAction ReadAction(StateReader reader)
    {
        byte kind = reader.Byte();
        return kind switch
        {
            0 => new SystemManagementInterrupt(ReadDuration(reader)) { Tsc = ReadHandling(reader), TscCore = reader.Int32() },
            1 => new StopCores(Optional(reader.Int32()), ReadDuration(reader)),
            2 => new WriteTsc(Optional(reader.Int32()), reader.UInt64()),
            3 => new MoveTsc(Optional(reader.Int32()), reader.Int64()),
            4 => new SetReadLatency(reader.Text(), ReadDuration(reader)),
            5 => new LoseInterrupts(ReadMatch(reader), reader.UInt32()),
            6 => new DelayInterrupts(ReadMatch(reader), reader.UInt32(), ReadDuration(reader)),
            7 => new DriftOscillator(ReadOscillator(reader), reader.Int32()),
            8 => new FailIdleExit(reader.Int32()),
            9 => new StickHpet(),
            13 => new MigrateMachine(ReadDuration(reader)) { TscResumes = reader.Bool(), RefclkError = reader.Int32(), FchError = reader.Int32() },
            12 => new EnterDeepIdle(reader.Int32(), ReadDuration(reader), reader.UInt32()),
            11 => new SystemManagementInterrupt(ReadDuration(reader)) { ByFirmware = true },
            10 => new JitterCores(ReadDuration(reader), reader.UInt64()),
            _ => throw reader.Wrong($"fault action {kind} is not known"),
        };
    }

    private static TscHandling ReadHandling(StateReader reader)
    {
        TscHandling handling = (TscHandling)reader.Byte();
        return handling <= TscHandling.RestoreOne ? handling : throw reader.Wrong($"TSC handling {(int)handling} is not known");
    }

    private static Oscillator ReadOscillator(StateReader reader)
    {
        Oscillator oscillator = (Oscillator)reader.Byte();
        return oscillator <= Oscillator.Rtc ? oscillator : throw reader.Wrong($"oscillator {(int)oscillator} is not known");
    }

    private static int? Optional(int value) => value < 0 ? null : value;
}
