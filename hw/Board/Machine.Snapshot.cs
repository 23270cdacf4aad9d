using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <content>Snapshots: everything that can change, at an instruction boundary.</content>
public sealed partial class Machine
{
    private const ulong SnapshotMagic = 0x0003_5041_4E53_4F43;

    /// <summary>Writes the whole machine. The machine must not be running.</summary>
    public byte[] Save()
    {
        SwitchAsRequested();
        foreach (MachineCore core in Cores)
        {
            core.Engine.Quiesce();
        }

        StateWriter writer = new();
        writer.UInt64(SnapshotMagic);
        writer.Text(Identity);
        WriteState(writer, _stateful, null);
        return writer.ToArray();
    }

    /// <param name="writer">Where to.</param>
    /// <param name="components">What, besides the cores' engines.</param>
    /// <param name="inFlight">For all that is in flight, gets the blocks that it comes from; null when nothing is.</param>
    private void WriteState(StateWriter writer, IEnumerable<IStateful> components, List<Block>? inFlight)
    {
        foreach (IStateful component in components)
        {
            writer.Section(component);
        }

        foreach (MachineCore core in Cores)
        {
            writer.UInt64(core.Cycle);
            writer.Byte((byte)core.Kind);
            if (core.Kind == EngineKind.Functional)
            {
                Write(writer, core.Functional.Anchored);
            }

            writer.Bool(core.Detailed is not null);
            if (core.Detailed is { } detailed)
            {
                if (inFlight is not null && core.Kind == EngineKind.Detailed)
                    detailed.SaveInFlight(writer, inFlight);
                else
                    writer.Section(detailed);
            }
        }

        SaveFaults(writer);
        writer.Time(_nextInputPoll);
        writer.Int32(Resets);
        writer.Bool(_sleepRequested);
        writer.Bool(_wakeRequested);
    }

    /// <summary>Brings a machine of the same specification to a saved state.</summary>
    /// <exception cref="SnapshotException">The snapshot is damaged, or of another machine. The machine must then be thrown away.</exception>
    public void Restore(ReadOnlyMemory<byte> snapshot)
    {
        StateReader reader = new(snapshot, Events);
        if (reader.UInt64() != SnapshotMagic)
        {
            throw reader.Wrong("this is not a machine snapshot of this version");
        }

        string identity = reader.Text();
        if (identity != Identity)
        {
            throw reader.Wrong($"the snapshot is of '{identity}', this machine is '{Identity}'");
        }

        ReadState(reader, _stateful, null);
        if (!reader.AtEnd)
        {
            throw reader.Wrong("the file goes on where the snapshot ends");
        }
    }

    private void ReadState(StateReader reader, IEnumerable<IStateful> components, List<Block>? inFlight)
    {
        foreach (IStateful component in components)
        {
            reader.Section(component);
        }

        foreach (MachineCore core in Cores)
        {
            ulong cycle = reader.UInt64();
            EngineKind kind = (EngineKind)reader.Byte();
            if (kind > EngineKind.Detailed)
            {
                throw reader.Wrong($"{kind} is not an engine");
            }

            core.Use(kind, cycle);
            if (kind == EngineKind.Functional)
            {
                core.Functional.Anchored = ReadAnchor(reader);
            }

            if (reader.Bool())
            {
                if (inFlight is not null && kind == EngineKind.Detailed)
                    core.MakeDetailed().RestoreInFlight(reader, inFlight);
                else
                    reader.Section(core.MakeDetailed());
            }
        }

        RestoreFaults(reader);
        _nextInputPoll = reader.Time();
        Resets = reader.Int32();
        _sleepRequested = reader.Bool();
        _wakeRequested = reader.Bool();
    }

    private static void Write(StateWriter writer, EngineAnchor anchor)
    {
        writer.UInt64(anchor.Cycle);
        writer.UInt64(anchor.Executed);
        writer.UInt64(anchor.Stall);
        writer.UInt32(anchor.Rate.Instructions);
        writer.UInt32(anchor.Rate.Cycles);
    }

    private static EngineAnchor ReadAnchor(StateReader reader)
    {
        EngineAnchor anchor = new(reader.UInt64(), reader.UInt64(), reader.UInt64(), new FunctionalRate(reader.UInt32(), reader.UInt32()));
        return anchor.Rate is { Instructions: > 0, Cycles: > 0 } ? anchor : throw reader.Wrong($"{anchor.Rate} is no rate");
    }

    private string Identity => $"EPYC {Spec.Model.Name}, {Spec.Cores} cores, {Spec.MemoryBytes >> 20} MiB, seed {Spec.Seed}";

    private void CollectState()
    {
        // The queue first: it empties itself, and every component puts its own events back. Then the clocks, which say what time a tick is.
        _stateful.AddRange([
            Events, Clocks.Refclk, Clocks.FchCrystal, Clocks.Rtc, Memory, Fabric, IoApic, Hpet, Pic, Pit, Rtc, PowerManagement, FchPowerManagement, Console, Pci, ResetPorts, Post, _apm, _numericErrors,
            _timerRouting, _timeline, _interruptFaults,
        ]);
        foreach (MachineCore core in Cores)
        {
            _stateful.Add(core.Apic);
            _stateful.Add(core.Context);
        }
    }
}
