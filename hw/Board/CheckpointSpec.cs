using System.Numerics;
using CoSim.Hw.Simulation;
using CoSim.Hw.Zen2Core.Functional;

namespace CoSim.Hw.Board;

/// <summary>A <see cref="MachineSpec"/> without its flash, as bytes.</summary>
internal static class CheckpointSpec
{
    private const ulong MinimumMemory = 32UL << 20;
    private const ulong MaximumMemory = 1UL << 40;
    private const ulong MemoryUnit = 1UL << 20;
    private const int MinimumFlash = 16 << 20;

    /// <summary>Writes everything but the flash.</summary>
    public static byte[] Write(MachineSpec spec)
    {
        StateWriter writer = new();
        writer.Text(spec.Model.Name);
        writer.Int32(spec.Cores);
        writer.UInt64(spec.MemoryBytes);
        writer.UInt64(spec.Seed);
        writer.Byte((byte)spec.Engine);
        writer.Int32(spec.Oscillators.Refclk);
        writer.Int32(spec.Oscillators.Fch);
        writer.Int32(spec.Oscillators.Rtc);
        writer.Int64(spec.RtcUnixSeconds);
        writer.UInt32(spec.FunctionalRate.Instructions);
        writer.UInt32(spec.FunctionalRate.Cycles);
        writer.Int32(spec.TscOffsets.Count);
        foreach (long offset in spec.TscOffsets)
        {
            writer.Int64(offset);
        }

        writer.Byte((byte)spec.Devices);
        writer.Byte((byte)spec.Board);
        writer.Int32(spec.ConfigurationFiles.Count);
        foreach (FlashFile file in spec.ConfigurationFiles)
        {
            writer.Text(file.Name);
            writer.Block(file.Contents.Span);
        }

        QuirkCodec.Write(writer, spec.Quirks);
        FaultCodec.Write(writer, spec.Faults);
        return writer.ToArray();
    }

    /// <summary>Reads what <see cref="Write"/> wrote, and checks that such a machine can be built.</summary>
    /// <exception cref="SnapshotException">It cannot.</exception>
    public static MachineSpec Read(ReadOnlyMemory<byte> bytes, ReadOnlyMemory<byte> flash)
    {
        StateReader reader = new(bytes, new EventQueue());
        string name = reader.Text();
        MachineSpec spec = new()
        {
            Model = EpycModel.Find(name) ?? throw reader.Wrong($"no such EPYC 7002 model: '{name}'"),
            Cores = reader.Int32(),
            MemoryBytes = reader.UInt64(),
            Flash = flash,
            Seed = reader.UInt64(),
            Engine = (EngineKind)reader.Byte(),
            Oscillators = new OscillatorErrors(reader.Int32(), reader.Int32(), reader.Int32()),
            RtcUnixSeconds = reader.Int64(),
            FunctionalRate = new FunctionalRate(reader.UInt32(), reader.UInt32()),
        };
        int offsets = reader.Int32();
        if (spec.Cores is < 1 or > Machine.MaxCores || offsets < 0 || offsets > Machine.MaxCores || spec.Engine > EngineKind.Detailed)
        {
            throw reader.Wrong($"a machine of {spec.Cores} cores with {offsets} TSC offsets on engine {(int)spec.Engine} cannot be");
        }

        if (spec.FunctionalRate is { Instructions: < 1 or > Machine.MaxRate } or { Cycles: < 1 or > Machine.MaxRate })
        {
            throw reader.Wrong($"{spec.FunctionalRate.Instructions} instructions in {spec.FunctionalRate.Cycles} cycles cannot be");
        }

        if (spec.MemoryBytes is < MinimumMemory or > MaximumMemory || spec.MemoryBytes % MemoryUnit != 0)
        {
            throw reader.Wrong($"a memory of {spec.MemoryBytes} bytes cannot be");
        }

        if (flash.Length < MinimumFlash || !BitOperations.IsPow2(flash.Length))
        {
            throw reader.Wrong($"a flash of {flash.Length} bytes cannot be");
        }

        long[] list = new long[offsets];
        for (int i = 0; i < offsets; i++)
        {
            list[i] = reader.Int64();
        }

        spec = spec with { TscOffsets = list, Devices = (EmulatorDevices)reader.Byte(), Board = (BoardKind)reader.Byte() };
        if (spec.Board > BoardKind.I440Fx)
        {
            throw reader.Wrong($"board {(int)spec.Board} is not known");
        }

        int count = reader.Int32();
        List<FlashFile> files = [];
        for (int i = 0; i < count; i++)
        {
            files.Add(new FlashFile(reader.Text(), reader.Block().ToArray()));
        }

        spec = spec with { ConfigurationFiles = files, Quirks = QuirkCodec.Read(reader), Faults = FaultCodec.ReadFaults(reader) };
        if (FaultCheck.Problem(spec.Faults, spec.Cores) is { } problem)
        {
            throw reader.Wrong(problem);
        }

        return reader.AtEnd ? spec : throw reader.Wrong("the machine's description is too long");
    }
}
