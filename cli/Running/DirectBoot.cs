using CoSim.Cli.Options;
using CoSim.Cli.Terminal;
using CoSim.Hw.Zen2Core.Privileged;
using CoSim.Os.Loader;

namespace CoSim.Cli.Running;

/// <summary>Starts programs on a machine without a firmware of the guest: the host does what firmware and boot loader would have done.</summary>
internal static class DirectBoot
{
    /// <summary>A machine whose flash has no more than what a processor needs that is sent to the reset vector.</summary>
    public static MachineSpec SpecOf(MachineChoice choice) => SpecOf(choice, again: null);

    /// <summary>The same, with a program that the reset vector starts again.</summary>
    /// <param name="choice">The machine.</param>
    /// <param name="again">The program; null when a processor at the reset vector has the machine reset.</param>
    public static MachineSpec SpecOf(MachineChoice choice, DirectImage? again) => new()
    {
        Model = choice.Model,
        Cores = choice.Cores,
        MemoryBytes = choice.MemoryBytes,
        Flash = FlashImage.Build(ResetFirmware.Build(again), []),
        Seed = choice.Seed,
        Engine = choice.Engine,
    };

    /// <summary>The memory of a machine, as a loader sees it.</summary>
    public static MemoryLayout LayoutOf(MachineChoice choice)
    {
        ulong low = Math.Min(choice.MemoryBytes, MemoryMap.LowRamLimit);
        return new MemoryLayout(low, MemoryMap.FourGibibytes + choice.MemoryBytes - low);
    }

    /// <summary>A run that starts at a program's first instruction.</summary>
    /// <param name="choice">The machine.</param>
    /// <param name="layout">Its memory.</param>
    /// <param name="image">What is loaded, and how it is entered.</param>
    /// <param name="output">Its console's output.</param>
    /// <param name="input">Its console's input.</param>
    public static GuestRun Run(MachineChoice choice, MemoryLayout layout, DirectImage image, ConsoleOutput output, ConsoleInput? input)
    {
        GuestRun run = new(SpecOf(choice), DetailedEngines.Plain(choice.Model, choice.Cores), output, input);
        Start(run.Machine, layout, image);
        return run;
    }

    /// <summary>Brings a machine that has just been built to the program's first instruction.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="layout">Its memory.</param>
    /// <param name="image">What is loaded, and how it is entered.</param>
    public static void Start(Machine machine, MemoryLayout layout, DirectImage image)
    {
        uint ioApicId = machine.PreparePlatform();
        foreach (MemoryPiece piece in PlatformTables.Build(layout, machine.Spec.Cores, ioApicId, PowerOf(machine)))
            machine.Load(piece.Address, piece.Bytes.Span);
        MemoryPiece firmware = ResetFirmware.LowCopy(machine.Spec.Flash);
        machine.Load(firmware.Address, firmware.Bytes.Span);
        foreach (MemoryPiece piece in image.Pieces)
            machine.Load(piece.Address, piece.Bytes.Span);
        EntryState entry = image.Entry;
        machine.Enter(new DirectEntry
        {
            LongMode = entry.LongMode,
            Rip = entry.Address,
            Rax = entry.Rax,
            Rbx = entry.Rbx,
            Rsi = entry.Rsi,
            PageMap = entry.PageMap,
            DescriptorTable = entry.Flat.Address,
            DescriptorTableLength = FlatDescriptors.Length,
            CodeSelector = entry.Flat.CodeSelector,
            DataSelector = entry.Flat.DataSelector,
        });
    }

    private static ProcessorPower PowerOf(Machine machine)
    {
        const int definitions = 8;
        ulong[] states = [.. Enumerable.Range(0, definitions).Select(n => machine.ReadMsr(0, MsrNumbers.PState0 + (uint)n))];
        return new((ushort)machine.ReadMsr(0, MsrNumbers.CStateBaseAddress), states);
    }
}
